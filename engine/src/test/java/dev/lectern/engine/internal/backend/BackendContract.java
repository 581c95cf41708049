package dev.lectern.engine.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.Rope;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.TensorType;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every backend does: small cases with their results written out, then random ones against [ScalarBackend] at
/// sizes on both sides of lane and tile widths, then what must not change a result.
abstract class BackendContract {
    private static final long SEED = 20261121;
    private static final MlpSpec.Router ROUTER = MlpSpec.Router.sigmoidOnInput(4, 1);

    private final Arena arena = Arena.ofShared();
    private final Backend oracle = new ScalarBackend();
    private Backend backend = oracle;
    private Fixtures fixtures = new Fixtures(arena, SEED);

    abstract Backend open();

    @BeforeEach
    void openBackend() {
        backend = open();
    }

    @AfterEach
    void close() {
        backend.close();
        arena.close();
    }

    // Small cases

    @Test
    void embedsRowsOfTheTable() {
        Weight table = fixtures.f32(3, 2, 1, 2, 3, 4, 5, 6);
        Tensor out = fixtures.zeros(2, 2);
        backend.embed(table, new int[] {2, 0}, 2, out);
        assertThat(Fixtures.values(out, 2)).containsExactly(5, 6, 1, 2);
        assertThatThrownBy(() -> backend.embed(table, new int[] {0, 3}, 2, out))
                .hasMessageContaining("token id 3")
                .hasMessageContaining("vocabulary of 3");
    }

    @Test
    void normalisesByTheRootOfTheMeanSquare() {
        Tensor in = fixtures.of(2, 3, 4, 6, 8);
        backend.rmsNorm(in, 2, new float[] {1, 2}, 0, in);
        float root = (float) Math.sqrt(12.5);
        assertClose(new float[] {3 / root, 8 / root, 3 / root, 8 / root}, Fixtures.values(in, 2), 1e-6f, "norm");
        Tensor zero = fixtures.zeros(1, 4);
        backend.rmsNorm(zero, 1, null, 1e-5f, zero);
        assertThat(Fixtures.values(zero, 1)).containsOnly(0);
    }

    @Test
    void multipliesByTheTransposedWeight() {
        Tensor in = fixtures.of(2, 1, 2, 3, 4);
        Weight weight = fixtures.f32(3, 2, 1, 0, 0, 1, 10, 100);
        for (Phase phase : Phase.values()) {
            Tensor out = fixtures.zeros(2, 3);
            backend.matmul(in, 2, weight, out, phase);
            assertThat(Fixtures.values(out, 2)).as(phase.name()).containsExactly(1, 2, 210, 3, 4, 430);
        }
        assertThatThrownBy(() -> backend.matmul(in, 2, weight, fixtures.zeros(2, 2), Phase.DECODE))
                .hasMessageContaining("outputs");
    }

    @Test
    void turnsPairsByTheirAngle() {
        float quarter = (float) (Math.PI / 2);
        Tensor adjacent = fixtures.of(4, 1, 2, 3, 4);
        backend.rope(adjacent, 1, 4, 0, new Rope(Rope.Pairing.ADJACENT, new float[] {quarter, 0}), new int[] {1});
        assertClose(new float[] {-2, 1, 3, 4}, Fixtures.values(adjacent, 1), 1e-6f, "adjacent");
        Tensor halves = fixtures.of(4, 1, 2, 3, 4);
        backend.rope(halves, 1, 4, 0, new Rope(Rope.Pairing.HALVES, new float[] {quarter, 0}), new int[] {1});
        assertClose(new float[] {-3, 2, 1, 4}, Fixtures.values(halves, 1), 1e-6f, "halves");
    }

    @Test
    void growsQueriesWithThePosition() {
        Tensor x = fixtures.of(1, 1, 1, 1, 1);
        backend.scaleByTemperature(
                x, 4, new AttentionSpec.Temperature(8192, 0.1f), new int[] {8190, 8191, 131071, 10485759});
        assertClose(new float[] {1, 1.0693f, 1.2833f, 1.7155f}, Fixtures.values(x, 4), 5e-5f, "temperature");
    }

