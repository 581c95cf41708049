package dev.lectern.engine.internal.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lectern.engine.EngineException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Runs a fuzz test's cases: each ends well, or in an [EngineException]; anything else fails with the case's seed, as
/// does one that works for more than a second.
///
/// `bin/fuzz` sets the number of cases (`-Dlectern.fuzz.cases`) and the first seed (`-Dlectern.fuzz.seed`); the same
/// seed is the same case. A line with figures goes to `target/fuzz/CLASS.txt`.
public final class Fuzzing implements Runnable {
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(1);
    /// On the clock, while other programs may have the processor: past this a case hangs.
    private static final long HANGS_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final int cases;
    private final long firstSeed;
    private final Case one;
    private volatile long seed;
    private volatile long startedAt = System.nanoTime();
    private volatile @Nullable Throwable failure;
    private long accepted;
    private long slowestNanos;
    private long slowestSeed;

    private Fuzzing(int cases, long firstSeed, Case one) {
        this.cases = cases;
        this.firstSeed = firstSeed;
        this.one = one;
    }

    /// @param few cases of an ordinary test run, some seconds' work
    /// @return share of the cases that ended well
    public static double run(Class<?> test, String what, int few, Case one) throws InterruptedException {
        int cases = Integer.getInteger("lectern.fuzz.cases", few);
        Fuzzing fuzzing = new Fuzzing(cases, Long.getLong("lectern.fuzz.seed", 0), one);
        long start = System.nanoTime();
        Thread worker = new Thread(fuzzing, "fuzz " + what);
        worker.setDaemon(true);
        worker.start();
        while (worker.isAlive()) {
            worker.join(1000);
            assertThat(System.nanoTime() - fuzzing.startedAt)
                    .as("%s, seed %d hangs at %s", what, fuzzing.seed, List.of(worker.getStackTrace()))
                    .isLessThan(HANGS_NANOS);
        }
        Throwable failure = fuzzing.failure;
        if (failure != null) {
            throw new AssertionError(what + ", seed " + fuzzing.seed + ": " + failure, failure);
        }
        fuzzing.record(test, what, System.nanoTime() - start);
        return (double) fuzzing.accepted / cases;
    }

    @Override
    public void run() {
        for (long i = 0; i < cases && failure == null; i++) {
            seed = firstSeed + i;
            startedAt = System.nanoTime();
            long cpu = cpuNanos();
            try {
                one.run(new Random(seed));
                accepted++;
            } catch (EngineException e) {
                if (e.getMessage() == null || e.getMessage().isBlank()) {
                    failure = e;
                }
            } catch (Exception | AssertionError | StackOverflowError | OutOfMemoryError e) {
                failure = e;
            }
            long nanos = cpuNanos() - cpu;
            if (nanos > slowestNanos) {
                slowestNanos = nanos;
                slowestSeed = seed;
            }
            if (nanos > MOST_NANOS && failure == null) {
                failure = new AssertionError("took " + nanos / 1_000_000 + " ms; expected at most 1000");
            }
        }
    }

    private void record(Class<?> test, String what, long nanos) {
        String line = String.format(
                Locale.ROOT,
                "%s, %s: %d cases, %d read, %.1f s, slowest %.1f ms (seed %d)",
                test.getSimpleName(),
                what,
                cases,
                accepted,
                nanos / 1e9,
                slowestNanos / 1e6,
                slowestSeed);
        Path figures = Path.of("target", "fuzz", test.getSimpleName() + ".txt");
        try {
            Files.createDirectories(figures.getParent());
            Files.write(figures, List.of(line), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    /// One case.
    @FunctionalInterface
    public interface Case {
        /// @param random all of the case's choices come from it
        void run(Random random) throws Exception;
    }
}
