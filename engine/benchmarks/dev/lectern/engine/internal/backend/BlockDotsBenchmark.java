package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.kernel.BlockDots;
import dev.lectern.engine.internal.kernel.Kernels;
import dev.lectern.engine.internal.kernel.NativeBuffer;
import dev.lectern.engine.internal.kernel.vector.VectorKernels;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// Dot products straight on stored blocks, on one thread: a few rows with a slice of a matrix that lies in the
/// cache, and with a matrix that no cache holds, where `bytes` is to be compared with the speed of memory (`bench
/// --limits`).
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 3, time = 1)
public class BlockDotsBenchmark {
    private static final int INPUTS = 2048;
    private static final int MAX_ROWS = 4;
    private static final int OUTPUTS = 16;

    @Param({"Q8_0", "Q4_0", "Q4_K", "BF16", "F32"})
    public TensorType type = TensorType.Q8_0;

    /// In the cache; out of it.
    @Param({"16", "131072"})
    public int outputs;

    @Param({"1", "4"})
    public int rows;

    private final Kernels kernels = new VectorKernels();
    private final Arena arena = Arena.ofShared();
    private final Fixtures fixtures = new Fixtures(arena, 1);
    private Weight weight = fixtures.f32(1, 1, 1);
    private final BlockDots.Scratch scratch = new BlockDots.Scratch();
    private BlockDots dots;
    private MemorySegment x = MemorySegment.NULL;
    private long stride;
    private float[] sums = new float[0];
    private int next;

    @Setup
    public void allocate() {
        dots = Objects.requireNonNull(kernels.blockDots(type), type + ": no dot products on its blocks at this width of vectors");
        weight = fixtures.weight(type, Weight.Order.OUTPUT_MAJOR, outputs, INPUTS);
        Tensor in = fixtures.random(1, INPUTS);
        stride = dots.preparedBytes(INPUTS);
        x = arena.allocate(MAX_ROWS * stride, NativeBuffer.ALIGNMENT);
        sums = new float[MAX_ROWS * OUTPUTS * kernels.lanes()];
        for (int row = 0; row < MAX_ROWS; row++) {
            dots.prepare(in.data(), 0, INPUTS, x, row * stride);
        }
    }

    @TearDown
    public void close() {
        arena.close();
    }

    @Benchmark
    public float[] dots(Rate rate) {
        dots.dots(weight, next, OUTPUTS, x, 0, stride, rows, scratch, sums);
        next = (next + OUTPUTS) % outputs;
        rate.add(2.0 * rows * OUTPUTS * INPUTS, 1);
        rate.addBytes((double) type.bytes((long) OUTPUTS * INPUTS));
        return sums;
    }
}
