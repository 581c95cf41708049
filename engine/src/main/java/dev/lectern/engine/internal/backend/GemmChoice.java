package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/// Which weights a provider multiplies faster than the kernels in Java: measured with the model's own, once for each
/// type and depth when the first of them comes, and logged.
final class GemmChoice {
    private static final System.Logger LOG = System.getLogger(GemmChoice.class.getName());
    private static final int ROWS = 256;
    private static final int MOST_OUTPUTS = 256;
    private static final int RUNS = 5;
    /// Before machine code is there, a hundred times slower: little work a run, until neither has become faster
    /// for a while.
    private static final int WARM_UP_ROWS = 16;

    private static final long SETTLED_NANOS = 400_000_000;
    private static final long SETTLED_AGAIN_NANOS = 40_000_000;
    private static final long MOST_NANOS = 4_000_000_000L;
    private static final double FASTER = 0.9;
    /// A provider that is no faster than this is not worth its rounding.
    private static final double WORTHWHILE = 1.05;

    private final CpuMatmul java;
    private final GemmMatmul gemm;
    private final Map<Kind, Boolean> faster = new HashMap<>();

    GemmChoice(CpuMatmul java, GemmMatmul gemm) {
        this.java = java;
        this.gemm = gemm;
    }

    /// What decides about speed; the number of rows does not count, or a row's result would depend on its batch.
    private record Kind(TensorType type, int inputs) {}

    boolean prefersGemm(Weight weight) {
        Kind kind = new Kind(weight.type(), weight.inputs());
        Boolean known = faster.get(kind);
        if (known == null) {
            known = gemm.takes(weight) && measure(weight);
            faster.put(kind, known);
        }
        return known;
    }

    private boolean measure(Weight weight) {
        int outputs = Math.min(MOST_OUTPUTS, weight.outputs());
        Weight part = new Weight(
                weight.name(),
                weight.type(),
                outputs,
                weight.inputs(),
                weight.order(),
                weight.strideBytes(),
                weight.data());
        try (Arena arena = Arena.ofShared()) {
            Tensor in = random(arena, weight.inputs());
            Tensor out = new Tensor(arena.allocate(4L * ROWS * outputs, 64), ROWS, outputs);
            warmUp(in, part, out);
            Times best = new Times(Long.MAX_VALUE, Long.MAX_VALUE);
            for (int run = 0; run < RUNS; run++) {
                best = best.least(runBoth(in, ROWS, part, out));
            }
            boolean worthwhile = best.javaNanos > WORTHWHILE * best.gemmNanos;
            double operations = 2.0 * ROWS * outputs * weight.inputs();
            log(weight, worthwhile, operations / best.javaNanos, operations / best.gemmNanos);
            return worthwhile;
        }
    }

    private void warmUp(Tensor in, Weight part, Tensor out) {
        long settled = faster.isEmpty() ? SETTLED_NANOS : SETTLED_AGAIN_NANOS;
        Times best = new Times(Long.MAX_VALUE, Long.MAX_VALUE);
        long start = System.nanoTime();
        long improved = start;
        long now = start;
        while (now - start < MOST_NANOS && now - improved < settled) {
            Times times = runBoth(in, WARM_UP_ROWS, part, out);
            now = System.nanoTime();
            if (times.javaNanos < FASTER * best.javaNanos || times.gemmNanos < FASTER * best.gemmNanos) {
                improved = now;
            }
            best = best.least(times);
        }
    }

    /// A provider that fails takes forever.
    private Times runBoth(Tensor in, int rows, Weight part, Tensor out) {
        int[] starts = {0, rows};
        Weight[] weights = {part};
        long start = System.nanoTime();
        java.multiply(in, starts, new Weight[][] {weights}, new Tensor[] {out}, Phase.PREFILL);
        long between = System.nanoTime();
        boolean multiplied = gemm.multiply(in, starts, weights, out);
        return new Times(between - start, multiplied ? System.nanoTime() - between : Long.MAX_VALUE);
    }

    private record Times(long javaNanos, long gemmNanos) {
        Times least(Times other) {
            return new Times(Math.min(javaNanos, other.javaNanos), Math.min(gemmNanos, other.gemmNanos));
        }
    }

    private void log(Weight weight, boolean worthwhile, double javaSpeed, double gemmSpeed) {
        String line = String.format(
                Locale.ROOT,
                "gemm %s for %s of depth %d: measured on %d rows, java %.1f GFLOP/s, %s %.1f",
                worthwhile ? gemm.name() : "java",
                weight.type(),
                weight.inputs(),
                ROWS,
                javaSpeed,
                gemm.name(),
                gemmSpeed);
        LOG.log(System.Logger.Level.INFO, line);
    }

    private static Tensor random(Arena arena, int columns) {
        SplittableRandom random = new SplittableRandom(1);
        MemorySegment data = arena.allocate(4L * ROWS * columns, 64);
        for (long i = 0; i < (long) ROWS * columns; i++) {
            data.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-1, 1));
        }
        return new Tensor(data, ROWS, columns);
    }
}
