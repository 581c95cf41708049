package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.kernel.Kernels;
import dev.lectern.engine.internal.kernel.Kernels.SoftmaxState;
import dev.lectern.engine.internal.kernel.Kernels.Visible;
import dev.lectern.engine.internal.kernel.NativeBuffer;
import dev.lectern.engine.internal.kernel.Tile;
import dev.lectern.engine.internal.kv.KvSequence;
import dev.lectern.engine.internal.model.AttentionSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// One thread's memory for one shape of attention, and its work on some queries and one segment of keys: an online
/// softmax over blocks of keys (FlashAttention).
///
/// The queries lie side by side as the columns of matrix products: scores are `K · Qᵀ` with keys as they are stored
/// and `Q` turned round once, weighted values `Vᵀ · P`. So neither keys nor values are rearranged, and maxima and
/// sums run down the keys, never across lanes. A column never affects another: blocks of keys are cut at fixed
/// positions.
final class AttentionWorker implements AutoCloseable {
    /// Keys and values of a block, and a panel's scores, stay in the second-level cache.
    private static final int KEY_BLOCK = 128;

    /// Most columns that share a block of keys while it lies in the cache: the more, the less often keys are
    /// fetched.
    static final int MOST_COLUMNS = 1024;

    private static final int PADDING = Integer.MAX_VALUE;
    /// Distance of the values' blocks beyond their size: without it they would all meet in one cache set.
    private static final int GAP = 16;

    private final Kernels kernels;
    private final AttentionSpec.Scores shape;
    private final int groupSize;
    private final int keyDim;
    private final int valueDim;
    private final int keyRowBytes;
    private final int valueRowBytes;
    private final int valueHeadBytes;

    private final float[] queryRows;
    private final float[] mixed;
    private final SoftmaxState state;
    private final int[] visibleFrom;
    private final int[] visibleTo;
    /// Panels and blocks that tiles read as their right operand.
    private final Arena arena = Arena.ofShared();
    private final MemorySegment query;
    private final MemorySegment scores;
    /// A block's keys, cut in depth: row k of depth block b at `(b * KEY_BLOCK + k) * Tile.STRIDE`.
    private final float[] keys;
    private final float[] values;
    private final float[] square;

    private Tile tile;
    /// Whether the columns are so few that vectors run along the values instead: faster up to one and a half vectors
    /// of columns, and slower for two full ones.
    private boolean few;

    private int used;
    private int columns;
    private int panels;
    private int dims;

    AttentionWorker(Kernels kernels, AttentionSpec.Scores spec) {
        this.kernels = kernels;
        shape = spec;
        groupSize = spec.groupSize();
        keyDim = spec.keyDim();
        valueDim = spec.valueDim();
        keyRowBytes = Float.BYTES * spec.keyWidth();
        boolean inKeys = spec.storage() == AttentionSpec.ValueStorage.IN_KEYS;
        valueRowBytes = inKeys ? keyRowBytes : Float.BYTES * spec.valueWidth();
        valueHeadBytes = Float.BYTES * (inKeys ? keyDim : valueDim);
        tile = kernels.tile();
        int widest = tile.columns();
        int mostColumns = roundUp(Math.max(MOST_COLUMNS, groupSize), widest);
        int mostDims = valueDim + 8;
        queryRows = new float[(widest + 2 * groupSize) * keyDim];
        query = floats(mostColumns * keyDim);
        mixed = new float[mostColumns * mostDims];
        state = new SoftmaxState(mostColumns);
        visibleFrom = new int[mostColumns];
        visibleTo = new int[mostColumns];
        scores = floats(KEY_BLOCK * widest);
        keys = new float[Math.ceilDiv(keyDim, Tile.MOST_DEPTH) * KEY_BLOCK * Tile.STRIDE];
        values = new float[(KEY_BLOCK + GAP) * mostDims];
        square = new float[kernels.lanes() * kernels.lanes()];
    }

    private MemorySegment floats(int count) {
        return arena.allocate((long) Float.BYTES * count, NativeBuffer.ALIGNMENT);
    }

    boolean fits(AttentionSpec.Scores spec) {
        return spec.heads() == shape.heads()
                && spec.kvHeads() == shape.kvHeads()
                && spec.keyDim() == keyDim
                && spec.valueDim() == valueDim
                && spec.storage() == shape.storage();
    }

