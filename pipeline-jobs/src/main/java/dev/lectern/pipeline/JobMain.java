package dev.lectern.pipeline;

import dev.lectern.pipeline.conf.JobConf;
import dev.lectern.pipeline.conf.JobConfReader;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the `main` of every job does: arguments, session, exit code. For spark-submit; the command line has its own.
public final class JobMain {
    private static final Logger LOG = LoggerFactory.getLogger(JobMain.class);

    private JobMain() {}

    /// A job's work; what it returns is of no use here.
    @FunctionalInterface
    public interface Work {
        Object run(SparkSession spark, JobConf conf) throws Exception;
    }

    /// Runs a job with the arguments `JOB.yaml [--set key=value]…` and ends the process when it fails.
    public static void run(String job, String[] args, Work work) {
        ExitCode exit = execute(job, args, work);
        if (exit != ExitCode.OK) {
            // After success spark-submit ends the process itself.
            System.exit(exit.code());
        }
    }

    private static ExitCode execute(String job, String[] args, Work work) {
        try {
            Arguments arguments = Arguments.parse(job, args);
            JobConf conf = JobConfReader.read(arguments.jobFile(), arguments.overrides());
            try (SparkSession spark = LecternSession.open(job + " " + conf.name())) {
                work.run(spark, conf);
                return ExitCode.OK;
            }
        } catch (Exception e) {
            // A failure within a Spark task arrives wrapped.
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof JobException told) {
                    LOG.error("{}: {}", job, told.getMessage());
                    return told.exitCode();
                }
            }
            LOG.error("{} failed", job, e);
            return ExitCode.ENGINE;
        }
    }

    record Arguments(String jobFile, List<String> overrides) {
        static Arguments parse(String job, String[] args) {
            List<String> files = new ArrayList<>();
            List<String> overrides = new ArrayList<>();
            for (int i = 0; i < args.length; i++) {
                if (args[i].equals("--set") && i + 1 < args.length) {
                    overrides.add(args[++i]);
                } else if (args[i].startsWith("--set=")) {
                    overrides.add(args[i].substring("--set=".length()));
                } else {
                    files.add(args[i]);
                }
            }
            if (files.size() != 1 || files.getFirst().startsWith("-")) {
                throw new JobException(
                        ExitCode.USAGE, "usage: " + job + " JOB.yaml [--set key=value]…; found " + List.of(args));
            }
            return new Arguments(files.getFirst(), overrides);
        }
    }
}
