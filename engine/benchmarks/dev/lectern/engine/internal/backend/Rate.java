package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.kernel.vector.FmaPeak;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// Floating-point operations of a benchmark, which JMH divides by the nanoseconds: GFLOP/s, and their share of the
/// limit.
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Rate {
    public double flops;
    public double share;
    public double bytes;
    private double limit;

    @Setup(Level.Trial)
    public void measureLimit() {
        limit = FmaPeak.measureGflops(2000);
    }

    @Setup(Level.Iteration)
    public void reset() {
        flops = 0;
        share = 0;
        bytes = 0;
    }

    /// Stored weights that were read; 0 where a benchmark does not count them.
    void addBytes(double count) {
        bytes += count;
    }

    void add(double operations, int threads) {
        flops += operations;
        share += operations / (limit * threads);
    }
}
