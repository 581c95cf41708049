package dev.lectern.pipeline.run;

import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.conf.JobConf;
import dev.lectern.pipeline.pack.PackReport;
import dev.lectern.pipeline.pack.TokenAccount;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What is known of a run so far; a report can be made of it at any time, also after a failure or from the hook that
/// runs when the process is told to end. Thread-safe.
final class RunProgress {
    private static final DateTimeFormatter ID_TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final String BUILD = "/dev/lectern/pipeline/cli/build.properties";

    private final String runId;
    private final JobConf conf;
    private final Instant startedAt;
    private final Map<String, Long> stageMillis = new LinkedHashMap<>();
    private RunReport.Documents documents = RunReport.Documents.NONE;
    private @Nullable PackReport packed;
    private RunStages.@Nullable Inferred inferred;
    private @Nullable Long executorPeakBytes;

    RunProgress(JobConf conf, Instant startedAt) {
        this.conf = conf;
        this.startedAt = startedAt;
        this.runId =
                ID_TIME.format(startedAt) + "-" + UUID.randomUUID().toString().substring(0, 8);
    }

    String runId() {
        return runId;
    }

    /// What is left of the wall-clock limit, in milliseconds: at most 0 when it is over; empty without a limit.
    OptionalLong millisLeft() {
        long limit = conf.limits().wallClockMillis();
        return limit == 0
                ? OptionalLong.empty()
                : OptionalLong.of(
                        limit - Duration.between(startedAt, Instant.now()).toMillis());
    }

    /// Runs a stage and notes its time, also when it fails.
    <T> T timed(String stage, Supplier<T> work) {
        long start = System.nanoTime();
        try {
            return work.get();
        } finally {
            synchronized (this) {
                stageMillis.put(stage, (System.nanoTime() - start) / 1_000_000);
            }
        }
    }

    synchronized void ingested(RunReport.Documents report) {
        documents = report;
    }

    synchronized void packed(PackReport report) {
        packed = report;
    }

    synchronized void inferred(RunStages.Inferred report) {
        inferred = report;
    }

    synchronized void executorPeakBytes(long bytes) {
        executorPeakBytes = bytes;
    }

    /// @param message null for a run that succeeded
    synchronized RunReport report(ExitCode exitCode, @Nullable String message) {
        PackReport pack = packed;
        RunStages.Inferred infer = inferred;
        List<String> notes = new ArrayList<>();
        if (pack != null) {
            notes.addAll(pack.notes());
        }
        if (infer != null) {
            notes.addAll(infer.notes());
        }
        return new RunReport(
                runId,
                conf.name(),
                version(),
                startedAt,
                Instant.now(),
                switch (exitCode) {
                    case OK -> "SUCCEEDED";
                    case STOPPED -> "STOPPED";
                    case USAGE, INPUT, ENGINE, QUALITY -> "FAILED";
                },
                exitCode,
                message,
                pack == null ? documents : withRejects(documents, pack.rejectsByCode()),
                pack == null ? TokenAccount.EMPTY : pack.account(),
                infer == null ? RunReport.Work.NONE : infer.work(),
                infer == null ? RunReport.Results.NONE : infer.results(),
                new RunReport.Identity(
                        pack == null ? null : pack.modelFingerprint(),
                        pack == null ? null : pack.tokenizerFingerprint(),
                        pack == null ? null : pack.recipeFingerprint(),
                        infer == null ? null : infer.backend(),
                        infer == null ? null : infer.threads()),
                stageMillis,
                peakBytes(),
                Runtime.getRuntime().maxMemory(),
                notes,
                conf);
    }

    private static RunReport.Documents withRejects(RunReport.Documents documents, Map<String, Long> more) {
        Map<String, Long> codes = new HashMap<>(documents.rejectsByCode());
        more.forEach((code, count) -> codes.merge(code, count, Long::sum));
        return new RunReport.Documents(documents.files(), documents.documents(), codes);
    }

    private @Nullable Long peakBytes() {
        long own = ProcessMemory.peakBytes().orElse(0);
        long most = Math.max(own, executorPeakBytes == null ? 0 : executorPeakBytes);
        return most == 0 ? null : most;
    }

    private static String version() {
        Properties build = new Properties();
        try (InputStream in = RunProgress.class.getResourceAsStream(BUILD)) {
            if (in != null) {
                build.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return build.getProperty("version", "unknown");
    }
}
