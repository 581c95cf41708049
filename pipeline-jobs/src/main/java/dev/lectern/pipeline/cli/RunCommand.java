package dev.lectern.pipeline.cli;

import dev.lectern.pipeline.conf.JobConf;
import dev.lectern.pipeline.run.RunJob;
import dev.lectern.pipeline.run.RunReport;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

@Command(
        name = "run",
        description = {
            "Reads the documents, packs them into contexts and answers the questions: ingest, pack and infer in one application.",
            "Killed anywhere, the same command finishes the rest."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example: bin/lectern run conf/demo/job.yaml --set output.path=/tmp/out"})
final class RunCommand extends JobCommand {
    @Override
    Outcome run(SparkSession spark, JobConf conf, ProgressLine progress) {
        RunReport report = RunJob.run(spark, conf, new InferProgressText(progress));
        return new Outcome(report.exitCode(), ReportText.of(report));
    }
}
