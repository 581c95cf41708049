package dev.lectern.pipeline.cli;

import dev.lectern.pipeline.conf.JobConf;
import dev.lectern.pipeline.conf.JobConfReader;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// A job file, what overrides it, and where Spark runs it.
final class JobOptions {
    @Parameters(paramLabel = "JOB.yaml", description = "The job file; conf/job.yaml explains every key.")
    private String jobFile;

    @Option(
            names = "--set",
            paramLabel = "K=V",
            description = "Replace a value of the job file, for example context.maxTokens=8192. Can be repeated.")
    private List<String> overrides = new ArrayList<>();

    @Mixin
    private SparkOptions spark;

    /// @throws dev.lectern.pipeline.JobException (USAGE) naming every mistake
    JobConf conf() {
        return JobConfReader.read(jobFile, overrides);
    }

    SparkOptions spark() {
        return spark;
    }
}