    @Test
    void attendsToVisibleKeysOnly() {
        AttentionSpec.Scores full = attention(1, 1, 2, new AttentionSpec.Mask.Full());
        AttentionSpec.Scores chunked = attention(1, 1, 2, new AttentionSpec.Mask.Chunked(2));
        Tensor keys = fixtures.zeros(3, 2);
        Tensor values = fixtures.of(2, 1, 10, 3, 30, 8, 80);
        Batch batch = batch(Phase.PREFILL, 3, 0, new MemoryKvSequence(arena, 3, 2, 2));
        backend.storeKv(keys, values, batch, 0);
        Tensor out = fixtures.zeros(3, 2);
        backend.attention(fixtures.random(3, 2), batch, 0, full, null, out);
        assertClose(new float[] {1, 10, 2, 20, 4, 40}, Fixtures.values(out, 3), 1e-5f, "full");
        backend.attention(fixtures.random(3, 2), batch, 0, chunked, null, out);
        assertClose(new float[] {1, 10, 2, 20, 8, 80}, Fixtures.values(out, 3), 1e-5f, "chunked");
    }

    @Test
    void attentionSaysWhenScoresAreNoNumbers() {
        AttentionSpec.Scores spec = attention(1, 1, 2, new AttentionSpec.Mask.Full());
        Batch batch = batch(Phase.PREFILL, 2, 0, new MemoryKvSequence(arena, 2, 2, 2));
        backend.storeKv(fixtures.of(2, 1, 1, 1, 1), fixtures.of(2, 1, 1, 1, 1), batch, 0);
        Tensor out = fixtures.zeros(2, 2);
        backend.attention(fixtures.of(2, Float.NaN, 1, 1, 1), batch, 0, spec, null, out);
        assertThat(out.row(0)).containsOnly(Float.NaN);
        assertClose(new float[] {1, 1}, out.row(1), 1e-6f, "the other row");
    }

    @Test
    void routesToTheLargestLogit() {
        Tensor logits = fixtures.of(4, 0, 2, 2, 1, -1, -2, -3, -0.5f, 9, 0, 0, 0);
        Routing routing = new Routing(3, 4, 1);
        backend.route(logits, 3, ROUTER, null, routing);
        assertThat(routing.expertStart).containsExactly(0, 1, 2, 2, 3);
        assertThat(routing.slotRow).containsExactly(2, 0, 1);
        float[] scores = {sigmoid(9), sigmoid(2), sigmoid(-0.5)};
        assertClose(scores, routing.slotScore, 1e-6f, "scores");

        Tensor x = fixtures.of(2, 1, 1, 2, 2, 3, 3);
        Tensor gathered = fixtures.zeros(3, 2);
        backend.gather(x, routing, true, gathered);
        float[] expected = {3 * scores[0], 3 * scores[0], scores[1], scores[1], 2 * scores[2], 2 * scores[2]};
        assertClose(expected, Fixtures.values(gathered, 3), 1e-6f, "gathered");
        backend.scatterAdd(fixtures.of(2, 10, 20, 30, 40, 50, 60), routing, false, x);
        assertThat(Fixtures.values(x, 3)).containsExactly(31, 41, 52, 62, 13, 23);
    }

    @Test
    void routesToSeveralExperts() {
        MlpSpec.Router two = MlpSpec.Router.sigmoidOnInput(3, 2);
        Routing routing = new Routing(2, 3, 2);
        backend.route(fixtures.of(3, 1, 3, 2, 5, 4, 4), 2, two, null, routing);
        assertThat(routing.expertStart).containsExactly(0, 1, 3, 4);
        assertThat(routing.slotRow).containsExactly(1, 0, 1, 0);
        Tensor x = fixtures.zeros(2, 1);
        backend.scatterAdd(fixtures.of(1, 1, 2, 4, 8), routing, false, x);
        assertThat(Fixtures.values(x, 2)).containsExactly(10, 5);
    }

    @Test
    void gatesAndAdds() {
        Tensor gate = fixtures.of(4, 0, 1, -100, 100);
        backend.activate(MlpSpec.Activation.SILU, gate, fixtures.of(4, 7, 2, 1, 1), 1);
        assertClose(new float[] {0, 1.4621172f, 0, 100}, gate.row(0), 1e-6f, "silu");
        Tensor x = fixtures.of(2, 1, 2, 3, 4);
        backend.add(x, fixtures.of(2, 10, 20, 30, 40), 1, 2);
        assertThat(Fixtures.values(x, 2)).containsExactly(11, 22, 33, 44);
    }

    // Against the scalar backend

