package dev.lectern.engine.internal.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// What one core can do in float32: fused multiply-adds from registers to registers and nothing else. The limit that
/// the kernels' rates are quoted against, measured on the machine and at the moment of the measurement.
public final class FmaPeak {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int CHAINS = 10;
    private static final int STEPS = 2_000;

    private FmaPeak() {}

    /// The best rate of several short runs on the calling thread, in units of 10^9 operations a second (a fused
    /// multiply-add is two). Takes about `millis`, half of which is the compiler's time to warm up.
    public static double measureGflops(int millis) {
        long start = System.nanoTime();
        double best = 0;
        float sink = 0;
        long elapsed;
        do {
            long before = System.nanoTime();
            sink += run(STEPS);
            long took = System.nanoTime() - before;
            elapsed = System.nanoTime() - start;
            if (elapsed > millis * 500_000L) {
                best = Math.max(best, (double) operations() / took);
            }
        } while (elapsed < millis * 1_000_000L);
        if (Float.isNaN(sink)) {
            throw new IllegalStateException("multiplying ones by a number below one gave " + sink);
        }
        return best;
    }

    /// Operations of one [#run] of the usual length.
    static long operations() {
        return 2L * CHAINS * SPECIES.length() * STEPS;
    }

    /// Ten independent chains: more than latency times units of any current core, few enough for 16 registers.
    ///
    /// Each goes through the addend, the operand that C2's instruction overwrites: through a factor, it copies a
    /// vector for each multiply-add, and a core that takes four instructions a cycle has no room for that (118
    /// GFLOP/s instead of 150 on Cascade Lake).
    static float run(int steps) {
        FloatVector factor = FloatVector.broadcast(SPECIES, 0.999f);
        FloatVector c0 = FloatVector.broadcast(SPECIES, 1f);
        FloatVector c1 = c0.add(1f);
        FloatVector c2 = c0.add(2f);
        FloatVector c3 = c0.add(3f);
        FloatVector c4 = c0.add(4f);
        FloatVector c5 = c0.add(5f);
        FloatVector c6 = c0.add(6f);
        FloatVector c7 = c0.add(7f);
        FloatVector c8 = c0.add(8f);
        FloatVector c9 = c0.add(9f);
        for (int i = 0; i < steps; i++) {
            c0 = factor.fma(factor, c0);
            c1 = factor.fma(factor, c1);
            c2 = factor.fma(factor, c2);
            c3 = factor.fma(factor, c3);
            c4 = factor.fma(factor, c4);
            c5 = factor.fma(factor, c5);
            c6 = factor.fma(factor, c6);
            c7 = factor.fma(factor, c7);
            c8 = factor.fma(factor, c8);
            c9 = factor.fma(factor, c9);
        }
        FloatVector all = c0.add(c1)
                .add(c2)
                .add(c3)
                .add(c4)
                .add(c5)
                .add(c6)
                .add(c7)
                .add(c8)
                .add(c9);
        return Lanes.sum(all);
    }
}
