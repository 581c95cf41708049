package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.kernel.Kernels;
import dev.lectern.engine.internal.kernel.vector.VectorKernels;
import dev.lectern.engine.internal.model.MlpSpec;
import java.lang.foreign.Arena;
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

/// The kernels that work on one row at a time: norm, rotary embedding, sums, activations. The row lies in the cache.
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 3, time = 1)
public class RowBenchmark {
    private static final int WIDTH = 2048;
    private static final int HEAD_DIM = 128;

    private final Kernels kernels = new VectorKernels();
    private final Arena arena = Arena.ofShared();
    private final Fixtures fixtures = new Fixtures(arena, 1);
    private final Tensor x = fixtures.random(1, WIDTH);
    private final Tensor y = fixtures.random(1, WIDTH);
    private final Tensor out = fixtures.zeros(1, WIDTH);
    private final float[] gain = new float[WIDTH];
    private final float[] bias = new float[WIDTH];
    private final float[] cos = new float[HEAD_DIM];
    private final float[] sin = new float[HEAD_DIM];

    @Setup
    public void fill() {
        Arrays.fill(gain, 1.5f);
        Arrays.fill(cos, 0.6f);
        for (int i = 0; i < HEAD_DIM; i++) {
            sin[i] = i % 2 == 0 ? -0.8f : 0.8f;
        }
    }

    @TearDown
    public void close() {
        arena.close();
    }

    @Benchmark
    public Tensor rmsNorm(Traffic traffic) {
        kernels.rmsNorm(x.data(), 0, WIDTH, gain, 1e-5f, out.data(), 0);
        traffic.addFloats(3.0 * WIDTH);
        return out;
    }

    @Benchmark
    public Tensor rotateAdjacent(Traffic traffic) {
        for (int at = 0; at < WIDTH; at += HEAD_DIM) {
            kernels.rotateAdjacent(x.data(), (long) at * Float.BYTES, HEAD_DIM, cos, sin, 0);
        }
        traffic.addFloats(2.0 * WIDTH);
        return x;
    }

    @Benchmark
    public Tensor rotateHalves(Traffic traffic) {
        for (int at = 0; at < WIDTH; at += HEAD_DIM) {
            kernels.rotateHalves(x.data(), (long) at * Float.BYTES, HEAD_DIM / 2, cos, sin, 0);
        }
        traffic.addFloats(2.0 * WIDTH);
        return x;
    }

    @Benchmark
    public Tensor scale(Traffic traffic) {
        kernels.scale(x.data(), 0, WIDTH, 0.5f, out.data(), 0);
        traffic.addFloats(2.0 * WIDTH);
        return out;
    }

    @Benchmark
    public Tensor add(Traffic traffic) {
        kernels.add(out.data(), 0, y.data(), 0, 1e-3f, WIDTH);
        traffic.addFloats(3.0 * WIDTH);
        return out;
    }

    @Benchmark
    public Tensor addBias(Traffic traffic) {
        kernels.addBias(out.data(), 0, bias);
        traffic.addFloats(3.0 * WIDTH);
        return out;
    }

    @Benchmark
    public Tensor silu(Traffic traffic) {
        return activate(MlpSpec.Activation.SILU, traffic);
    }

    @Benchmark
    public Tensor gelu(Traffic traffic) {
        return activate(new MlpSpec.Activation.GeluTanh(), traffic);
    }

    @Benchmark
    public Tensor clampedSwish(Traffic traffic) {
        return activate(new MlpSpec.Activation.ClampedSwish(1.702f, 7), traffic);
    }

    /// The gate is overwritten, so it is brought back each time: a part of the time, and counted.
    private Tensor activate(MlpSpec.Activation activation, Traffic traffic) {
        out.data().copyFrom(x.data());
        kernels.activate(activation, out.data(), 0, y.data(), 0, WIDTH);
        traffic.addFloats(5.0 * WIDTH);
        return out;
    }
}
