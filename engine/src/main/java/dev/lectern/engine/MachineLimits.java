package dev.lectern.engine;

import dev.lectern.engine.internal.backend.Backends;
import dev.lectern.engine.internal.kernel.Team;
import dev.lectern.engine.internal.kernel.vector.FmaPeak;
import dev.lectern.engine.internal.kernel.vector.MemoryReads;
import java.util.Arrays;

/// What this machine can do at most, measured: the figures that a run's rates are shares of.
///
/// @param threads            of the figures for several
/// @param gflopsOneThread    fused multiply-adds in float32 from registers to registers, each two operations, in
///                           10^9 a second
/// @param gflopsAllThreads   the same on all threads together
/// @param gigabytesOneThread memory read by one thread, in 10^9 bytes a second
/// @param gigabytesAllThreads the same by all threads together
public record MachineLimits(
        int threads,
        double gflopsOneThread,
        double gflopsAllThreads,
        double gigabytesOneThread,
        double gigabytesAllThreads) {
    /// Takes about four times `millis`; other work on the machine makes the figures smaller.
    ///
    /// @param threads 0 for all processors
    /// @param millis  for each of the four figures; from 500 on they hardly change
    /// @throws EngineException.BackendUnavailable where the Vector API is not loaded
    public static MachineLimits measure(int threads, int millis) {
        Backends.requireCpu();
        int team = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
        double gflopsAll = gflops(team, millis);
        // One thread is at least as fast alone: where it seems slower, the compiler was not ready yet.
        double gflopsOne = Math.max(FmaPeak.measureGflops(millis), gflopsAll / team);
        double gigabytesOne = MemoryReads.measureGigabytes(1, millis);
        return new MachineLimits(team, gflopsOne, gflopsAll, gigabytesOne, MemoryReads.measureGigabytes(team, millis));
    }

    private static double gflops(int threads, int millis) {
        double[] each = new double[threads];
        try (Team team = new Team(threads)) {
            // An item lasts far longer than it takes a worker to wake up, so that each worker has one.
            team.run(threads, (item, worker) -> each[item] = FmaPeak.measureGflops(millis));
        }
        return Arrays.stream(each).sum();
    }

    /// The larger of each figure: what the machine can do at its quieter moment.
    public MachineLimits max(MachineLimits other) {
        if (other.threads != threads) {
            throw new IllegalArgumentException("limits of " + threads + " and of " + other.threads + " threads");
        }
        return new MachineLimits(
                threads,
                Math.max(gflopsOneThread, other.gflopsOneThread),
                Math.max(gflopsAllThreads, other.gflopsAllThreads),
                Math.max(gigabytesOneThread, other.gigabytesOneThread),
                Math.max(gigabytesAllThreads, other.gigabytesAllThreads));
    }
}
