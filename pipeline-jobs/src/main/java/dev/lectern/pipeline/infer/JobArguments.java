package dev.lectern.pipeline.infer;

import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import dev.lectern.pipeline.conf.JobConf;
import dev.lectern.pipeline.conf.JobConfReader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The arguments of a job under spark-submit: `JOB.yaml [--set key=value]…`.
final class JobArguments {
    private JobArguments() {}

    /// @throws JobException (USAGE) when they are others, or the job file is wrong
    static JobConf read(String[] args) {
        @Nullable String jobFile = null;
        List<String> overrides = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("--set") && i + 1 < args.length) {
                overrides.add(args[++i]);
            } else if (jobFile == null && !args[i].startsWith("--")) {
                jobFile = args[i];
            } else {
                throw usage("argument '" + args[i] + "' is not expected");
            }
        }
        if (jobFile == null) {
            throw usage("no job file");
        }
        return JobConfReader.read(jobFile, overrides);
    }

    private static JobException usage(String problem) {
        return new JobException(ExitCode.USAGE, problem + "; expected JOB.yaml [--set key=value]…");
    }
}
