package dev.lectern.pipeline.run;

import dev.lectern.pipeline.conf.JobConf;
import dev.lectern.pipeline.pack.PackReport;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/// The jobs that a run chains, each with what it has to tell.
interface RunStages {
    RunReport.Documents ingest(SparkSession spark, JobConf conf);

    PackReport pack(SparkSession spark, JobConf conf);

    /// @param conf whose limits are what the stages before have left of them
    Inferred infer(SparkSession spark, JobConf conf, String runId);

    /// @param backend that ran the model; null where executors ran it
    /// @param notes   what the user should know, each in a sentence
    record Inferred(
            RunReport.Work work,
            RunReport.Results results,
            @Nullable String backend,
            @Nullable Integer threads,
            List<String> notes) {
        public Inferred {
            notes = List.copyOf(notes);
        }
    }
}
