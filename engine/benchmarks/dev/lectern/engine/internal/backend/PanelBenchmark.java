package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.kernel.Kernels;
import dev.lectern.engine.internal.kernel.NativeBuffer;
import dev.lectern.engine.internal.kernel.vector.VectorKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What products and attention are made of besides the tiles: panels brought into shape, dot products, and the
/// softmax. Everything lies in the cache.
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 3, time = 1)
public class PanelBenchmark {
    private static final int DEPTH = 256;
    private static final int DOT_WEIGHTS = 8;
    private static final int ROWS = 16;
    private static final int BLOCK_WIDTH = 8;
    private static final int KEYS = 64;
    private static final int HEAD_DIM = 128;
    private static final int SETS = 4;

    private final Kernels kernels = new VectorKernels();
    private final int columns = kernels.tile().columns();
    private final Arena arena = Arena.ofShared();
    private final Tensor segment = new Fixtures(arena, 1).random(ROWS, DEPTH);
    private final float[] rows = new float[64 * DEPTH];
    private final MemorySegment panel = floats(64 * DEPTH);
    private final float[] sums = new float[ROWS * DOT_WEIGHTS * kernels.lanes()];
    private final float[] square = new float[kernels.lanes() * kernels.lanes()];
    private final float[] out = new float[64 * DEPTH];
    private final float[] scores = new float[KEYS * columns];
    private final MemorySegment weights = floats(KEYS * columns);
    private final float[] eightWeights = new float[DOT_WEIGHTS * DEPTH];
    private final float[] mixed = new float[HEAD_DIM * columns];
    private final Kernels.SoftmaxState softmax = new Kernels.SoftmaxState(columns);
    private final int[] from = new int[columns];
    private final int[] to = new int[columns];

    private MemorySegment floats(int count) {
        return arena.allocate((long) Float.BYTES * count, NativeBuffer.ALIGNMENT);
    }

    @Setup
    public void fill() {
        for (int i = 0; i < scores.length; i++) {
            scores[i] = (i * 7919 % 200 - 100) * 0.05f;
        }
        Arrays.setAll(to, i -> KEYS / 2 + i);
        Arrays.fill(softmax.largest(), Kernels.SoftmaxState.NOTHING_YET);
    }

    @TearDown
    public void close() {
        arena.close();
    }

    @Benchmark
    public MemorySegment transpose(Traffic traffic) {
        kernels.transpose(rows, 0, DEPTH, columns, DEPTH, 1, panel, 0, 4L * columns, square);
        traffic.addFloats(2.0 * columns * DEPTH);
        return panel;
    }

    @Benchmark
    public MemorySegment transposeScaled(Traffic traffic) {
        kernels.transpose(rows, 0, DEPTH, ROWS, DEPTH, 0.5f, panel, 0, 4L * ROWS, square);
        traffic.addFloats(2.0 * ROWS * DEPTH);
        return panel;
    }

    @Benchmark
    public float[] dots1(Rate rate) {
        return dots(1, rate);
    }

    @Benchmark
    public float[] dots16(Rate rate) {
        return dots(ROWS, rate);
    }

    private float[] dots(int count, Rate rate) {
        kernels.dots(rows, 0, DEPTH, count, eightWeights, DEPTH, DEPTH, sums, 0);
        rate.add(2.0 * count * DOT_WEIGHTS * DEPTH, 1);
        return sums;
    }

    /// Values that few queries read: four rows of weights.
    @Benchmark
    public float[] addWeightedRows(Rate rate) {
        long rowBytes = segment.rowOffset(1);
        kernels.addWeightedRows(segment.data(), 0, rowBytes, ROWS, HEAD_DIM, weights, 0, SETS, SETS, mixed);
        rate.add(2.0 * ROWS * HEAD_DIM * SETS, 1);
        return mixed;
    }

    @Benchmark
    public float[] sumLanes(Traffic traffic) {
        kernels.sumLanes(sums, ROWS * DOT_WEIGHTS, out, 0);
        traffic.addFloats(sums.length + (double) ROWS * DOT_WEIGHTS);
        return out;
    }

    @Benchmark
    public float[] loadRows(Traffic traffic) {
        kernels.loadRows(segment.data(), 0, segment.rowOffset(1), ROWS, DEPTH, out, 0, DEPTH + 16);
        traffic.addFloats(2.0 * ROWS * DEPTH);
        return out;
    }

    @Benchmark
    public float[] loadBlocks(Traffic traffic) {
        int stride = ROWS * BLOCK_WIDTH;
        kernels.loadBlocks(segment.data(), 0, segment.rowOffset(1), ROWS, DEPTH, out, 0, BLOCK_WIDTH, stride);
        traffic.addFloats(2.0 * ROWS * DEPTH);
        return out;
    }

    @Benchmark
    public Tensor copyRows(Traffic traffic) {
        kernels.copyRows(panel, 0, 4L * 32, segment.data(), 0, segment.rowOffset(1), ROWS, 32);
        traffic.addFloats(2.0 * ROWS * 32);
        return segment;
    }

    @Benchmark
    public Tensor storeRows(Traffic traffic) {
        kernels.storeRows(rows, 0, 32, segment.data(), 0, segment.rowOffset(1), ROWS, 32);
        traffic.addFloats(2.0 * ROWS * 32);
        return segment;
    }

    @Benchmark
    public MemorySegment softmax(Traffic traffic) {
        return softmax(null, traffic);
    }

    @Benchmark
    public MemorySegment softmaxAtTheDiagonal(Traffic traffic) {
        return softmax(new Kernels.Visible(0, from, to), traffic);
    }

    @Benchmark
    public Tensor mergeSoftmax(Traffic traffic) {
        softmax.largest()[0] = 1;
        softmax.sums()[0] = 1;
        kernels.mergeSoftmax(panel, 0, HEAD_DIM, 1, 0, softmax.largest(), softmax.sums(), 0, segment.data(), 0);
        traffic.addFloats(3.0 * HEAD_DIM);
        return segment;
    }

    /// Scores are copied first, since the kernel overwrites them: a part of the time, and counted.
    private MemorySegment softmax(Kernels.Visible visible, Traffic traffic) {
        MemorySegment.copy(scores, 0, weights, ValueLayout.JAVA_FLOAT, 0, scores.length);
        kernels.softmax(weights, KEYS, columns, softmax, 0, mixed, 0, HEAD_DIM, visible);
        traffic.addFloats(4.0 * scores.length);
        return weights;
    }
}
