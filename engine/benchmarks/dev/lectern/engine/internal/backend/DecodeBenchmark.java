package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.kernel.Kernels;
import dev.lectern.engine.internal.kernel.vector.VectorKernels;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// Stored weights to float32, for every type, within the cache.
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class DecodeBenchmark {
    private static final int ROWS = 8;
    private static final int COUNT = 512;
    private static final int STRIDE = COUNT + 16;

    @Param
    public TensorType type = TensorType.F32;

    private final Kernels kernels = new VectorKernels();
    private final Arena arena = Arena.ofShared();
    private final float[] weights = new float[ROWS * STRIDE];
    private Weight weight;

    @Setup
    public void fill() {
        byte[] bytes = new byte[(int) type.bytes((long) ROWS * COUNT)];
        new Random(1).nextBytes(bytes);
        MemorySegment data = arena.allocate(bytes.length, 64).copyFrom(MemorySegment.ofArray(bytes));
        weight = new Weight("w", type, ROWS, COUNT, Weight.Order.OUTPUT_MAJOR, type.bytes(COUNT), data);
    }

    @TearDown
    public void close() {
        arena.close();
    }

    /// The rows that a dot product or a panel takes at a time.
    @Benchmark
    public float[] decode(Decoded decoded, Traffic traffic) {
        kernels.decode(weight, 0, 0, ROWS, COUNT, weights, STRIDE);
        decoded.weights += ROWS * COUNT;
        traffic.addFloats(ROWS * COUNT + type.bytes((long) ROWS * COUNT) / (double) Float.BYTES);
        return weights;
    }

    /// Weights in units of 10^9 a second.
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Decoded {
        public double weights;

        @Setup(Level.Iteration)
        public void reset() {
            weights = 0;
        }
    }
}
