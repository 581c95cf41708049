package dev.lectern.pipeline.run;

import dev.lectern.pipeline.conf.JobConf;
import dev.lectern.pipeline.pack.PackReport;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/// The jobs that a run chains, each with what it has to tell.
interface RunStages {
    RunReport.Documents ingest(SparkSession spark, JobConf conf);

    PackReport pack(SparkSession spark, JobConf conf);

    /// @param deadlineMillis since the epoch: what is not begun by then is left for the next run; 0 for never
    Inferred infer(SparkSession spark, JobConf conf, String runId, long deadlineMillis);

    /// @param stopped why the work ended before it was done; null when it is done
    record Inferred(
            RunReport.Work work,
            RunReport.Results results,
            @Nullable String backend,
            @Nullable Integer threads,
            @Nullable String stopped) {}
}
