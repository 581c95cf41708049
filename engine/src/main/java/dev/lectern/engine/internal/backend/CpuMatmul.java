package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.kernel.BlockDots;
import dev.lectern.engine.internal.kernel.Kernels;
import dev.lectern.engine.internal.kernel.NativeBuffer;
import dev.lectern.engine.internal.kernel.Team;
import dev.lectern.engine.internal.model.Weight;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Products of rows with weights, on the threads of a team.
///
/// In prefill they are [PanelMatmul]'s. In decode each weight is read once, by dot products: from [PackedWeights] by
/// [PackedMatmul] where there are any, or here, where it is stored. Input-major weights are panels as they are stored:
/// those that are not packed take the way of prefill in both phases.
///
/// Depth is cut at fixed places, and work is split over rows and outputs only: an element of the result is the same
/// to the last bit however many rows, groups and threads there are.
final class CpuMatmul implements AutoCloseable {
    private static final int DOT_DEPTH = 256;
    private static final int DOT_OUTPUTS = 8;
    /// Weight rows of a call: enough that what it costs to call and to store does not count.
    private static final int BLOCK_OUTPUTS = 16;
    /// Keeps the rows of dot products out of each other's cache sets, as a tile's stride does those of tiles.
    private static final int STRIDE_PADDING = 16;

    private static final int MOST_PACKED_FLOATS = 1 << 24;
    private static final int LEAST_ROWS = 64;
    private static final int ITEMS_PER_THREAD = 4;
    /// Some microseconds' work.
    private static final long LEAST_PRODUCTS_PER_ITEM = 1 << 15;
    /// Of decode, some tens of microseconds' work. Four items a thread of a product of 20 microseconds made
    /// decode a third slower than one: each begins a stream of memory anew, and threads wait for each other's
    /// counter.
    private static final long PRODUCTS_PER_ITEM = 1 << 21;

    private final Kernels kernels;
    private final Team team;
    private final @Nullable PackedWeights packedWeights;
    private final @Nullable PackedMatmul packedMatmul;
    private final PanelMatmul panelMatmul;
    private final Scratch[] scratch;

    /// The batch's rows on the heap, cut in depth: row r of depth block b at `(b * packedRows + r) * stride`.
    private float[] packed = new float[0];

    /// Rows in the order of stored blocks.
    private final NativeBuffer prepared = new NativeBuffer();

    private int packedRows;
    private int stride;

    private final GroupItems items = new GroupItems();

    /// @param packs whether weights are copied into panels, at the latest when they are first used
    CpuMatmul(Kernels kernels, Team team, boolean packs) {
        this.kernels = kernels;
        this.team = team;
        packedWeights = packs ? new PackedWeights(kernels, team) : null;
        packedMatmul = packedWeights == null ? null : new PackedMatmul(kernels, team, packedWeights);
        panelMatmul = new PanelMatmul(kernels, team, packedWeights);
        scratch = new Scratch[team.threads()];
        Arrays.setAll(scratch, worker -> new Scratch());
    }

    /// Packs weights ahead of their first product.
    void prepare(List<Weight> weights) {
        if (packedWeights != null) {
            packedWeights.add(weights);
        }
    }

    /// Multiplies rows `[starts[g], starts[g + 1])` with `weights[p][g]` for each part p.
    ///
    /// @param weights of one number of inputs; those of a part are of one shape and storage
    /// @param outs    one a part
    void multiply(Tensor in, int[] starts, Weight[][] weights, Tensor[] outs, Phase phase) {
        if (starts[0] == starts[weights[0].length]) {
            return;
        }
        if (phase == Phase.PREFILL) {
            panelMatmul.multiply(in, starts, weights, outs);
            return;
        }
        if (packedMatmul != null && packedMatmul.multiply(in, starts, weights, outs)) {
            return;
        }
        if (weights.length > 1) {
            for (int part = 0; part < weights.length; part++) {
                multiply(in, starts, new Weight[][] {weights[part]}, new Tensor[] {outs[part]}, phase);
            }
            return;
        }
        Weight[] groups = weights[0];
        if (groups.length > 1 && packedWeights != null && isSomePacked(packedWeights, starts, weights)) {
            // Sums of packed and of stored weights differ in their last bits, so each goes its own way.
            for (int g = 0; g < groups.length; g++) {
                multiply(in, new int[] {starts[g], starts[g + 1]}, new Weight[][] {{groups[g]}}, outs, phase);
            }
            return;
        }
        multiplyStored(in, starts, groups, outs[0]);
    }

    private static boolean isSomePacked(PackedWeights packedWeights, int[] starts, Weight[][] weights) {
        return Arrays.stream(packedWeights.of(starts, weights)).anyMatch(Objects::nonNull);
    }

