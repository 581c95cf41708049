package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.backend.AttentionPlan.Block;
import dev.lectern.engine.internal.backend.AttentionPlan.Part;
import dev.lectern.engine.internal.kernel.Kernels;
import dev.lectern.engine.internal.kernel.Kernels.SoftmaxState;
import dev.lectern.engine.internal.kernel.NativeBuffer;
import dev.lectern.engine.internal.kernel.Team;
import dev.lectern.engine.internal.model.AttentionSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Attention over cached keys and values, shared out over the team: queries that read the same keys are worked on
/// together ([AttentionWorker]).
///
/// In prefill the columns of an item are consecutive positions times the heads that share a key head; in decode they
/// are the rows that continue one shared prefix (cascade attention), and each row's own keys are an item of their
/// own. Where there are too few items for the team, keys are shared out by segments.
///
/// A query's result is put together from partial results over segments of keys, which end at fixed positions and
/// where the shared prefix ends, always in ascending order: so it is the same to the last bit whatever the batch,
/// the threads and the phase.
final class CpuAttention implements AutoCloseable {
    private static final int LEAST_COLUMNS = 128;
    private static final int ITEMS_PER_THREAD = 4;
    /// Partial results that are kept before they are merged.
    private static final long MOST_PARTIAL_BYTES = 1 << 24;

    private final Kernels kernels;
    private final Team team;
    /// Each thread's own, one for each shape that a layer has had.
    private final List<List<AttentionWorker>> workers;

    /// Partial results: of each worker, and of all of them.
    private final NativeBuffer[] partials;

    private final NativeBuffer allPartials = new NativeBuffer();
    /// One element a row and head of the batch: the largest score and the sum of weights of what `out` holds so
    /// far.
    private float[] largest = new float[0];

    private float[] sums = new float[0];

    CpuAttention(Kernels kernels, Team team) {
        this.kernels = kernels;
        this.team = team;
        workers = Stream.<List<AttentionWorker>>generate(ArrayList::new)
                .limit(team.threads())
                .toList();
        partials = new NativeBuffer[team.threads()];
        Arrays.setAll(partials, worker -> new NativeBuffer());
    }

    void attend(
            Tensor queries, Batch batch, int layer, AttentionSpec.Scores spec, float @Nullable [] sinks, Tensor out) {
        int states = Math.multiplyExact(batch.rows(), spec.heads());
        if (largest.length < states) {
            largest = new float[states];
            sums = new float[states];
        }
        AttentionPlan plan = AttentionPlan.of(batch, layer, spec.mask(), rowsPerBlock(batch, spec));
        Call call = new Call(queries, batch, spec, sinks, out);
        if (plan.blocks().size() * spec.kvHeads() < ITEMS_PER_THREAD * team.threads()) {
            List<Part> segments = plan.segments();
            if (segments.size() > plan.blocks().size()) {
                attendBySegments(call, segments);
                return;
            }
        }
        attendByBlocks(call, plan.blocks());
    }

    /// The arguments of one call.
    private record Call(Tensor queries, Batch batch, AttentionSpec.Scores spec, float @Nullable [] sinks, Tensor out) {}

    /// As many rows as share keys well, but in prefill several items a thread.
    private int rowsPerBlock(Batch batch, AttentionSpec.Scores spec) {
        int columns = Math.multiplyExact(batch.rows() * spec.groupSize(), spec.kvHeads());
        int wanted = switch (batch.phase()) {
            case PREFILL ->
                Math.clamp(columns / (ITEMS_PER_THREAD * team.threads()), LEAST_COLUMNS, AttentionWorker.MOST_COLUMNS);
            case DECODE -> AttentionWorker.MOST_COLUMNS;
        };
        return Math.max(1, wanted / spec.groupSize());
    }

    /// An item is a block of rows and a key head, with all its keys.
    private void attendByBlocks(Call call, List<Block> blocks) {
        int kvHeads = call.spec.kvHeads();
        // The longest first: the short ones then fill up the last gaps.
        Block[] sorted = blocks.toArray(new Block[0]);
        Arrays.sort(sorted, (a, b) -> Long.compare(b.work(), a.work()));
        team.run(sorted.length * kvHeads, (item, worker) -> {
            Block block = sorted[item / kvHeads];
            int kvHead = item % kvHeads;
            AttentionWorker own = worker(worker, call.spec);
            MemorySegment partial = partials[worker].reserve(partialBytes(block.rows(), call.spec));
            begin(call, block.firstRow(), block.rows(), kvHead);
            for (Part part : block.parts()) {
                own.takeQueries(call.queries, part, kvHead, call.batch.positions(), call.spec);
                for (int from = part.from(); from < part.to(); from = part.segmentEnd(from)) {
                    own.attend(part.runs(), kvHead, from, part.segmentEnd(from), partial, 0);
                    merge(call, part, kvHead, part.firstRow(), part.firstRow() + part.rows(), partial, 0);
                }
            }
            finish(call, block.firstRow(), block.rows(), kvHead);
        });
    }

