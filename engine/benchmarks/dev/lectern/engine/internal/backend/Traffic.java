package dev.lectern.engine.internal.backend;

import java.util.Arrays;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// Bytes that a benchmark reads and writes, which JMH divides by the nanoseconds: GB/s, and their share of what a
/// bulk copy of 64 KiB within the cache reaches.
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Traffic {
    private static final int COPIED_FLOATS = 8192;
    private static final int COPIES = 1000;

    public double bytes;
    public double share;
    private double limit;

    @Setup(Level.Trial)
    public void measureLimit() {
        float[] from = new float[COPIED_FLOATS];
        float[] to = new float[COPIED_FLOATS];
        Arrays.fill(from, 1);
        for (int run = 0; run < 50; run++) {
            long start = System.nanoTime();
            for (int i = 0; i < COPIES; i++) {
                System.arraycopy(from, 0, to, 0, COPIED_FLOATS);
            }
            limit = Math.max(limit, 2.0 * Float.BYTES * COPIED_FLOATS * COPIES / (System.nanoTime() - start));
        }
        if (to[COPIED_FLOATS - 1] != 1) {
            throw new IllegalStateException("nothing was copied");
        }
    }

    @Setup(Level.Iteration)
    public void reset() {
        bytes = 0;
        share = 0;
    }

    /// @param floats read or written, each time counted
    void addFloats(double floats) {
        bytes += floats * Float.BYTES;
        share += floats * Float.BYTES / limit;
    }
}