    private void multiplyStored(Tensor in, int[] starts, Weight[] weights, Tensor out) {
        if (weights[0].order() == Weight.Order.INPUT_MAJOR) {
            panelMatmul.multiply(in, starts, new Weight[][] {weights}, new Tensor[] {out});
            return;
        }
        BlockDots blockDots = blockDots(weights[0]);
        if (blockDots != null) {
            multiplyBlocks(in, starts, weights, blockDots, out);
            return;
        }
        int inputs = in.columns();
        int depth = Math.min(DOT_DEPTH, roundUp(inputs, kernels.lanes()));
        stride = depth + STRIDE_PADDING;
        int floatsPerRow = Math.multiplyExact(ceilDiv(inputs, depth), stride);
        int mostRows = Math.max(LEAST_ROWS, MOST_PACKED_FLOATS / floatsPerRow);
        int end = starts[weights.length];
        for (int from = starts[0]; from < end; from += mostRows) {
            int to = Math.min(end, from + mostRows);
            pack(in, from, to, depth);
            multiplyDots(from, to, starts, weights, out, depth);
        }
    }

    /// Groups that have some of the rows `[from, to)`.
    static int usedGroups(int from, int to, int[] starts, int groups) {
        int used = 0;
        for (int g = 0; g < groups; g++) {
            used += Math.min(to, starts[g + 1]) > Math.max(from, starts[g]) ? 1 : 0;
        }
        return used;
    }

    private void pack(Tensor in, int from, int to, int depth) {
        int inputs = in.columns();
        packedRows = to - from;
        int needed = Math.multiplyExact(Math.multiplyExact(ceilDiv(inputs, depth), packedRows), stride);
        if (packed.length < needed) {
            packed = new float[needed];
        }
        int rowsPerItem = Math.max(1, (1 << 15) / inputs);
        long rowBytes = in.rowOffset(1);
        team.run(ceilDiv(packedRows, rowsPerItem), (item, worker) -> {
            int first = item * rowsPerItem;
            int rows = Math.min(packedRows - first, rowsPerItem);
            for (int block = 0, start = 0; start < inputs; block++, start += depth) {
                int count = Math.min(depth, inputs - start);
                int padded = roundUp(count, kernels.lanes());
                int at = packedAt(block, first);
                kernels.loadRows(
                        in.data(), in.rowOffset(from + first) + 4L * start, rowBytes, rows, count, packed, at, stride);
                // Dot products read whole vectors.
                for (int row = 0; row < rows && count < padded; row++) {
                    Arrays.fill(packed, at + row * stride + count, at + row * stride + padded, 0);
                }
            }
        });
    }

    private int packedAt(int block, int row) {
        return (block * packedRows + row) * stride;
    }

    private @Nullable BlockDots blockDots(Weight weight) {
        if (weight.scales() != null) {
            return null;
        }
        BlockDots dots = kernels.blockDots(weight.type());
        return dots != null && weight.inputs() % dots.multiple() == 0 ? dots : null;
    }

    /// Decode straight on the stored blocks.
    private void multiplyBlocks(Tensor in, int[] starts, Weight[] weights, BlockDots dots, Tensor out) {
        int inputs = in.columns();
        long rowBytes = dots.preparedBytes(inputs);
        int end = starts[weights.length];
        int mostRows = (int) Math.max(1, MOST_PACKED_FLOATS * (long) Float.BYTES / rowBytes);
        for (int from = starts[0]; from < end; from += mostRows) {
            int to = Math.min(end, from + mostRows);
            MemorySegment rows = prepared.reserve((to - from) * rowBytes);
            for (int row = from; row < to; row++) {
                dots.prepare(in.data(), in.rowOffset(row), inputs, rows, (row - from) * rowBytes);
            }
            multiplyBlocks(from, to, starts, weights, dots, rowBytes, out);
        }
    }

    private void multiplyBlocks(
            int from, int to, int[] starts, Weight[] weights, BlockDots dots, long rowBytes, Tensor out) {
        int outputs = weights[0].outputs();
        int outputsPerItem = outputsPerItem(from, to, starts, weights, DOT_OUTPUTS);
        int slices = ceilDiv(outputs, outputsPerItem);
        int count = items.count(from, to, starts, weights.length, Integer.MAX_VALUE, slices);
        team.run(count, (item, worker) -> {
            int group = items.groupOf(item);
            int first = Math.max(from, starts[group]) - from;
            int rows = Math.min(to, starts[group + 1]) - from - first;
            int output = (item - items.first(group)) * outputsPerItem;
            int last = Math.min(outputs, output + outputsPerItem);
            multiplySlice(
                    dots,
                    weights[group],
                    output,
                    last - output,
                    first * rowBytes,
                    rowBytes,
                    rows,
                    out,
                    from + first,
                    scratch[worker]);
        });
    }

