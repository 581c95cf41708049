package dev.lectern.engine.internal.backend;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lectern.engine.internal.kernel.Kernels;
import dev.lectern.engine.internal.kernel.Kernels.SoftmaxState;
import dev.lectern.engine.internal.kernel.Kernels.Visible;
import dev.lectern.engine.internal.kernel.Team;
import dev.lectern.engine.internal.kernel.Tile;
import dev.lectern.engine.internal.kv.KvSequence;
import dev.lectern.engine.internal.model.AttentionSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Attention over cached keys and values by blocks of keys and an online softmax (FlashAttention).
///
/// The queries that read the same keys lie side by side as the columns of matrix products: scores are `K · Qᵀ` with
/// keys as they are stored and `Q` turned round once, weighted values `Vᵀ · P`. So neither keys nor values are
/// rearranged, and maxima and sums run down the keys, never across lanes. In prefill the columns are consecutive
/// positions times the heads that share a key head; in decode they are the rows that continue one shared prefix
/// (cascade attention), followed by each row's own keys, which the other columns do not see.
///
/// A column never affects another. Blocks are cut at fixed positions and where the shared prefix ends, so that a
/// query's result is the same to the last bit whatever the batch, the threads and the phase.
final class CpuAttention {
    private static final int KEY_BLOCK = 128;
    /// Columns that share a block of keys while it lies in the cache: the more, the less often keys are fetched.
    private static final int MOST_COLUMNS = 1024;

    private static final int LEAST_COLUMNS = 128;
    private static final int ITEMS_PER_THREAD = 4;
    private static final int PADDING = Integer.MAX_VALUE;

    private final Kernels kernels;
    private final Team team;
    private final Scratch[] scratch;

    CpuAttention(Kernels kernels, Team team) {
        this.kernels = kernels;
        this.team = team;
        scratch = new Scratch[team.threads()];
    }

    void attend(
            Tensor queries, Batch batch, int layer, AttentionSpec.Scores spec, float @Nullable [] sinks, Tensor out) {
        List<QueryBlock> blocks = blocks(batch, layer, spec);
        int kvHeads = spec.kvHeads();
        // The longest first: the short ones then fill up the last gaps.
        blocks.sort((a, b) -> Long.compare(b.work(), a.work()));
        team.run(blocks.size() * kvHeads, (item, worker) -> {
            Scratch own = scratch[worker];
            if (own == null || !own.fits(spec)) {
                own = new Scratch(kernels, spec);
                scratch[worker] = own;
            }
            own.attend(queries, blocks.get(item / kvHeads), item % kvHeads, spec, sinks, out);
        });
    }

    /// Blocks of neighbouring rows that continue the same prefix, or of one sequence.
    private List<QueryBlock> blocks(Batch batch, int layer, AttentionSpec.Scores spec) {
        int mostRows = rowsPerBlock(batch, spec);
        KvRuns.Cache runs = new KvRuns.Cache(layer);
        if (batch.spans().size() == 1) {
            // All blocks then find their runs among these.
            Batch.Span span = batch.spans().get(0);
            int from = spec.mask().firstVisible(span.firstPosition());
            runs.get(span.sequence(), from, span.firstPosition() + span.rows());
        }
        List<Batch.Span> pieces = pieces(batch.spans(), mostRows);
        List<QueryBlock> blocks = new ArrayList<>();
        int next = 0;
        while (next < pieces.size()) {
            int first = next;
            KvSequence prefix = pieces.get(first).sequence().prefix();
            int rows = 0;
            do {
                rows += pieces.get(next).rows();
                next++;
            } while (next < pieces.size()
                    && prefix != null
                    && pieces.get(next).sequence().prefix() == prefix
                    && rows + pieces.get(next).rows() <= mostRows);
            blocks.add(block(pieces.subList(first, next), rows, batch.positions(), runs, spec));
        }
        return blocks;
    }

