package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.kernel.vector.VectorKernels;
import dev.lectern.engine.internal.model.AttentionSpec;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

/// Attention in the shapes of the bundled model and of a larger one: the last 2048 positions of a document in
/// prefill; in decode 64 questions over it, and one.
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 3, time = 1)
public class AttentionBenchmark {
    private static final int ROWS = 2048;
    private static final int QUESTIONS = 64;
    private static final int QUESTION_TOKENS = 50;

    @Param({"8192", "30720"})
    public int positions;

    @Param({"0", "512"})
    public int chunk;

    /// Query heads, key heads and width of a head: scout-nano, scout-mini.
    @Param({"4/2/64", "8/2/128"})
    public String shape = "";

    @Param("2")
    public int threads;

    private final Arena arena = Arena.ofShared();
    private final Fixtures fixtures = new Fixtures(arena, 1);
    private Backend backend = new ScalarBackend();
    private AttentionSpec.Mask mask = new AttentionSpec.Mask.Full();
    private Batch prefill = new Batch(Phase.PREFILL, new int[0], new int[0], List.of());
    private Batch decode = prefill;
    private Batch single = prefill;
    private Tensor queries = fixtures.zeros(1, 1);
    private Tensor out = queries;

    @Setup
    public void allocate() {
        backend = new CpuBackend(new VectorKernels(), threads);
        mask = chunk == 0 ? new AttentionSpec.Mask.Full() : new AttentionSpec.Mask.Chunked(chunk);
        int width = kvHeads() * headDim();
        MemoryKvSequence document = new MemoryKvSequence(arena, positions, 256, width);
        Tensor keys = fixtures.random(positions, width);
        Tensor values = fixtures.random(positions, width);
        backend.storeKv(keys, values, batch(0, positions, document), 0);
        prefill = batch(positions - ROWS, ROWS, document);
        List<Batch.Span> spans = new ArrayList<>();
        int[] last = new int[QUESTIONS];
        Arrays.fill(last, positions + QUESTION_TOKENS - 1);
        for (int i = 0; i < QUESTIONS; i++) {
            MemoryKvSequence own = new MemoryKvSequence(arena, document, positions, QUESTION_TOKENS, 64, width, width);
            spans.add(new Batch.Span(own, i, 1, last[i]));
        }
        decode = new Batch(Phase.DECODE, new int[QUESTIONS], last, spans);
        single = new Batch(Phase.DECODE, new int[1], Arrays.copyOf(last, 1), spans.subList(0, 1));
        queries = fixtures.random(ROWS, heads() * headDim(), 3);
        out = fixtures.zeros(ROWS, heads() * headDim());
    }

    private static Batch batch(int first, int rows, MemoryKvSequence sequence) {
        int[] at = new int[rows];
        Arrays.setAll(at, i -> first + i);
        return new Batch(Phase.PREFILL, new int[rows], at, List.of(new Batch.Span(sequence, 0, rows, first)));
    }

    @TearDown
    public void close() {
        backend.close();
        arena.close();
    }

    @Benchmark
    public Tensor prefill(Rate rate) {
        return attend(prefill, rate);
    }

    @Benchmark
    public Tensor decode64(Rate rate) {
        return attend(decode, rate);
    }

    @Benchmark
    public Tensor decode1(Rate rate) {
        return attend(single, rate);
    }

    private int heads() {
        return part(0);
    }

    private int kvHeads() {
        return part(1);
    }

    private int headDim() {
        return part(2);
    }

    private int part(int index) {
        return Integer.parseInt(shape.split("/")[index]);
    }

    private Tensor attend(Batch batch, Rate rate) {
        AttentionSpec.Scores spec =
                AttentionSpec.GroupedQuery.of(heads(), kvHeads(), headDim()).withMask(mask).scores();
        backend.attention(queries, batch, 0, spec, null, out);
        long keys = 0;
        for (int position : batch.positions()) {
            keys += position + 1 - mask.firstVisible(position);
        }
        rate.add(4.0 * keys * heads() * headDim(), threads);
        return out;
    }
}
