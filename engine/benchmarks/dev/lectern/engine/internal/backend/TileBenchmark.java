package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.kernel.NativeBuffer;
import dev.lectern.engine.internal.kernel.Tile;
import dev.lectern.engine.internal.kernel.vector.VectorKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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

/// The register tiles alone, on panels that lie in the cache: what the compiler makes of them.
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 3, time = 1)
public class TileBenchmark {
    @Param({"64", "256", "1024"})
    public int depth;

    @Param({"false", "true"})
    public boolean narrow;

    private Tile tile = new VectorKernels().tile();
    private float[] left = new float[0];
    private float[] mixed = new float[0];
    private final Arena arena = Arena.ofShared();
    private MemorySegment right = MemorySegment.NULL;
    private MemorySegment out = MemorySegment.NULL;

    @Setup
    public void allocate() {
        VectorKernels kernels = new VectorKernels();
        tile = narrow ? kernels.narrowTile() : kernels.tile();
        left = new float[tile.rows() * Tile.STRIDE];
        mixed = new float[tile.rows() * tile.columns()];
        right = arena.allocate((long) Float.BYTES * tile.columns() * depth, NativeBuffer.ALIGNMENT);
        out = arena.allocate((long) Float.BYTES * tile.rows() * tile.columns(), NativeBuffer.ALIGNMENT);
    }

    @TearDown
    public void close() {
        arena.close();
    }

    @Benchmark
    public MemorySegment multiplyRows(Rate rate) {
        tile.multiplyRows(left, 0, 1, right, 0, depth, out, 0);
        rate.add(2.0 * tile.rows() * tile.columns() * depth, 1);
        return out;
    }

    @Benchmark
    public MemorySegment addRows(Rate rate) {
        tile.addRows(left, 0, 1, right, 0, depth, out, 0);
        rate.add(2.0 * tile.rows() * tile.columns() * depth, 1);
        return out;
    }

    @Benchmark
    public float[] addSteps(Rate rate) {
        tile.addSteps(left, 0, 0, 1, right, 0, depth, mixed, 0);
        rate.add(2.0 * tile.rows() * tile.columns() * depth, 1);
        return mixed;
    }
}