    /// As many rows as share keys well, but several items a thread. In decode even single rows are worth it
    /// where threads would be idle: the prefix is then read more often, but by more.
    private int rowsPerBlock(Batch batch, AttentionSpec.Scores spec) {
        int columns = Math.multiplyExact(batch.rows() * spec.groupSize(), spec.kvHeads());
        int wanted = switch (batch.phase()) {
            case PREFILL -> Math.clamp(columns / (ITEMS_PER_THREAD * team.threads()), LEAST_COLUMNS, MOST_COLUMNS);
            case DECODE -> Math.min(Math.ceilDiv(columns, team.threads()), MOST_COLUMNS);
        };
        return Math.max(1, wanted / spec.groupSize());
    }

    /// The same rows in spans of at most `mostRows`.
    private static List<Batch.Span> pieces(List<Batch.Span> spans, int mostRows) {
        List<Batch.Span> pieces = new ArrayList<>(spans.size());
        for (Batch.Span span : spans) {
            for (int done = 0; done < span.rows(); done += mostRows) {
                int rows = Math.min(mostRows, span.rows() - done);
                pieces.add(new Batch.Span(span.sequence(), span.firstRow() + done, rows, span.firstPosition() + done));
            }
        }
        return pieces;
    }

    /// The prefix for all rows, then each span's own keys for its rows.
    private static QueryBlock block(
            List<Batch.Span> spans, int rows, int[] positions, KvRuns.Cache runs, AttentionSpec.Scores spec) {
        KvSequence sequence = spans.get(0).sequence();
        int prefixEnd = sequence.prefixLength();
        QueryBlock block = new QueryBlock(spans.get(0).firstRow(), rows, positions);
        int firstVisible = Integer.MAX_VALUE;
        for (Batch.Span span : spans) {
            firstVisible = Math.min(firstVisible, spec.mask().firstVisible(span.firstPosition()));
        }
        block.addKeys(runs, sequence, firstVisible, prefixEnd, 0, rows);
        int row = 0;
        for (Batch.Span span : spans) {
            int from = Math.max(prefixEnd, spec.mask().firstVisible(span.firstPosition()));
            int end = span.firstPosition() + span.rows();
            block.addKeys(runs, span.sequence(), from, end, row, row + span.rows());
            row += span.rows();
        }
        return block;
    }

    /// The runs of one sequence and layer that hold the positions `[from, to)`, looked up once for all workers.
    private static final class KvRuns {
        private final List<KvSequence.Run> runs = new ArrayList<>();

        KvRuns(KvSequence sequence, int layer, int from, int to) {
            sequence.runs(layer, from, to, runs::add);
        }

        /// The index of the run that holds `position`.
        int indexOf(int position) {
            int low = 0;
            int high = runs.size() - 1;
            while (low < high) {
                int middle = (low + high + 1) >>> 1;
                if (runs.get(middle).firstPosition() <= position) {
                    low = middle;
                } else {
                    high = middle - 1;
                }
            }
            return low;
        }

        KvSequence.Run get(int index) {
            return runs.get(index);
        }

        /// The last look-up, which the next often is a part of.
        private static final class Cache {
            private final int layer;
            private @Nullable KvSequence sequence;
            private int from;
            private int to;
            private @Nullable KvRuns runs;

            Cache(int layer) {
                this.layer = layer;
            }

            KvRuns get(KvSequence wanted, int wantedFrom, int wantedTo) {
                KvRuns last = runs;
                if (last != null && sequence == wanted && from <= wantedFrom && wantedTo <= to) {
                    return last;
                }
                KvRuns found = new KvRuns(wanted, layer, wantedFrom, wantedTo);
                sequence = wanted;
                from = wantedFrom;
                to = wantedTo;
                runs = found;
                return found;
            }
        }
    }

    /// Rows of a batch that are worked on together, and the ranges of keys that they read, in the order in which
    /// they do.
    private static final class QueryBlock {
        final int firstRow;
        final int rows;
        final int[] positions;
        final List<KeyRange> keys = new ArrayList<>();

        QueryBlock(int firstRow, int rows, int[] positions) {
            this.firstRow = firstRow;
            this.rows = rows;
            this.positions = positions;
        }

