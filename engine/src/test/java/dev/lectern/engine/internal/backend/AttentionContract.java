package dev.lectern.engine.internal.backend;

import static dev.lectern.engine.internal.backend.BackendContract.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lectern.engine.internal.model.AttentionSpec;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Attention of every backend: small cases with their results written out, then random ones against [ScalarBackend]
/// around block, page and prefix borders, then what must not change a result.
abstract class AttentionContract {
    private static final long SEED = 20261121;

    private static final List<AttentionSpec.Mask> MASKS = List.of(
            new AttentionSpec.Mask.Full(), new AttentionSpec.Mask.Chunked(48), new AttentionSpec.Mask.Window(37));

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
    void aWindowHoldsTheLastKeysAndTheQuerysOwn() {
        AttentionSpec.Scores windowed = attention(1, 1, 2, new AttentionSpec.Mask.Window(2));
        Batch batch = batch(Phase.PREFILL, 3, 0, new MemoryKvSequence(arena, 3, 2, 2));
        backend.storeKv(fixtures.zeros(3, 2), fixtures.of(2, 1, 10, 3, 30, 8, 80), batch, 0);
        Tensor out = fixtures.zeros(3, 2);
        backend.attention(fixtures.random(3, 2), batch, 0, windowed, null, out);
        assertClose(new float[] {1, 10, 2, 20, 5.5f, 55}, Fixtures.values(out, 3), 1e-5f, "windowed");
    }

    @Test
    void aSinkTakesItsShareOfTheSum() {
        AttentionSpec.Scores spec = attention(2, 1, 2, new AttentionSpec.Mask.Full());
        Batch batch = batch(Phase.PREFILL, 1, 0, new MemoryKvSequence(arena, 1, 2, 2));
        backend.storeKv(fixtures.zeros(1, 2), fixtures.of(2, 4, 40), batch, 0);
        Tensor out = fixtures.zeros(1, 4);
        // The key's logit is 0: it has half of the sum, and then a quarter.
        backend.attention(fixtures.random(1, 4), batch, 0, spec, new float[] {0, (float) Math.log(3)}, out);
        assertClose(new float[] {2, 20, 1, 10}, Fixtures.values(out, 1), 1e-5f, "with sinks");
    }

