package dev.lectern.pipeline.cli;

import dev.lectern.pipeline.conf.JobConf;
import dev.lectern.pipeline.pack.PackJob;
import dev.lectern.pipeline.pack.PackReport;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

@Command(
        name = "pack",
        description =
                "Packs documents into contexts of at most context.maxTokens tokens, with an account of every token.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example: bin/lectern pack job.yaml --set context.grouping=packed"})
final class PackCommand extends JobCommand {
    @Override
    Outcome run(SparkSession spark, JobConf conf, ProgressLine progress) {
        progress.step("packing …");
        PackReport report = PackJob.run(spark, conf);
        StringBuilder text = new StringBuilder(AccountText.of(report.account()));
        report.notes().forEach(note -> text.append('\n').append(note));
        return Outcome.ok(text.toString());
    }
}