    /// Takes the rows' queries of the heads that read one key head: column i is head `i % groupSize` of row
    /// `i / groupSize`.
    void takeQueries(Tensor queries, AttentionPlan.Part part, int kvHead, int[] positions, AttentionSpec.Scores spec) {
        used = part.rows() * groupSize;
        tile = used <= kernels.narrowTile().columns() ? kernels.narrowTile() : kernels.tile();
        columns = tile.columns();
        panels = Math.ceilDiv(used, columns);
        few = used <= 3 * kernels.lanes() / 2;
        dims = roundUp(valueDim, tile.rows());
        // Scores are then in units of log2.
        float factor = (float) (spec.scale() / Math.log(2));
        for (int panel = 0; panel < panels; panel++) {
            takePanel(queries, part.firstRow(), kvHead, panel, factor);
        }
        prepareVisibility(part, positions, spec.mask());
    }

    private void takePanel(Tensor queries, int firstRow, int kvHead, int panel, float factor) {
        int first = panel * columns;
        int count = Math.min(columns, used - first);
        int row = first / groupSize;
        int rows = (first + count - 1) / groupSize + 1 - row;
        int width = groupSize * keyDim;
        long from = queries.rowOffset(firstRow + row) + (long) Float.BYTES * kvHead * width;
        kernels.loadRows(queries.data(), from, queries.rowOffset(1), rows, width, queryRows, 0, width);
        long at = queryAt(panel, 0);
        if (count < columns) {
            // The padding columns are zero.
            query.asSlice(at, queryAt(1, 0)).fill((byte) 0);
        }
        int skipped = (first - row * groupSize) * keyDim;
        long rowBytes = (long) Float.BYTES * columns;
        kernels.transpose(queryRows, skipped, keyDim, count, keyDim, factor, query, at, rowBytes, square);
    }

    /// Where a panel's step `k` is, in bytes.
    private long queryAt(int panel, int k) {
        return (long) Float.BYTES * columns * (panel * keyDim + k);
    }

    private void prepareVisibility(AttentionPlan.Part part, int[] positions, AttentionSpec.Mask mask) {
        for (int row = 0; row < part.rows(); row++) {
            int position = positions[part.firstRow() + row];
            int firstVisible = mask.firstVisible(position);
            for (int i = row * groupSize; i < (row + 1) * groupSize; i++) {
                visibleFrom[i] = firstVisible;
                visibleTo[i] = position + 1;
            }
        }
        for (int i = used; i < panels * columns; i++) {
            // A padding column sees everything, so that it makes no block partly visible.
            visibleFrom[i] = 0;
            visibleTo[i] = PADDING;
        }
    }

    /// What the queries read of the keys `[from, to)`, which lie in one segment.
    ///
    /// @param result from byte `at` on, in three parts: the weighted values, not divided by anything, `(columns,
    ///               valueDim)`; a column's largest score, [SoftmaxState#NOTHING_YET] where it sees no key; and
    ///               its sum of weights
    void attend(KvRuns runs, int kvHead, int from, int to, MemorySegment result, long at) {
        Arrays.fill(state.largest(), 0, panels * columns, SoftmaxState.NOTHING_YET);
        Arrays.fill(state.sums(), 0, panels * columns, 0);
        Arrays.fill(mixed, 0, panels * dims * columns, 0);
        for (int first = from; first < to; ) {
            int end = Math.min(to, (first / KEY_BLOCK + 1) * KEY_BLOCK);
            attendBlock(runs, kvHead, first, end);
            first = end;
        }
        if (few) {
            copy(mixed, used * valueDim, result, at);
        }
        long valueBytes = (long) Float.BYTES * valueDim;
        for (int panel = 0; panel < panels && !few; panel++) {
            int first = panel * columns;
            int count = Math.min(columns, used - first);
            int mixedAt = panel * dims * columns;
            long resultAt = at + first * valueBytes;
            kernels.transpose(mixed, mixedAt, columns, valueDim, count, 1, result, resultAt, valueBytes, square);
        }
        copy(state.largest(), used, result, at + used * valueBytes);
        copy(state.sums(), used, result, at + used * (valueBytes + Float.BYTES));
    }

    private static void copy(float[] values, int count, MemorySegment out, long offset) {
        MemorySegment.copy(values, 0, out, ValueLayout.JAVA_FLOAT, offset, count);
    }

