package dev.lectern.pipeline.cli;

import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/// Where the Spark that this process embeds works.
final class SparkOptions {
    @Option(
            names = "--master",
            defaultValue = "local[*]",
            paramLabel = "URL",
            description =
                    "Spark's master: local[*] (this process, all cores), local-cluster[2,1,2048], spark://host:7077, … (default: ${DEFAULT-VALUE}).")
    private String master;

    @Option(
            names = "--conf",
            paramLabel = "K=V",
            description = "A setting of Spark, for example spark.executor.memory=4g. Can be repeated.")
    private Map<String, String> settings = new LinkedHashMap<>();

    String master() {
        return master;
    }

    /// @throws JobException (USAGE) for a key that is not Spark's
    Map<String, String> settings() {
        for (String key : settings.keySet()) {
            if (!key.startsWith("spark.")) {
                throw new JobException(
                        ExitCode.USAGE,
                        "--conf " + key + ": Spark's settings begin with 'spark.'; a job's own are set with --set");
            }
        }
        return settings;
    }
}
