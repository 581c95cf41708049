package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.kernel.vector.VectorKernels;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.TensorType;
import java.lang.foreign.Arena;
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

/// Products with stored weights in both phases: 512 rows in prefill, 1 and 64 in decode.
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 3, time = 1)
public class MatmulBenchmark {
    @Param({"BF16", "Q8_0", "Q4_0", "Q4_K"})
    public TensorType type = TensorType.BF16;

    @Param({"2048x2048", "5632x2048", "128x256"})
    public String shape = "";

    @Param("2")
    public int threads;

    private final Arena arena = Arena.ofShared();
    private final Fixtures fixtures = new Fixtures(arena, 1);
    private Backend backend = new ScalarBackend();
    private Weight weight = fixtures.f32(1, 1, 1);
    private Tensor in = fixtures.zeros(1, 1);
    private Tensor out = fixtures.zeros(1, 1);

    @Setup
    public void allocate() {
        int outputs = Integer.parseInt(shape.substring(0, shape.indexOf('x')));
        int inputs = Integer.parseInt(shape.substring(shape.indexOf('x') + 1));
        backend = new CpuBackend(new VectorKernels(), threads);
        weight = fixtures.weight(type, Weight.Order.OUTPUT_MAJOR, outputs, inputs);
        in = fixtures.random(512, inputs);
        out = fixtures.zeros(512, outputs);
    }

    @TearDown
    public void close() {
        backend.close();
        arena.close();
    }

    @Benchmark
    public Tensor prefill512(Rate rate) {
        return multiply(512, Phase.PREFILL, rate);
    }

    @Benchmark
    public Tensor decode1(Rate rate) {
        return multiply(1, Phase.DECODE, rate);
    }

    @Benchmark
    public Tensor decode64(Rate rate) {
        return multiply(64, Phase.DECODE, rate);
    }

    private Tensor multiply(int rows, Phase phase, Rate rate) {
        backend.matmul(in, rows, weight, out, phase);
        rate.add(2.0 * rows * weight.inputs() * weight.outputs(), threads);
        return out;
    }
}