    @Test
    void multipliesEveryTypeAndOrder() {
        int[][] shapes = {{1, 1, 32}, {3, 33, 64}, {17, 70, 288}, {65, 31, 1056}, {9, 96, 192}};
        for (TensorType type : TensorType.values()) {
            for (int[] shape : shapes) {
                for (Phase phase : Phase.values()) {
                    int inputs = wholeBlocks(type, shape[2]);
                    checkMatmul(fixtures.weight(type, Weight.Order.OUTPUT_MAJOR, shape[1], inputs), shape[0], phase);
                    if (type.blockWeights() == 1) {
                        checkMatmul(
                                fixtures.weight(type, Weight.Order.INPUT_MAJOR, shape[1], shape[2]), shape[0], phase);
                    }
                }
            }
        }
    }

    @Test
    void multipliesOddDepths() {
        for (int depth : new int[] {1, 3, 15, 16, 17, 31, 33, 255, 256, 257, 1023, 1025}) {
            for (Phase phase : Phase.values()) {
                checkMatmul(fixtures.weight(TensorType.F32, Weight.Order.OUTPUT_MAJOR, 9, depth), 5, phase);
                checkMatmul(fixtures.weight(TensorType.BF16, Weight.Order.INPUT_MAJOR, 9, depth), 5, phase);
            }
        }
    }

    private void checkMatmul(Weight weight, int rows, Phase phase) {
        Tensor in = fixtures.random(rows, weight.inputs());
        Tensor expected = fixtures.zeros(rows, weight.outputs());
        Tensor actual = fixtures.zeros(rows, weight.outputs());
        oracle.matmul(in, rows, weight, expected, phase);
        backend.matmul(in, rows, weight, actual, phase);
        assertClose(expected, actual, rows, 3e-5f, weight.name() + " x " + rows + " rows, " + phase);

        // A row alone gives what it gives among the others, to the last bit.
        int row = fixtures.random().nextInt(rows);
        Tensor alone = fixtures.zeros(1, weight.outputs());
        backend.matmul(fixtures.rows(in, row, 1), 1, weight, alone, phase);
        assertThat(alone.row(0))
                .as("row %d alone: %s, %s", row, weight.name(), phase)
                .isEqualTo(actual.row(row));
    }

    @Test
    void multipliesGroups() {
        for (TensorType type : TensorType.values()) {
            for (Phase phase : Phase.values()) {
                for (int rows : new int[] {1, 7, 100}) {
                    checkGrouped(type, Weight.Order.OUTPUT_MAJOR, rows, phase);
                    if (type.blockWeights() == 1) {
                        checkGrouped(type, Weight.Order.INPUT_MAJOR, rows, phase);
                    }
                }
            }
        }
    }

    private void checkGrouped(TensorType type, Weight.Order order, int rows, Phase phase) {
        int[] starts = fixtures.starts(rows, 6);
        int inputs = wholeBlocks(type, 96);
        Weight[] weights = new Weight[6];
        for (int g = 0; g < weights.length; g++) {
            weights[g] = fixtures.weight(type, order, 41, inputs);
        }
        Tensor in = fixtures.random(rows, inputs);
        Tensor expected = fixtures.zeros(rows, 41);
        Tensor actual = fixtures.zeros(rows, 41);
        oracle.groupedMatmul(in, starts, weights, expected, phase);
        backend.groupedMatmul(in, starts, weights, actual, phase);
        assertClose(expected, actual, rows, 2e-5f, "groups of " + weights[0].name() + ", " + rows + " rows, " + phase);
    }

    @Test
    void prefillAttentionAtEdges() {
        int[][] shapes = {{1, 1, 4}, {4, 2, 64}, {5, 1, 12}, {6, 3, 40}};
        for (int[] shape : shapes) {
            for (int[] piece : new int[][] {{0, 1}, {0, 150}, {37, 5}, {127, 2}, {128, 130}, {250, 7}}) {
                checkPrefill(
                        attention(shape[0], shape[1], shape[2], new AttentionSpec.Mask.Full()), piece[0], piece[1], 0);
                checkPrefill(
                        attention(shape[0], shape[1], shape[2], new AttentionSpec.Mask.Chunked(48)),
                        piece[0],
                        piece[1],
                        0);
            }
        }
        checkPrefill(attention(4, 2, 16, new AttentionSpec.Mask.Full()), 140, 20, 133);
        checkPrefill(attention(4, 2, 16, new AttentionSpec.Mask.Chunked(128)), 140, 20, 133);
    }