    /// An item is a segment of the keys of some rows, and a key head. Their partial results are kept until a
    /// wave of items is done.
    private void attendBySegments(Call call, List<Part> segments) {
        int kvHeads = call.spec.kvHeads();
        int rows = call.batch.rows();
        int rowsPerItem = Math.max(1, Math.ceilDiv(rows, team.threads()));
        long[] partialAt = new long[segments.size() + 1];
        for (int first = 0; first < segments.size(); ) {
            int end = first;
            long size = 0;
            do {
                partialAt[end] = size;
                size += kvHeads * partialBytes(segments.get(end).rows(), call.spec);
                end++;
            } while (end < segments.size() && (size < MOST_PARTIAL_BYTES || end - first < team.threads()));
            MemorySegment partials = allPartials.reserve(size);
            List<Part> wave = segments.subList(first, end);
            int waveStart = first;
            int waveEnd = end;
            team.run(wave.size() * kvHeads, (item, worker) -> {
                Part part = wave.get(item / kvHeads);
                int kvHead = item % kvHeads;
                AttentionWorker own = worker(worker, call.spec);
                own.takeQueries(call.queries, part, kvHead, call.batch.positions(), call.spec);
                long at = partialAt[waveStart + item / kvHeads] + kvHead * partialBytes(part.rows(), call.spec);
                own.attend(part.runs(), kvHead, part.from(), part.to(), partials, at);
            });
            team.run(Math.ceilDiv(rows, rowsPerItem) * kvHeads, (item, worker) -> {
                int kvHead = item % kvHeads;
                int from = item / kvHeads * rowsPerItem;
                int to = Math.min(rows, from + rowsPerItem);
                if (waveStart == 0) {
                    begin(call, from, to - from, kvHead);
                }
                for (int i = waveStart; i < waveEnd; i++) {
                    Part part = segments.get(i);
                    long at = partialAt[i] + kvHead * partialBytes(part.rows(), call.spec);
                    merge(call, part, kvHead, from, to, partials, at);
                }
                if (waveEnd == segments.size()) {
                    finish(call, from, to - from, kvHead);
                }
            });
            first = end;
        }
    }

    private AttentionWorker worker(int index, AttentionSpec.Scores spec) {
        List<AttentionWorker> own = workers.get(index);
        for (AttentionWorker worker : own) {
            if (worker.fits(spec)) {
                return worker;
            }
        }
        AttentionWorker worker = new AttentionWorker(kernels, spec);
        own.add(worker);
        return worker;
    }

    /// Bytes of a partial result: the values, the largest score and the sum of each column.
    private static long partialBytes(int rows, AttentionSpec.Scores spec) {
        return (long) Float.BYTES * rows * spec.groupSize() * (spec.valueDim() + 2);
    }

    /// Nothing read yet: the first partial result overwrites what the output holds. A sink is a logit whose value is
    /// zero: it counts in the sum before any key does.
    private void begin(Call call, int firstRow, int rows, int kvHead) {
        int groupSize = call.spec.groupSize();
        for (int row = firstRow; row < firstRow + rows; row++) {
            for (int head = kvHead * groupSize; head < (kvHead + 1) * groupSize; head++) {
                int state = row * call.spec.heads() + head;
                float[] sinks = call.sinks;
                largest[state] = sinks == null ? SoftmaxState.NOTHING_YET : (float) (sinks[head] / Math.log(2));
                sums[state] = sinks == null ? 0 : 1;
            }
            if (call.sinks != null) {
                long bytes = (long) Float.BYTES * groupSize * call.spec.valueDim();
                call.out
                        .data()
                        .asSlice(call.out.rowOffset(row) + kvHead * bytes, bytes)
                        .fill((byte) 0);
            }
        }
    }

    /// Adds a partial result to the rows `[fromRow, toRow)` as far as the part has them.
    private void merge(Call call, Part part, int kvHead, int fromRow, int toRow, MemorySegment partial, long at) {
        int groupSize = call.spec.groupSize();
        int valueDim = call.spec.valueDim();
        long valueBytes = (long) Float.BYTES * valueDim;
        int columns = part.rows() * groupSize;
        int end = Math.min(toRow, part.firstRow() + part.rows());
        for (int row = Math.max(fromRow, part.firstRow()); row < end; row++) {
            int column = (row - part.firstRow()) * groupSize;
            int head = kvHead * groupSize;
            long offset = call.out.rowOffset(row) + head * valueBytes;
            for (int i = 0; i < groupSize; i++, column++) {
                long largestAt = at + columns * valueBytes + (long) Float.BYTES * column;
                float partLargest = partial.get(ValueLayout.JAVA_FLOAT, largestAt);
                float partSum = partial.get(ValueLayout.JAVA_FLOAT, largestAt + (long) Float.BYTES * columns);
                // A query that sees none of the part's keys stays as it is.
                if (partSum != 0) {
                    int state = row * call.spec.heads() + head + i;
                    kernels.mergeSoftmax(
                            partial,
                            at + column * valueBytes,
                            valueDim,
                            partLargest,
                            partSum,
                            largest,
                            sums,
                            state,
                            call.out.data(),
                            offset + i * valueBytes);
                }
            }
        }
    }

    private void finish(Call call, int firstRow, int rows, int kvHead) {
        int groupSize = call.spec.groupSize();
        int valueDim = call.spec.valueDim();
        for (int row = firstRow; row < firstRow + rows; row++) {
            for (int head = kvHead * groupSize; head < (kvHead + 1) * groupSize; head++) {
                long offset = call.out.rowOffset(row) + (long) Float.BYTES * head * valueDim;
                float factor = 1 / sums[row * call.spec.heads() + head];
                kernels.scale(call.out.data(), offset, valueDim, factor, call.out.data(), offset);
            }
        }
    }

    @Override
    public void close() {
        workers.forEach(own -> own.forEach(AttentionWorker::close));
        for (NativeBuffer partial : partials) {
            partial.close();
        }
        allPartials.close();
    }
}