        void addKeys(KvRuns.Cache runs, KvSequence sequence, int from, int to, int firstRow, int endRow) {
            if (from < to) {
                keys.add(new KeyRange(runs.get(sequence, from, to), from, to, firstRow, endRow));
            }
        }

        long work() {
            long work = 0;
            for (KeyRange range : keys) {
                work += (long) (range.to - range.from) * (range.endRow - range.firstRow);
            }
            return work;
        }
    }

    /// Positions `[from, to)`, which only the rows `[firstRow, endRow)` of the block read.
    private record KeyRange(KvRuns runs, int from, int to, int firstRow, int endRow) {}

    /// A worker's memory for one shape of attention, and the work on one item.
    private static final class Scratch {
        private final Kernels kernels;
        private final AttentionSpec.Scores shape;
        private final int groupSize;
        private final int keyDim;
        private final int valueDim;
        private final int keyRowBytes;
        private final int valueRowBytes;
        private final int valueHeadBytes;

        private final float[] query;
        private final float[] mixed;
        private final SoftmaxState state;
        private final int[] visibleFrom;
        private final int[] visibleTo;
        private final float[] scores;
        private final float[] keys;
        private final float[] values;

        private Tile tile;
        private int columns;
        private int panels;
        private int dims;

        Scratch(Kernels kernels, AttentionSpec.Scores spec) {
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
            query = new float[mostColumns * keyDim];
            mixed = new float[mostColumns * mostDims];
            state = new SoftmaxState(mostColumns);
            visibleFrom = new int[mostColumns];
            visibleTo = new int[mostColumns];
            scores = new float[KEY_BLOCK * widest];
            keys = new float[KEY_BLOCK * keyDim];
            values = new float[KEY_BLOCK * mostDims];
        }

        boolean fits(AttentionSpec.Scores spec) {
            return spec.heads() == shape.heads()
                    && spec.kvHeads() == shape.kvHeads()
                    && spec.keyDim() == keyDim
                    && spec.valueDim() == valueDim
                    && spec.storage() == shape.storage();
        }

        void attend(
                Tensor queries,
                QueryBlock block,
                int kvHead,
                AttentionSpec.Scores spec,
                float @Nullable [] sinks,
                Tensor out) {
            int used = block.rows * groupSize;
            tile = used <= kernels.narrowTile().columns() ? kernels.narrowTile() : kernels.tile();
            columns = tile.columns();
            panels = Math.ceilDiv(used, columns);
            dims = roundUp(valueDim, tile.rows());
            loadQueries(queries, block, kvHead, spec.scale());
            prepareState(used, kvHead, sinks);
            Arrays.fill(mixed, 0, panels * dims * columns, 0);
            for (KeyRange range : block.keys) {
                prepareVisibility(block, range, spec.mask());
                for (int from = range.from; from < range.to; ) {
                    int to = Math.min(range.to, (from / KEY_BLOCK + 1) * KEY_BLOCK);
                    attendKeys(range.runs, kvHead, from, to);
                    from = to;
                }
            }
            storeResult(block, kvHead, out);
        }

        /// A sink is a logit without a value: it counts in the sum before any key does.
        private void prepareState(int used, int kvHead, float @Nullable [] sinks) {
            Arrays.fill(state.largest(), SoftmaxState.NOTHING_YET);
            Arrays.fill(state.sums(), 0);
            for (int i = 0; i < used && sinks != null; i++) {
                state.largest()[i] = (float) (sinks[kvHead * groupSize + i % groupSize] / Math.log(2));
                state.sums()[i] = 1;
            }
        }

