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

    /// Runs the job.
    ///
    /// @return a line or more about what was done
    abstract String run(SparkSession spark, JobConf conf);

    @Override
    public final Integer call() {
        JobConf conf = options.conf();
        String summary;
        try (ProgressLine line = ProgressLine.toConsole()) {
            line.step("starting Spark …");
            SparkSession spark = EmbeddedSpark.open(conf.name(), options.spark());
            try (SparkProgress _ = SparkProgress.follow(spark, line)) {
                summary = run(spark, conf);
            } finally {
                spark.stop();
            }
        }
        spec.commandLine().getOut().println(summary);
        spec.commandLine().getOut().flush();
        return ExitCode.OK.code();
    }
}