    /// Rows `[first, first + rows)` of a sequence, of which the first `prefixLength` positions are a shared prefix.
    private void checkPrefill(AttentionSpec.Scores spec, int first, int rows, int prefixLength) {
        String what = spec + " rows " + rows + " at " + first;
        MemoryKvSequence sequence = sequence(spec, null, 0, prefixLength);
        if (prefixLength > 0) {
            fill(sequence, 0, prefixLength, spec);
            sequence = sequence(spec, sequence, prefixLength, first + rows - prefixLength);
        } else {
            sequence = sequence(spec, null, 0, first + rows);
        }
        fill(sequence, prefixLength, first + rows - prefixLength, spec);
        Tensor queries = fixtures.random(rows, spec.queryWidth(), 3);
        Tensor expected = fixtures.zeros(rows, queries.columns());
        Tensor actual = fixtures.zeros(rows, queries.columns());
        Batch batch = batch(Phase.PREFILL, rows, first, sequence);
        oracle.attention(queries, batch, 0, spec, null, expected);
        backend.attention(queries, batch, 0, spec, null, actual);
        assertClose(expected, actual, rows, 2e-5f, what);

        int row = fixtures.random().nextInt(rows);
        Tensor alone = fixtures.zeros(1, queries.columns());
        backend.attention(
                fixtures.rows(queries, row, 1), batch(Phase.PREFILL, 1, first + row, sequence), 0, spec, null, alone);
        assertThat(alone.row(0)).as("row %d alone: %s", row, what).isEqualTo(actual.row(row));
    }

    @Test
    void decodeAttentionOverSharedPrefixes() {
        for (AttentionSpec.Mask mask : List.of(new AttentionSpec.Mask.Full(), new AttentionSpec.Mask.Chunked(64))) {
            checkDecode(attention(4, 2, 64, mask), 300, new int[] {1, 2, 1, 40, 140}, new int[] {0, 0, 0, 0, 0});
            checkDecode(attention(10, 2, 12, mask), 77, new int[] {3, 1, 9, 5}, new int[] {0, 0, 1, 1});
            checkDecode(attention(3, 3, 8, mask), 128, new int[] {70}, new int[] {0});
            checkDecode(attention(2, 1, 8, mask), 0, new int[] {1, 130}, new int[] {0, 1});
            int[] forty = new int[40];
            Arrays.setAll(forty, i -> 1 + i);
            checkDecode(attention(8, 2, 16, mask), 130, forty, new int[40]);
        }
    }

    /// A row each for sequences of `ownLengths[i]` positions after a prefix, those with the same number sharing one.
    private void checkDecode(AttentionSpec.Scores spec, int prefixLength, int[] ownLengths, int[] prefixes) {
        String what = spec + " " + ownLengths.length + " rows after " + prefixLength;
        @Nullable MemoryKvSequence[] shared = new @Nullable MemoryKvSequence[2];
        if (prefixLength > 0) {
            for (int i = 0; i < shared.length; i++) {
                MemoryKvSequence prefix = sequence(spec, null, 0, prefixLength);
                fill(prefix, 0, prefixLength, spec);
                shared[i] = prefix;
            }
        }
        int rows = ownLengths.length;
        Batch.Span[] spans = new Batch.Span[rows];
        int[] positions = new int[rows];
        for (int i = 0; i < rows; i++) {
            MemoryKvSequence sequence =
                    sequence(spec, prefixLength > 0 ? shared[prefixes[i]] : null, prefixLength, ownLengths[i]);
            fill(sequence, prefixLength, ownLengths[i], spec);
            positions[i] = prefixLength + ownLengths[i] - 1;
            spans[i] = new Batch.Span(sequence, i, 1, positions[i]);
        }
        Tensor queries = fixtures.random(rows, spec.queryWidth(), 3);
        Tensor expected = fixtures.zeros(rows, queries.columns());
        Tensor actual = fixtures.zeros(rows, queries.columns());
        Batch batch = new Batch(Phase.DECODE, new int[rows], positions, List.of(spans));
        oracle.attention(queries, batch, 0, spec, null, expected);
        backend.attention(queries, batch, 0, spec, null, actual);
        assertClose(expected, actual, rows, 2e-5f, what);

        int row = fixtures.random().nextInt(rows);
        Tensor alone = fixtures.zeros(1, queries.columns());
        Batch.Span span = new Batch.Span(spans[row].sequence(), 0, 1, positions[row]);
        Batch single = new Batch(Phase.DECODE, new int[1], new int[] {positions[row]}, List.of(span));
        backend.attention(fixtures.rows(queries, row, 1), single, 0, spec, null, alone);
        assertThat(alone.row(0)).as("row %d alone: %s", row, what).isEqualTo(actual.row(row));
    }