    /// Prepared rows by `width` outputs from `output` on.
    private void multiplySlice(
            BlockDots dots,
            Weight weight,
            int output,
            int width,
            long xAt,
            long xStride,
            int rows,
            Tensor out,
            int outRow,
            Scratch scratch) {
        int most = Math.min(width, BLOCK_OUTPUTS);
        float[] sums = scratch.sums.reserve(rows * most * kernels.lanes());
        float[] results = scratch.partial.reserve(rows * most);
        for (int o = 0; o < width; o += most) {
            int outputs = Math.min(most, width - o);
            dots.dots(weight, output + o, outputs, prepared.data(), xAt, xStride, rows, scratch.blocks, sums);
            kernels.sumLanes(sums, rows * outputs, results, 0);
            long to = out.rowOffset(outRow) + 4L * (output + o);
            kernels.storeRows(results, 0, outputs, out.data(), to, out.rowOffset(1), rows, outputs);
        }
    }

    private void multiplyDots(int from, int to, int[] starts, Weight[] weights, Tensor out, int depth) {
        int outputs = weights[0].outputs();
        int outputsPerItem = outputsPerItem(from, to, starts, weights, DOT_OUTPUTS);
        int slices = ceilDiv(outputs, outputsPerItem);
        int count = items.count(from, to, starts, weights.length, Integer.MAX_VALUE, slices);
        team.run(count, (item, worker) -> {
            int group = items.groupOf(item);
            int output = (item - items.first(group)) * outputsPerItem;
            int first = Math.max(from, starts[group]);
            int end = Math.min(to, starts[group + 1]);
            int width = Math.min(outputsPerItem, outputs - output);
            multiplySlice(first - from, end - from, weights[group], output, width, depth, out, from, scratch[worker]);
        });
    }

    /// Few items in decode, where each is a stream of memory: one a thread, or more where each still takes as
    /// long as it pays for. Weights of several groups have different numbers of rows, which several items even
    /// out.
    ///
    /// @param used     groups that have rows
    /// @param multiple what the number must be a multiple of
    static int outputsPerItem(int threads, int rows, int inputs, int outputs, int used, int multiple) {
        long products = (long) rows * inputs * outputs;
        long least = used > 1 ? ITEMS_PER_THREAD * threads : threads;
        long items = Math.min(Math.max(least, products / PRODUCTS_PER_ITEM), products / LEAST_PRODUCTS_PER_ITEM);
        int slices = (int) Math.clamp(Math.ceilDiv(items, Math.max(1, used)), 1, outputs);
        return roundUp(ceilDiv(outputs, slices), multiple);
    }

    private int outputsPerItem(int from, int to, int[] starts, Weight[] weights, int multiple) {
        int used = usedGroups(from, to, starts, weights.length);
        return outputsPerItem(team.threads(), to - from, weights[0].inputs(), weights[0].outputs(), used, multiple);
    }

    /// Packed rows `[first, end)` by `width` outputs from `output` on.
    private void multiplySlice(
            int first,
            int end,
            Weight weight,
            int output,
            int width,
            int depth,
            Tensor out,
            int outRow,
            Scratch scratch) {
        int rows = end - first;
        int lanes = kernels.lanes();
        float[] sums = scratch.sums.reserve(rows * DOT_OUTPUTS * lanes);
        float[] results = scratch.partial.reserve(rows * DOT_OUTPUTS);
        float[] decoded = scratch.rows.reserve(DOT_OUTPUTS * stride);
        for (int o = output; o < output + width; o += DOT_OUTPUTS) {
            int outputs = Math.min(DOT_OUTPUTS, output + width - o);
            Arrays.fill(sums, 0, rows * DOT_OUTPUTS * lanes, 0);
            for (int block = 0, start = 0; start < weight.inputs(); block++, start += depth) {
                int count = Math.min(depth, weight.inputs() - start);
                int padded = roundUp(count, lanes);
                kernels.decode(weight, o, start, outputs, count, decoded, stride);
                for (int i = 0; i < outputs; i++) {
                    Arrays.fill(decoded, i * stride + count, i * stride + padded, 0);
                }
                kernels.dots(packed, packedAt(block, first), stride, rows, decoded, stride, padded, sums, 0);
            }
            kernels.sumLanes(sums, rows * DOT_OUTPUTS, results, 0);
            long to = out.rowOffset(outRow + first) + 4L * o;
            kernels.storeRows(results, 0, DOT_OUTPUTS, out.data(), to, out.rowOffset(1), rows, outputs);
        }
    }

    @Override
    public void close() {
        prepared.close();
        panelMatmul.close();
        if (packedWeights != null) {
            packedWeights.close();
        }
    }

    private static int ceilDiv(int a, int b) {
        return Math.ceilDiv(a, b);
    }

    private static int roundUp(int value, int multiple) {
        return ceilDiv(value, multiple) * multiple;
    }

    /// A worker's own memory; grows to what the largest product needs and stays.
    private static final class Scratch {
        final BlockDots.Scratch blocks = new BlockDots.Scratch();
        final WorkerFloats rows = new WorkerFloats();
        final WorkerFloats partial = new WorkerFloats();
        final WorkerFloats sums = new WorkerFloats();
    }
}
