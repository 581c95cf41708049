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
    /// Both are measured until neither has become faster for this long: at first their machine code is not
    /// there yet.
    private static final long SETTLED_NANOS = 100_000_000;

    private static final long MOST_NANOS = 3_000_000_000L;
    private static final int LEAST_RUNS = 3;
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
        Weight[] part = {
            new Weight(
                    weight.name(),
                    weight.type(),
                    outputs,
                    weight.inputs(),
                    weight.order(),
                    weight.strideBytes(),
                    weight.data())
        };
        int[] starts = {0, ROWS};
        try (Arena arena = Arena.ofShared()) {
            Tensor in = random(arena, weight.inputs());
            Tensor out = new Tensor(arena.allocate(4L * ROWS * outputs, 64), ROWS, outputs);
            long javaNanos = Long.MAX_VALUE;
            long gemmNanos = Long.MAX_VALUE;
            long start = System.nanoTime();
            long improved = start;
            long began = start;
            for (int run = 0; run < LEAST_RUNS || goesOn(began, start, improved); run++) {
                began = System.nanoTime();
                java.multiply(in, starts, part, out, Phase.PREFILL);
                long between = System.nanoTime();
                if (!gemm.multiply(in, starts, part, out)) {
                    return false;
                }
                long ended = System.nanoTime();
                if (between - began < FASTER * javaNanos || ended - between < FASTER * gemmNanos) {
                    improved = ended;
                }
                javaNanos = Math.min(javaNanos, between - began);
                gemmNanos = Math.min(gemmNanos, ended - between);
            }
            boolean worthwhile = javaNanos > WORTHWHILE * gemmNanos;
            log(weight, worthwhile, operations(weight, outputs) / javaNanos, operations(weight, outputs) / gemmNanos);
            return worthwhile;
        }
    }

    private static boolean goesOn(long now, long start, long improved) {
        return now - start < MOST_NANOS && now - improved < SETTLED_NANOS;
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

    private static double operations(Weight weight, int outputs) {
        return 2.0 * ROWS * outputs * weight.inputs();
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