    @Test
    void prefillAttentionOfSeveralSequences() {
        for (AttentionSpec.Mask mask : List.of(new AttentionSpec.Mask.Full(), new AttentionSpec.Mask.Chunked(64))) {
            AttentionSpec.Scores spec = attention(4, 2, 16, mask);
            MemoryKvSequence prefix = sequence(spec, null, 0, 150);
            fill(prefix, 0, 150, spec);
            int[] lengths = {3, 40, 1, 17, 90};
            Batch.Span[] spans = new Batch.Span[lengths.length + 1];
            int rows = 0;
            for (int i = 0; i < lengths.length; i++) {
                MemoryKvSequence own = sequence(spec, prefix, 150, lengths[i]);
                fill(own, 150, lengths[i], spec);
                spans[i] = new Batch.Span(own, rows, lengths[i], 150);
                rows += lengths[i];
            }
            MemoryKvSequence alone = sequence(spec, null, 0, 30);
            fill(alone, 0, 30, spec);
            spans[lengths.length] = new Batch.Span(alone, rows, 20, 10);
            rows += 20;
            int[] positions = new int[rows];
            for (Batch.Span span : spans) {
                for (int i = 0; i < span.rows(); i++) {
                    positions[span.firstRow() + i] = span.firstPosition() + i;
                }
            }
            Tensor queries = fixtures.random(rows, 64, 3);
            Tensor expected = fixtures.zeros(rows, 64);
            Tensor actual = fixtures.zeros(rows, 64);
            Batch batch = new Batch(Phase.PREFILL, new int[rows], positions, List.of(spans));
            oracle.attention(queries, batch, 0, spec, null, expected);
            backend.attention(queries, batch, 0, spec, null, actual);
            assertClose(expected, actual, rows, 2e-5f, spec + " of several sequences");
        }
    }

    @Test
    void rowOperationsAtLaneEdges() {
        for (int columns : new int[] {1, 2, 7, 8, 15, 16, 17, 32, 48, 100}) {
            for (int rows : new int[] {1, 5, 300}) {
                String what = "(" + rows + ", " + columns + ")";
                float[] gain = fixtures.random(1, columns).row(0);
                compare(rows, columns, 1e-6f, what + " norm", (b, x) -> b.rmsNorm(x, rows, gain, 1e-5f, x));
                compare(
                        rows,
                        columns,
                        1e-6f,
                        what + " norm without gain",
                        (b, x) -> b.rmsNorm(x, rows, null, 1e-5f, x));
                Tensor other = fixtures.random(rows, columns, 4);
                compare(rows, columns, 0, what + " add", (b, x) -> b.add(x, other, 1, rows));
                compare(
                        rows,
                        columns,
                        2e-6f,
                        what + " silu",
                        (b, x) -> b.activate(MlpSpec.Activation.SILU, x, other, rows));
            }
        }
    }

    @Test
    void turnsHeadsAtLaneEdges() {
        for (int headDim : new int[] {2, 8, 12, 36, 64, 128}) {
            for (int turned : new int[] {headDim, headDim / 4 * 2}) {
                float[] frequencies = new float[turned / 2];
                for (int i = 0; i < frequencies.length; i++) {
                    frequencies[i] = (float) Math.pow(5e5, -2.0 * i / headDim);
                }
                int rows = 9;
                int[] positions = new int[rows];
                Arrays.setAll(positions, i -> i == 0 ? 10_485_759 : i * 1001);
                for (Rope.Pairing pairing : Rope.Pairing.values()) {
                    Rope rope = new Rope(pairing, frequencies);
                    String what = "rope " + pairing + " " + turned + " of " + headDim;
                    compare(rows, 3 * headDim, 1e-6f, what, (b, x) -> b.rope(x, rows, headDim, 0, rope, positions));
                }
            }
        }
    }

