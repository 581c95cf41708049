package dev.lectern.pipeline.cli;

import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.conf.JobConf;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// A command that runs one of the jobs on a Spark of its own.
abstract class JobCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private VerboseOption verbose;

    @Mixin
    private JobOptions options;

    /// How a job ended.
    ///
    /// @param summary a line or more about what was done
    record Outcome(ExitCode exitCode, String summary) {
        static Outcome ok(String summary) {
            return new Outcome(ExitCode.OK, summary);
        }
    }

    abstract Outcome run(SparkSession spark, JobConf conf, ProgressLine progress);

    @Override
    public final Integer call() {
        JobConf conf = options.conf();
        Outcome outcome;
        try (ProgressLine progress = ProgressLine.toConsole()) {
            progress.step("starting Spark …");
            SparkSession spark = EmbeddedSpark.open(conf.name(), options.spark());
            try (SparkProgress _ = SparkProgress.follow(spark, progress)) {
                outcome = run(spark, conf, progress);
            } finally {
                spark.stop();
            }
        }
        spec.commandLine().getOut().println(outcome.summary());
        spec.commandLine().getOut().println("tables: " + conf.output().path());
        spec.commandLine().getOut().flush();
        return outcome.exitCode().code();
    }
}
