package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.kernel.Kernels;
import dev.lectern.engine.internal.kernel.WeightPanels;
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

/// Packed weights on one thread: packing them, decoding them to panels, and dot products of a few rows with panels
/// that lie in the cache or in a matrix that no cache holds. `bytes` is of what is stored, as in
/// [BlockDotsBenchmark].
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 3, time = 1)
public class WeightPanelsBenchmark {
    private static final int INPUTS = 2048;
    private static final int MAX_ROWS = 16;

    @Param({"Q8_0", "Q4_0", "Q4_K", "Q6_K", "BF16", "F16", "Q5_K", "Q3_K"})
    public TensorType type = TensorType.Q8_0;

    /// In the cache; out of it.
    @Param({"64", "131072"})
    public int outputs;

    @Param({"1", "2", "4", "16"})
    public int rows;

    private final Kernels kernels = new VectorKernels();
    private final Arena arena = Arena.ofShared();
    private final Fixtures fixtures = new Fixtures(arena, 1);
    private Weight weight = fixtures.f32(1, 1, 1);
    private WeightPanels panels;
    private MemorySegment data = MemorySegment.NULL;
    private long panelBytes;
    private float[] x = new float[0];
    private float[] scratch = new float[0];
    private float[] sums = new float[0];
    private MemorySegment decoded = MemorySegment.NULL;
    private int next;

    @Setup
    public void allocate() {
        panels = Objects.requireNonNull(kernels.panels(type), type + ": no panels");
        weight = fixtures.weight(type, Weight.Order.OUTPUT_MAJOR, outputs, INPUTS);
        panelBytes = panels.panelBytes(INPUTS);
        data = arena.allocate(panelBytes * (outputs / panels.columns()), 64);
        for (int output = 0; output < outputs; output += panels.columns()) {
            panels.pack(weight, output, data, output / panels.columns() * panelBytes);
        }
        Tensor in = fixtures.random(1, INPUTS);
        int floats = panels.preparedFloats(INPUTS);
        x = new float[MAX_ROWS * floats];
        for (int row = 0; row < MAX_ROWS; row++) {
            panels.prepare(in.data(), 0, INPUTS, x, row * floats);
        }
        scratch = new float[panels.scratchFloats(MAX_ROWS)];
        sums = new float[MAX_ROWS * panels.columns()];
        decoded = arena.allocate((long) Float.BYTES * INPUTS * panels.tileColumns(), 64);
    }

    @TearDown
    public void close() {
        arena.close();
    }

    @Benchmark
    public float[] dots(Rate rate) {
        panels.dots(data, next / panels.columns() * panelBytes, INPUTS, x, 0, rows, scratch, sums);
        count(rate, 2.0 * rows * panels.columns() * INPUTS);
        return sums;
    }

    @Benchmark
    public MemorySegment decode(Rate rate) {
        for (int column = 0; column < panels.columns(); column += panels.tileColumns()) {
            panels.decode(data, next / panels.columns() * panelBytes, INPUTS, column, 0, INPUTS, decoded);
        }
        count(rate, 0);
        return decoded;
    }

    @Benchmark
    public boolean pack(Rate rate) {
        boolean packed = panels.pack(weight, next, data, next / panels.columns() * panelBytes);
        count(rate, 0);
        return packed;
    }

    private void count(Rate rate, double operations) {
        next = (next + panels.columns()) % outputs;
        rate.add(operations, 1);
        rate.addBytes((double) type.bytes((long) panels.columns() * INPUTS));
    }
}