    @Test
    void valuesCanBePartOfTheKeys() {
        AttentionSpec.Scores spec = new AttentionSpec.Scores(
                2, 1, 3, 2, AttentionSpec.ValueStorage.IN_KEYS, 1, new AttentionSpec.Mask.Full());
        Batch batch = batch(Phase.PREFILL, 2, 0, new MemoryKvSequence(arena, null, 0, 2, 1, 3, 0));
        backend.storeKv(fixtures.of(3, 1, 2, 7, 3, 4, 9), null, batch, 0);
        Tensor out = fixtures.zeros(2, 4);
        backend.attention(fixtures.zeros(2, 6), batch, 0, spec, null, out);
        assertClose(new float[] {1, 2, 1, 2, 2, 3, 2, 3}, Fixtures.values(out, 2), 1e-6f, "mixed latents");
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
    void prefillAttentionAtEdges() {
        int[][] shapes = {{1, 1, 4}, {4, 2, 64}, {5, 1, 12}, {6, 3, 40}};
        for (int[] shape : shapes) {
            for (int[] piece : new int[][] {{0, 1}, {0, 150}, {37, 5}, {127, 2}, {128, 130}, {250, 7}}) {
                for (AttentionSpec.Mask mask : MASKS) {
                    checkPrefill(attention(shape[0], shape[1], shape[2], mask), piece[0], piece[1], 0);
                }
                checkPrefill(latent(shape[0], shape[2], new AttentionSpec.Mask.Full()), piece[0], piece[1], 0);
            }
        }
        checkPrefill(attention(4, 2, 16, new AttentionSpec.Mask.Full()), 140, 20, 133);
        checkPrefill(attention(4, 2, 16, new AttentionSpec.Mask.Chunked(128)), 140, 20, 133);
        checkPrefill(attention(4, 2, 16, new AttentionSpec.Mask.Window(12)), 140, 20, 133);
        checkPrefill(latent(4, 16, new AttentionSpec.Mask.Full()), 140, 20, 133);
        // Deeper keys than a tile takes at a time.
        checkPrefill(latent(2, 1100, new AttentionSpec.Mask.Full()), 140, 20, 133);
    }

    @Test
    void attentionOverSeveralSegmentsOfKeys() {
        for (AttentionSpec.Mask mask :
                List.of(new AttentionSpec.Mask.Full(), new AttentionSpec.Mask.Window(2100), MASKS.get(1))) {
            checkPrefill(attention(4, 2, 16, mask), 2040, 30, 0);
            checkPrefill(attention(4, 1, 12, mask), 4090, 20, 2050);
            checkDecode(attention(4, 2, 16, mask), 4100, new int[] {1, 30, 2100, 7}, new int[] {0, 0, 0, 1});
        }
        checkDecode(latent(3, 20, new AttentionSpec.Mask.Full()), 2048, new int[] {1, 5}, new int[] {0, 0});
    }

    @Test
    void aRowReadsTheSameInEveryPhaseAndCompany() {
        AttentionSpec.Scores spec = attention(4, 2, 16, new AttentionSpec.Mask.Full());
        int rows = 40;
        int first = 2030;
        MemoryKvSequence sequence = sequence(spec, null, 0, first + rows);
        fill(sequence, 0, first + rows, spec);
        Tensor queries = fixtures.random(rows, spec.queryWidth(), 3);
        Tensor together = fixtures.zeros(rows, spec.outputWidth());
        backend.attention(queries, batch(Phase.PREFILL, rows, first, sequence), 0, spec, null, together);
        for (Phase phase : Phase.values()) {
            for (int row : new int[] {0, 17, 18, rows - 1}) {
                Tensor alone = fixtures.zeros(1, spec.outputWidth());
                Batch single = batch(phase, 1, first + row, sequence);
                backend.attention(fixtures.rows(queries, row, 1), single, 0, spec, null, alone);
                assertThat(alone.row(0)).as("row %d in %s", row, phase).isEqualTo(together.row(row));
            }
        }
    }

    /// Rows `[first, first + rows)` of a sequence, of which the first `prefixLength` positions are a shared
    /// prefix.
    private void checkPrefill(AttentionSpec.Scores spec, int first, int rows, int prefixLength) {
        String what = spec + " rows " + rows + " at " + first;
        float[] sinks = sinks(spec);
        MemoryKvSequence sequence = sequence(spec, null, 0, prefixLength);
        if (prefixLength > 0) {
            fill(sequence, 0, prefixLength, spec);
            sequence = sequence(spec, sequence, prefixLength, first + rows - prefixLength);
        } else {
            sequence = sequence(spec, null, 0, first + rows);
        }
        fill(sequence, prefixLength, first + rows - prefixLength, spec);
        Tensor queries = fixtures.random(rows, spec.queryWidth(), 3);
        Tensor expected = fixtures.zeros(rows, spec.outputWidth());
        Tensor actual = fixtures.zeros(rows, spec.outputWidth());
        Batch batch = batch(Phase.PREFILL, rows, first, sequence);
        oracle.attention(queries, batch, 0, spec, sinks, expected);
        backend.attention(queries, batch, 0, spec, sinks, actual);
        assertClose(expected, actual, rows, 2e-5f, what);

        int row = fixtures.random().nextInt(rows);
        Tensor alone = fixtures.zeros(1, spec.outputWidth());
        backend.attention(
                fixtures.rows(queries, row, 1), batch(Phase.PREFILL, 1, first + row, sequence), 0, spec, sinks, alone);
        assertThat(alone.row(0)).as("row %d alone: %s", row, what).isEqualTo(actual.row(row));
    }

    @Test
    void decodeAttentionOverSharedPrefixes() {
        for (AttentionSpec.Mask mask : MASKS) {
            checkDecode(latent(6, 20, mask), 300, new int[] {1, 2, 1, 40, 140}, new int[] {0, 0, 0, 0, 0});
            checkDecode(attention(4, 2, 64, mask), 300, new int[] {1, 2, 1, 40, 140}, new int[] {0, 0, 0, 0, 0});
            checkDecode(attention(10, 2, 12, mask), 77, new int[] {3, 1, 9, 5}, new int[] {0, 0, 1, 1});
            checkDecode(attention(3, 3, 8, mask), 128, new int[] {70}, new int[] {0});
            checkDecode(attention(2, 1, 8, mask), 0, new int[] {1, 130}, new int[] {0, 1});
            int[] forty = new int[40];
            Arrays.setAll(forty, i -> 1 + i);
            checkDecode(attention(8, 2, 16, mask), 130, forty, new int[40]);
        }
    }

    /// A row each for sequences of `ownLengths[i]` positions after a prefix, those with the same number sharing
    /// one.
    private void checkDecode(AttentionSpec.Scores spec, int prefixLength, int[] ownLengths, int[] prefixes) {
        String what = spec + " " + ownLengths.length + " rows after " + prefixLength;
        float[] sinks = sinks(spec);
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
        Tensor expected = fixtures.zeros(rows, spec.outputWidth());
        Tensor actual = fixtures.zeros(rows, spec.outputWidth());
        Batch batch = new Batch(Phase.DECODE, new int[rows], positions, List.of(spans));
        oracle.attention(queries, batch, 0, spec, sinks, expected);
        backend.attention(queries, batch, 0, spec, sinks, actual);
        assertClose(expected, actual, rows, 2e-5f, what);

        int row = fixtures.random().nextInt(rows);
        Tensor alone = fixtures.zeros(1, spec.outputWidth());
        Batch.Span span = new Batch.Span(spans[row].sequence(), 0, 1, positions[row]);
        Batch single = new Batch(Phase.DECODE, new int[1], new int[] {positions[row]}, List.of(span));
        backend.attention(fixtures.rows(queries, row, 1), single, 0, spec, sinks, alone);
        assertThat(alone.row(0)).as("row %d alone: %s", row, what).isEqualTo(actual.row(row));
    }

    @Test
    void prefillAttentionOfSeveralSequences() {
        for (AttentionSpec.Mask mask : MASKS) {
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

    static AttentionSpec.Scores attention(int heads, int kvHeads, int headDim, AttentionSpec.Mask mask) {
        float scale = (float) (1 / Math.sqrt(headDim));
        return new AttentionSpec.Scores(
                heads, kvHeads, headDim, headDim, AttentionSpec.ValueStorage.SEPARATE, scale, mask);
    }

    /// One key head whose first three quarters are its value.
    private static AttentionSpec.Scores latent(int heads, int keyDim, AttentionSpec.Mask mask) {
        float scale = (float) (1 / Math.sqrt(keyDim));
        return new AttentionSpec.Scores(
                heads, 1, keyDim, keyDim * 3 / 4, AttentionSpec.ValueStorage.IN_KEYS, scale, mask);
    }

    /// For every other case.
    private float @Nullable [] sinks(AttentionSpec.Scores spec) {
        return fixtures.random().nextBoolean()
                ? null
                : fixtures.random(1, spec.heads(), 3).row(0);
    }

    private MemoryKvSequence sequence(
            AttentionSpec.Scores spec, @Nullable MemoryKvSequence prefix, int prefixLength, int positions) {
        int page = 1 + fixtures.random().nextInt(100);
        return new MemoryKvSequence(arena, prefix, prefixLength, positions, page, spec.keyWidth(), spec.valueWidth());
    }

    private void fill(MemoryKvSequence sequence, int first, int rows, AttentionSpec.Scores spec) {
        Tensor keys = fixtures.random(rows, spec.keyWidth(), 2);
        Tensor values = spec.valueWidth() == 0 ? null : fixtures.random(rows, spec.valueWidth(), 2);
        backend.storeKv(keys, values, batch(Phase.PREFILL, rows, first, sequence), 0);
    }

    static Batch batch(Phase phase, int rows, int firstPosition, MemoryKvSequence sequence) {
        int[] positions = new int[rows];
        Arrays.setAll(positions, i -> firstPosition + i);
        return new Batch(phase, new int[rows], positions, List.of(new Batch.Span(sequence, 0, rows, firstPosition)));
    }
}
