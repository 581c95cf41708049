package dev.lectern.pipeline.run;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.sum;

import dev.lectern.inference.EngineSpec;
import dev.lectern.inference.ExecutorEngine;
import dev.lectern.pipeline.conf.JobConf;
import dev.lectern.pipeline.infer.InferJob;
import dev.lectern.pipeline.infer.InferProgress;
import dev.lectern.pipeline.infer.InferSummary;
import dev.lectern.pipeline.ingest.IngestJob;
import dev.lectern.pipeline.ingest.IngestSummary;
import dev.lectern.pipeline.pack.PackJob;
import dev.lectern.pipeline.pack.PackReport;
import dev.lectern.pipeline.table.Tables;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/// The jobs themselves.
///
/// @param progress told how far inference is
record PipelineStages(InferProgress progress) implements RunStages {
    @Override
    public RunReport.Documents ingest(SparkSession spark, JobConf conf) {
        IngestSummary summary = IngestJob.run(spark, conf);
        return new RunReport.Documents(summary.files(), summary.documents(), summary.rejectsByCode());
    }

    @Override
    public PackReport pack(SparkSession spark, JobConf conf) {
        return PackJob.run(spark, conf);
    }

    @Override
    public Inferred infer(SparkSession spark, JobConf conf, String runId) {
        InferSummary summary = InferJob.run(spark, conf, runId, progress);
        Map<String, Long> byStatus = new LinkedHashMap<>();
        byStatus.put("OK", summary.ok());
        byStatus.put("INCOMPLETE", summary.incomplete());
        byStatus.put("FAILED", summary.failed());
        long asked = questionInputTokens(spark, conf, runId);
        long read = summary.prefillTokens() + summary.promptTokens();
        RunReport.Work work = new RunReport.Work(
                summary.prefillTokens(),
                summary.promptTokens(),
                Math.max(0, asked - read),
                summary.tokensOut(),
                summary.prefillMillis(),
                summary.decodeMillis(),
                summary.schemaWork(),
                summary.guessedTokens(),
                summary.compileMicros());
        RunReport.Results results = new RunReport.Results(
                summary.questions() + summary.earlier() + summary.left(),
                summary.earlier(),
                summary.left(),
                summary.disagreements(),
                byStatus,
                summary.codes());
        Inferred inferred = new Inferred(work, results, null, null, summary.notes());
        return spark.sparkContext().isLocal() ? withEngine(spark, conf, inferred) : inferred;
    }

    /// What the questions of this run would have cost, had each read its context for itself.
    private static long questionInputTokens(SparkSession spark, JobConf conf, String runId) {
        String out = conf.output().path();
        long tokens = 0;
        for (String task : Tables.partitions(spark, out, "results")) {
            Row row = Tables.read(spark, out, "results", task)
                    .where(col("run_id").equalTo(runId))
                    .agg(sum("tokens_in"))
                    .first();
            tokens += row.isNullAt(0) ? 0 : row.getLong(0);
        }
        return tokens;
    }

    /// In a local run this process has the engine.
    private static Inferred withEngine(SparkSession spark, JobConf conf, Inferred inferred) {
        EngineSpec spec = EngineSpec.of(
                conf.model().path(),
                conf.model().backend(),
                conf.model().threads(),
                conf.model().speculation());
        try (ExecutorEngine.Lease lease =
                ExecutorEngine.acquire(spec, spark.sessionState().newHadoopConf())) {
            return new Inferred(
                    inferred.work(),
                    inferred.results(),
                    lease.engine().backendName(),
                    lease.engine().threads(),
                    inferred.notes());
        }
    }
}