    @Test
    void routesLikeTheOracle() {
        int rows = 333;
        int experts = 16;
        int columns = 37;
        MlpSpec.Router router = MlpSpec.Router.sigmoidOnInput(experts, 3);
        Tensor logits = fixtures.random(rows, experts, 3);
        Tensor x = fixtures.random(rows, columns);
        Tensor update = fixtures.random(3 * rows, columns);
        Routing expected = new Routing(rows, experts, 3);
        Routing actual = new Routing(rows, experts, 3);
        oracle.route(logits, rows, router, null, expected);
        backend.route(logits, rows, router, null, actual);
        assertThat(actual.slotRow).isEqualTo(expected.slotRow);
        assertThat(actual.expertStart).isEqualTo(expected.expertStart);
        Tensor expectedSlots = fixtures.zeros(3 * rows, columns);
        Tensor actualSlots = fixtures.zeros(3 * rows, columns);
        oracle.gather(x, expected, true, expectedSlots);
        backend.gather(x, actual, true, actualSlots);
        assertClose(expectedSlots, actualSlots, 3 * rows, 0, "gathered");
        compare(rows, columns, 0, "scattered", (b, out) -> b.scatterAdd(update, expected, false, out));
    }

    @Test
    void embedsEveryType() {
        for (TensorType type : TensorType.values()) {
            int columns = wholeBlocks(type, 96);
            Weight table = fixtures.weight(type, Weight.Order.OUTPUT_MAJOR, 11, columns);
            int[] ids = {10, 0, 3, 3};
            Tensor expected = fixtures.zeros(4, columns);
            Tensor actual = fixtures.zeros(4, columns);
            oracle.embed(table, ids, 4, expected);
            backend.embed(table, ids, 4, actual);
            assertClose(expected, actual, 4, 0, type.name());
        }
    }

    // Tools

    private static int wholeBlocks(TensorType type, int weights) {
        return Math.ceilDiv(weights, type.blockWeights()) * type.blockWeights();
    }

    interface InPlace {
        void apply(Backend backend, Tensor x);
    }

    private void compare(int rows, int columns, float tolerance, String what, InPlace operation) {
        Tensor expected = fixtures.random(rows, columns, 8);
        Tensor actual = fixtures.copy(expected);
        operation.apply(oracle, expected);
        operation.apply(backend, actual);
        assertClose(expected, actual, rows, tolerance, what);
    }

    static AttentionSpec.Scores attention(int heads, int kvHeads, int headDim, AttentionSpec.Mask mask) {
        float scale = (float) (1 / Math.sqrt(headDim));
        return new AttentionSpec.Scores(
                heads, kvHeads, headDim, headDim, AttentionSpec.ValueStorage.SEPARATE, scale, mask);
    }

    private MemoryKvSequence sequence(
            AttentionSpec.Scores spec, @Nullable MemoryKvSequence prefix, int prefixLength, int positions) {
        int page = 1 + fixtures.random().nextInt(100);
        return new MemoryKvSequence(arena, prefix, prefixLength, positions, page, spec.keyWidth());
    }

    private void fill(MemoryKvSequence sequence, int first, int rows, AttentionSpec.Scores spec) {
        Tensor keys = fixtures.random(rows, spec.keyWidth(), 2);
        Tensor values = fixtures.random(rows, spec.keyWidth(), 2);
        backend.storeKv(keys, values, batch(Phase.PREFILL, rows, first, sequence), 0);
    }

    static Batch batch(Phase phase, int rows, int firstPosition, MemoryKvSequence sequence) {
        int[] positions = new int[rows];
        Arrays.setAll(positions, i -> firstPosition + i);
        return new Batch(phase, new int[rows], positions, List.of(new Batch.Span(sequence, 0, rows, firstPosition)));
    }

    private static float sigmoid(double x) {
        return (float) (1 / (1 + Math.exp(-x)));
    }

    static void assertClose(Tensor expected, Tensor actual, int rows, float tolerance, String what) {
        assertClose(Fixtures.values(expected, rows), Fixtures.values(actual, rows), tolerance, what);
    }

    /// Absolute for small values, relative for large ones.
    static void assertClose(float[] expected, float[] actual, float tolerance, String what) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            float allowed = tolerance * Math.max(1, Math.abs(expected[i]));
            if (!(Math.abs(expected[i] - actual[i]) <= allowed)) {
                assertThat(actual[i])
                        .as("%s, seed %d, element %d", what, SEED, i)
                        .isCloseTo(expected[i], within(allowed));
            }
        }
    }
}
