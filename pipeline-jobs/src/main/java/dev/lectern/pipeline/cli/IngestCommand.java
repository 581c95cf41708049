package dev.lectern.pipeline.cli;

import dev.lectern.pipeline.conf.JobConf;
import dev.lectern.pipeline.ingest.IngestJob;
import dev.lectern.pipeline.ingest.IngestSummary;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

@Command(
        name = "ingest",
        description =
                "Reads files into the table documents; those that cannot be read go to rejects, each with a code.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example: bin/lectern ingest job.yaml"})
final class IngestCommand extends JobCommand {
    @Override
    Outcome run(SparkSession spark, JobConf conf, ProgressLine progress) {
        progress.step("reading files …");
        IngestSummary summary = IngestJob.run(spark, conf);
        return Outcome.ok(Sizes.count(summary.documents()) + " documents, " + Sizes.count(summary.rejects())
                + " rejects "
                + (summary.rejects() == 0 ? "" : summary.rejectsByCode() + " ") + "of " + Sizes.count(summary.files())
                + " files (" + Sizes.bytes(summary.bytes()) + ", " + Sizes.count(summary.chars()) + " characters) in "
                + Sizes.duration(summary.millis()));
    }
}