    /// One block of keys for all panels.
    private void attendBlock(KvRuns runs, int kvHead, int from, int to) {
        boolean loaded = false;
        for (int panel = 0; panel < panels; panel++) {
            int seenFrom = Integer.MAX_VALUE;
            int seenTo = 0;
            boolean all = true;
            for (int i = panel * columns; i < (panel + 1) * columns; i++) {
                all &= visibleFrom[i] <= from && to <= visibleTo[i];
                if (visibleTo[i] != PADDING) {
                    seenFrom = Math.min(seenFrom, visibleFrom[i]);
                    seenTo = Math.max(seenTo, visibleTo[i]);
                }
            }
            if (seenTo <= from || seenFrom >= to) {
                continue;
            }
            if (!loaded) {
                loadKeys(runs, kvHead, from, to);
                if (!few) {
                    loadValues(runs, kvHead, from, to);
                }
                loaded = true;
            }
            // Keys that no column of the panel sees have weight 0: leaving them out changes nothing.
            int count = Math.min(to, seenTo) - from;
            Visible visible = all ? null : new Visible(from, visibleFrom, visibleTo);
            score(panel, count);
            if (few) {
                kernels.softmax(scores, count, columns, state, 0, mixed, 0, 0, visible);
                mixInPlace(runs, kvHead, from, count);
            } else {
                kernels.softmax(
                        scores, count, columns, state, panel * columns, mixed, panel * dims * columns, dims, visible);
                mix(panel, count);
            }
        }
    }

    private void score(int panel, int count) {
        int tiles = Math.ceilDiv(count, tile.rows());
        for (int start = 0; start < keyDim; start += Tile.MOST_DEPTH) {
            int depth = Math.min(Tile.MOST_DEPTH, keyDim - start);
            long at = queryAt(panel, start);
            if (start == 0) {
                tile.multiplyRows(keys, 0, tiles, query, at, depth, scores, 0);
            } else {
                tile.addRows(keys, keyAt(start, 0), tiles, query, at, depth, scores, 0);
            }
        }
    }

    private static int keyAt(int start, int key) {
        return (start / Tile.MOST_DEPTH * KEY_BLOCK + key) * Tile.STRIDE;
    }

    private void mix(int panel, int count) {
        int distance = KEY_BLOCK * tile.rows() + GAP;
        int tiles = dims / tile.rows();
        tile.addSteps(values, 0, distance, tiles, scores, 0, count, mixed, panel * dims * columns);
    }

    /// For few columns: `mixed` is `(columns, valueDim)`, and values are read where they lie.
    private void mixInPlace(KvRuns runs, int kvHead, int from, int count) {
        for (int i = 0; i < used; i++) {
            float factor = state.added()[i];
            for (int d = i * valueDim; d < (i + 1) * valueDim && factor != 1; d++) {
                mixed[d] *= factor;
            }
        }
        int index = runs.indexOf(from);
        for (int done = 0; done < count; index++) {
            KvSequence.Run run = runs.get(index);
            int first = from + done - run.firstPosition();
            int rows = Math.min(count - done, run.count() - first);
            long at = (long) first * valueRowBytes + (long) kvHead * valueHeadBytes;
            long weightsAt = (long) Float.BYTES * columns * done;
            kernels.addWeightedRows(
                    run.values(), at, valueRowBytes, rows, valueDim, scores, weightsAt, columns, used, mixed);
            done += rows;
        }
    }

    /// Copies one key head's keys to the heap.
    private void loadKeys(KvRuns runs, int kvHead, int from, int to) {
        int index = runs.indexOf(from);
        for (int position = from; position < to; index++) {
            KvSequence.Run run = runs.get(index);
            int rows = Math.min(to, run.firstPosition() + run.count()) - position;
            long first = position - run.firstPosition();
            long at = first * keyRowBytes + (long) Float.BYTES * kvHead * keyDim;
            for (int start = 0; start < keyDim; start += Tile.MOST_DEPTH, at += (long) Float.BYTES * Tile.MOST_DEPTH) {
                int depth = Math.min(Tile.MOST_DEPTH, keyDim - start);
                int keysAt = keyAt(start, position - from);
                kernels.loadRows(run.keys(), at, keyRowBytes, rows, depth, keys, keysAt, Tile.STRIDE);
            }
            position += rows;
        }
    }

    /// Copies one key head's values to the heap so that a tile's rows of one key lie together, padded with
    /// zeros.
    private void loadValues(KvRuns runs, int kvHead, int from, int to) {
        int width = tile.rows();
        int blockStride = KEY_BLOCK * width + GAP;
        int index = runs.indexOf(from);
        for (int position = from; position < to; index++) {
            KvSequence.Run run = runs.get(index);
            int rows = Math.min(to, run.firstPosition() + run.count()) - position;
            long first = position - run.firstPosition();
            long at = first * valueRowBytes + (long) kvHead * valueHeadBytes;
            int valuesAt = (position - from) * width;
            kernels.loadBlocks(run.values(), at, valueRowBytes, rows, valueDim, values, valuesAt, width, blockStride);
            position += rows;
        }
    }

    @Override
    public void close() {
        arena.close();
    }

    private static int roundUp(int value, int multiple) {
        return Math.ceilDiv(value, multiple) * multiple;
    }
}
