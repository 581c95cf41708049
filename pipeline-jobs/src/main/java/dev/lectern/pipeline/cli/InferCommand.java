package dev.lectern.pipeline.cli;

import dev.lectern.pipeline.conf.JobConf;
import dev.lectern.pipeline.infer.InferJob;
import dev.lectern.pipeline.infer.InferSummary;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

@Command(
        name = "infer",
        description = {
            "Reads each context once and answers all its questions; results appear as each context ends.",
            "Killed anywhere, the same command finishes the rest."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example: bin/lectern infer job.yaml --set model.threads=4"})
final class InferCommand extends JobCommand {
    @Override
    Outcome run(SparkSession spark, JobConf conf, ProgressLine progress) {
        progress.step("opening the model …");
        InferSummary summary = InferJob.run(spark, conf, InferJob.newRunId(), new InferProgressText(progress));
        return new Outcome(summary.exitCode(), summary.text());
    }
}