        /// Column i is head `i % groupSize` of row `i / groupSize`; the padding columns are zero.
        private void loadQueries(Tensor queries, QueryBlock block, int kvHead, float scale) {
            // Scores are then in units of log2.
            float factor = (float) (scale / Math.log(2));
            Arrays.fill(query, 0, panels * keyDim * columns, 0);
            for (int i = 0; i < block.rows * groupSize; i++) {
                long from = queries.rowOffset(block.firstRow + i / groupSize)
                        + 4L * (kvHead * groupSize + i % groupSize) * keyDim;
                int at = i / columns * keyDim * columns + i % columns;
                for (int d = 0; d < keyDim; d++) {
                    query[at + d * columns] = queries.data().get(JAVA_FLOAT, from + 4L * d) * factor;
                }
            }
        }

        private void prepareVisibility(QueryBlock block, KeyRange range, AttentionSpec.Mask mask) {
            for (int i = 0; i < panels * columns; i++) {
                int row = i / groupSize;
                if (row >= block.rows) {
                    // A padding column sees everything, so that it makes no block partly
                    // visible.
                    visibleFrom[i] = 0;
                    visibleTo[i] = PADDING;
                } else if (row < range.firstRow || row >= range.endRow) {
                    visibleFrom[i] = 0;
                    visibleTo[i] = 0;
                } else {
                    int position = block.positions[block.firstRow + row];
                    visibleFrom[i] = mask.firstVisible(position);
                    visibleTo[i] = position + 1;
                }
            }
        }

        /// One block of keys, positions `[from, to)`, for all panels.
        private void attendKeys(KvRuns runs, int kvHead, int from, int to) {
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
                    load(runs, kvHead, from, to);
                    loaded = true;
                }
                // Keys that no column of the panel sees have weight 0: leaving them out changes
                // nothing.
                int count = Math.min(to, seenTo) - from;
                attendPanel(panel, count, all ? null : new Visible(from, visibleFrom, visibleTo));
            }
        }

        private void attendPanel(int panel, int count, @Nullable Visible visible) {
            int queryAt = panel * keyDim * columns;
            for (int key = 0; key < count; key += tile.rows()) {
                tile.multiplyRows(keys, key * keyDim, keyDim, query, queryAt, keyDim, scores, key * columns, columns);
            }
            int mixedAt = panel * dims * columns;
            kernels.softmax(scores, count, columns, state, panel * columns, mixed, mixedAt, dims, visible);
            for (int d = 0; d < dims; d += tile.rows()) {
                tile.addSteps(values, d * KEY_BLOCK, scores, 0, count, mixed, mixedAt + d * columns, columns);
            }
        }

        /// Copies one key head's keys and values to the heap: keys as rows; values so that a tile's rows of
        /// one key lie together, padded with zeros.
        private void load(KvRuns runs, int kvHead, int from, int to) {
            int width = tile.rows();
            int index = runs.indexOf(from);
            for (int position = from; position < to; index++) {
                KvSequence.Run run = runs.get(index);
                int rows = Math.min(to, run.firstPosition() + run.count()) - position;
                long first = position - run.firstPosition();
                int row = position - from;
                long keyAt = first * keyRowBytes + (long) Float.BYTES * kvHead * keyDim;
                kernels.loadRows(run.keys(), keyAt, keyRowBytes, rows, keyDim, keys, row * keyDim, keyDim);
                long valueAt = first * valueRowBytes + (long) kvHead * valueHeadBytes;
                kernels.loadBlocks(
                        run.values(),
                        valueAt,
                        valueRowBytes,
                        rows,
                        valueDim,
                        values,
                        row * width,
                        width,
                        KEY_BLOCK * width);
                position += rows;
            }
        }

        private void storeResult(QueryBlock block, int kvHead, Tensor out) {
            for (int i = 0; i < block.rows * groupSize; i++) {
                float factor = 1 / state.sums()[i];
                long to = out.rowOffset(block.firstRow + i / groupSize)
                        + 4L * (kvHead * groupSize + i % groupSize) * valueDim;
                int at = i / columns * dims * columns + i % columns;
                for (int d = 0; d < valueDim; d++) {
                    out.data().set(JAVA_FLOAT, to + 4L * d, mixed[at + d * columns] * factor);
                }
            }
        }

        private static int roundUp(int value, int multiple) {
            return Math.ceilDiv(value, multiple) * multiple;
        }
    }
}
