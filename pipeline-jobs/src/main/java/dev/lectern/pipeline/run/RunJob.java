package dev.lectern.pipeline.run;

import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import dev.lectern.pipeline.JobMain;
import dev.lectern.pipeline.conf.JobConf;
import dev.lectern.pipeline.infer.InferProgress;
import dev.lectern.pipeline.infer.InferSummary;
import dev.lectern.pipeline.pack.PackReport;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The whole pipeline in one application: ingest, pack, infer, and a report however it ends.
///
/// Killed or stopped anywhere, the same run finishes the rest: ingest and pack write the same tables again, which is
/// cheap beside the model's reading, and infer leaves out what has been answered.
public final class RunJob {
    private static final Logger LOG = LoggerFactory.getLogger(RunJob.class);

    private RunJob() {}

    /// For spark-submit: `JOB.yaml [--set key=value]…`.
    public static void main(String[] args) {
        JobMain.run("run", args, RunJob::run);
    }

    /// Runs a job; `run.json` and a row of the runs table tell how it went, also when this throws.
    ///
    /// @throws JobException of the stage that failed; (STOPPED) when a limit was reached and work is left;
    ///                      (QUALITY) when the account does not balance or the validator refuses answers that
    ///                      were held to their schema
    public static RunReport run(SparkSession spark, JobConf conf) {
        return run(spark, conf, InferProgress.NONE);
    }

    /// @param progress told how far inference is
    public static RunReport run(SparkSession spark, JobConf conf, InferProgress progress) {
        return run(spark, conf, new PipelineStages(progress));
    }

    static RunReport run(SparkSession spark, JobConf conf, RunStages stages) {
        RunProgress progress = new RunProgress(conf, Instant.now());
        Configuration hadoop = spark.sessionState().newHadoopConf();
        Thread onExit = new Thread(
                () -> RunRecords.writeJson(
                        progress.report(ExitCode.STOPPED, "the process was told to end; the same command goes on"),
                        hadoop),
                "report-stopped-run");
        Runtime.getRuntime().addShutdownHook(onExit);
        LOG.info(
                "run {} of job {} begins; output {}",
                progress.runId(),
                conf.name(),
                conf.output().path());
        try {
            chain(spark, conf, stages, progress);
        } catch (RuntimeException | Error e) {
            RunFailure failure = RunFailure.of(e);
            LOG.info(
                    "run {} ends with exit code {}",
                    progress.runId(),
                    failure.exitCode().code(),
                    e);
            recordFailed(spark, progress.report(failure.exitCode(), failure.message()), hadoop, onExit, e);
            throw e;
        }
        RunReport report = progress.report(ExitCode.OK, null);
        record(spark, report, hadoop, onExit);
        LOG.info("run {} succeeded", progress.runId());
        return report;
    }

    private static void chain(SparkSession spark, JobConf conf, RunStages stages, RunProgress progress) {
        progress.ingested(progress.timed("ingest", () -> stages.ingest(spark, conf)));
        stopAtDeadline(progress, "ingest");
        PackReport packed = progress.timed("pack", () -> stages.pack(spark, conf));
        progress.packed(packed);
        packed.account().imbalance().ifPresent(imbalance -> {
            throw new JobException(ExitCode.QUALITY, "token account: " + imbalance);
        });
        stopAtDeadline(progress, "pack");
        JobConf rest = withRestOfLimits(conf, progress);
        RunStages.Inferred inferred = progress.timed("infer", () -> stages.infer(spark, rest, progress.runId()));
        progress.inferred(inferred);
        progress.executorPeakBytes(executorPeakBytes(spark));
        if (inferred.results().disagreements() > 0) {
            throw new JobException(
                    ExitCode.QUALITY,
                    InferSummary.disagreement(inferred.results().disagreements()));
        }
        if (inferred.results().left() > 0) {
            throw new JobException(
                    ExitCode.STOPPED,
                    inferred.results().left() + " of " + inferred.results().questions()
                            + " questions are left by limits.tokens or limits.wallClock; the same command goes on");
        }
    }

    /// The wall clock of the run began before that of its last stage; 0 would mean no limit.
    private static JobConf withRestOfLimits(JobConf conf, RunProgress progress) {
        OptionalLong left = progress.millisLeft();
        return new JobConf(
                conf.name(),
                conf.input(),
                conf.model(),
                conf.context(),
                conf.tasks(),
                conf.sampling(),
                new JobConf.Limits(conf.limits().tokens(), left.isPresent() ? Math.max(1, left.getAsLong()) : 0),
                conf.output());
    }

    private static void stopAtDeadline(RunProgress progress, String stage) {
        OptionalLong left = progress.millisLeft();
        if (left.isPresent() && left.getAsLong() <= 0) {
            throw new JobException(
                    ExitCode.STOPPED,
                    "limits.wallClock reached after " + stage + "; the same command with a longer limit goes on");
        }
    }

    private static void record(SparkSession spark, RunReport report, Configuration hadoop, Thread onExit) {
        withdraw(onExit);
        RunRecords.writeJson(report, hadoop);
        RunRecords.append(spark, report);
    }

    /// The failure that ended the run is what the caller gets; one of its report joins it.
    private static void recordFailed(
            SparkSession spark, RunReport report, Configuration hadoop, Thread onExit, Throwable failure) {
        try {
            withdraw(onExit);
            RunRecords.writeJson(report, hadoop);
            if (!spark.sparkContext().isStopped()) {
                RunRecords.append(spark, report);
            }
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    private static void withdraw(Thread onExit) {
        try {
            Runtime.getRuntime().removeShutdownHook(onExit);
        } catch (IllegalStateException e) {
            // The process is ending: the hook writes its own report, of the same run.
            LOG.debug("the process ends while the run's report is written", e);
        }
    }

    /// Most resident memory of an executor; 0 when the only process is this one. Executors that have gone are
    /// not asked.
    private static long executorPeakBytes(SparkSession spark) {
        String master = spark.sparkContext().master();
        if (master.equals("local") || master.startsWith("local[")) {
            return 0;
        }
        int tasks = spark.sparkContext().defaultParallelism() * 2;
        List<Integer> one = IntStream.range(0, tasks).boxed().toList();
        return JavaSparkContext.fromSparkContext(spark.sparkContext())
                .parallelize(one, tasks)
                .map(task -> ProcessMemory.peakBytes().orElse(0))
                .reduce(Math::max);
    }
}
