package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.kernel.BlockDots;
import dev.lectern.engine.internal.kernel.Kernels;
import dev.lectern.engine.internal.kernel.NativeBuffer;
import dev.lectern.engine.internal.kernel.Team;
import dev.lectern.engine.internal.kernel.Tile;
import dev.lectern.engine.internal.kernel.WeightPanels;
import dev.lectern.engine.internal.model.Weight;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Products of rows with stored weights.
///
/// In prefill a weight panel, as many outputs as the register tile has columns, is decoded once for up to hundreds
/// of rows and multiplied while it lies in the cache. In decode each weight is read once, by dot products: from
/// [PackedWeights] where there are any, or where it is stored. Input-major weights are panels as they are stored:
/// those that are not packed take the first way in both phases.
///
/// Depth is cut at fixed places, and work is split over rows and outputs only: an element of the result is the same
/// to the last bit however many rows, groups and threads there are.
final class CpuMatmul implements AutoCloseable {
    /// A panel of 32 outputs is then 128 KiB and comes from the second level cache, 8 bytes a cycle of the 64
    /// that it gives; at 256, where a panel just fits the first level, sums that go to and fro made prefill a
    /// twelfth slower.
    private static final int PANEL_DEPTH = Tile.MOST_DEPTH;
    private static final int DOT_DEPTH = 256;
    private static final int DOT_OUTPUTS = 8;
    /// Weight rows of a call: enough that what it costs to call and to store does not count.
    private static final int BLOCK_OUTPUTS = 16;
    /// Keeps the rows of dot products out of each other's cache sets, as [Tile#STRIDE] does those of tiles.
    private static final int STRIDE_PADDING = 16;

    private static final int MOST_PACKED_FLOATS = 1 << 24;
    /// So many share a decoded panel. From 512 to 2048 prefill differs by less than the machine does from run to
    /// run.
    private static final int MOST_ROWS_PER_ITEM = 1024;
    private static final int LEAST_ROWS_PER_ITEM = 64;
    private static final int ITEMS_PER_THREAD = 4;
    /// Some microseconds' work.
    private static final long LEAST_PRODUCTS_PER_ITEM = 1 << 15;
    /// Of decode, some tens of microseconds' work. Four items a thread of a product of 20 microseconds made
    /// decode a third slower than one: each begins a stream of memory anew, and threads wait for each other's
    /// counter.
    private static final long PRODUCTS_PER_ITEM = 1 << 21;

    private final Kernels kernels;
    private final Tile tile;
    private final Team team;
    private final @Nullable PackedWeights packedWeights;
    private final @Nullable PackedMatmul packedMatmul;
    private final Scratch[] scratch;

    /// Panels of the groups that have rows.
    private PackedWeights.@Nullable Panels[] panels = new PackedWeights.Panels[0];

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
        this.tile = kernels.tile();
        this.team = team;
        packedWeights = packs ? new PackedWeights(kernels, team) : null;
        packedMatmul = packedWeights == null ? null : new PackedMatmul(kernels, team, packedWeights);
        scratch = new Scratch[team.threads()];
        Arrays.setAll(scratch, worker -> new Scratch());
    }

    /// Packs weights ahead of their first product.
    void prepare(List<Weight> weights) {
        if (packedWeights != null) {
            packedWeights.add(weights);
        }
    }

    /// Multiplies rows `[starts[g], starts[g + 1])` with `weights[g]`, all of one shape and storage.
    void multiply(Tensor in, int[] starts, Weight[] weights, Tensor out, Phase phase) {
        int inputs = in.columns();
        int used = usedGroups(starts[0], starts[weights.length], starts, weights.length);
        if (used == 0) {
            return;
        }
        if (phase == Phase.DECODE && multiplyTogether(in, starts, new Weight[][] {weights}, new Tensor[] {out})) {
            return;
        }
        boolean decoded = phase == Phase.PREFILL || weights[0].order() == Weight.Order.INPUT_MAJOR;
        int missing = findPanels(starts, weights);
        if (!decoded && missing < used) {
            // Sums of packed and of stored weights differ in their last bits, so each goes its own way.
            for (int g = 0; g < weights.length; g++) {
                multiply(in, new int[] {starts[g], starts[g + 1]}, new Weight[] {weights[g]}, out, phase);
            }
            return;
        }
        BlockDots blockDots = decoded ? null : blockDots(weights[0]);
        if (blockDots != null) {
            multiplyBlocks(in, starts, weights, blockDots, out);
            return;
        }
        int depth = Math.min(decoded ? PANEL_DEPTH : DOT_DEPTH, roundUp(inputs, kernels.lanes()));
        stride = decoded ? Tile.STRIDE : depth + STRIDE_PADDING;
        int floatsPerRow = Math.multiplyExact(ceilDiv(inputs, depth), stride);
        int mostRows = Math.max(LEAST_ROWS_PER_ITEM, MOST_PACKED_FLOATS / floatsPerRow);
        int end = starts[weights.length];
        for (int from = starts[0]; from < end; from += mostRows) {
            int to = Math.min(end, from + mostRows);
            pack(in, from, to, depth);
            if (decoded) {
                multiplyPanels(from, to, starts, weights, out, depth);
            } else {
                multiplyDots(from, to, starts, weights, out, depth);
            }
        }
    }

    /// [PackedMatmul#multiply], where weights are packed.
    boolean multiplyTogether(Tensor in, int[] starts, Weight[][] weights, Tensor[] outs) {
        return packedMatmul != null && packedMatmul.multiply(in, starts, weights, outs);
    }

    /// Finds the panels of the groups that have rows, or makes them.
    ///
    /// @return how many of these have none
    private int findPanels(int[] starts, Weight[] weights) {
        if (panels.length < weights.length) {
            panels = new PackedWeights.Panels[weights.length];
        }
        int missing = 0;
        for (int g = 0; g < weights.length; g++) {
            boolean used = starts[g] < starts[g + 1];
            panels[g] = used && packedWeights != null ? packedWeights.of(weights[g]) : null;
            missing += used && panels[g] == null ? 1 : 0;
        }
        return missing;
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
        // A tile reads whole rows of tiles: past the last row there is room, and what stands there goes
        // nowhere.
        int needed = Math.multiplyExact(
                Math.addExact(Math.multiplyExact(ceilDiv(inputs, depth), packedRows), tile.rows()), stride);
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

    private void multiplyPanels(int from, int to, int[] starts, Weight[] weights, Tensor out, int depth) {
        int slices = ceilDiv(weights[0].outputs(), tile.columns());
        int rowsPerItem = rowsPerItem(from, to, starts, weights.length, slices);
        int count = items.count(from, to, starts, weights.length, rowsPerItem, slices);
        team.run(count, (item, worker) -> {
            int group = items.groupOf(item);
            int within = item - items.first(group);
            int first = Math.max(from, starts[group]) + within / slices * rowsPerItem;
            int end = Math.min(Math.min(to, starts[group + 1]), first + rowsPerItem);
            multiplyPanel(first - from, end - from, weights[group], group, within % slices, depth, out, from, worker);
        });
    }

    /// Many rows an item spare decoding; but there should be several items a thread.
    private int rowsPerItem(int from, int to, int[] starts, int groups, int panels) {
        int rows = MOST_ROWS_PER_ITEM;
        while (rows > LEAST_ROWS_PER_ITEM
                && items.count(from, to, starts, groups, rows, panels) < ITEMS_PER_THREAD * team.threads()) {
            rows /= 2;
        }
        return rows;
    }

    /// Packed rows `[first, end)` by one panel of outputs.
    private void multiplyPanel(
            int first, int end, Weight weight, int group, int index, int depth, Tensor out, int outRow, int worker) {
        Scratch scratch = this.scratch[worker];
        int columns = tile.columns();
        int output = index * columns;
        int width = Math.min(columns, weight.outputs() - output);
        long columnsBytes = (long) Float.BYTES * columns;
        MemorySegment panel = scratch.panel.reserve(columnsBytes * depth);
        MemorySegment sums = scratch.panelSums.reserve(columnsBytes * (end - first + tile.rows()));
        for (int block = 0, start = 0; start < weight.inputs(); block++, start += depth) {
            int count = Math.min(depth, weight.inputs() - start);
            boolean last = start + count == weight.inputs();
            PackedWeights.Panels packedPanels = panels[group];
            if (packedPanels == null) {
                decodePanel(weight, output, width, start, count, panel, scratch);
            } else {
                WeightPanels order = packedPanels.order();
                long at = output / order.columns() * packedPanels.bytes();
                int column = output % order.columns();
                order.decode(packedPanels.data(), at, weight.inputs(), column, start, count, panel);
            }
            // The last sums go to memory tile by tile: the way there is hidden behind the next tile's
            // arithmetic.
            int tiles = last ? 1 : Math.ceilDiv(end - first, tile.rows());
            for (int row = first; row < end; row += tiles * tile.rows()) {
                int left = packedAt(block, row);
                long to = (row - first) * columnsBytes;
                if (block == 0) {
                    tile.multiplyRows(packed, left, tiles, panel, 0, count, sums, to);
                } else {
                    tile.addRows(packed, left, tiles, panel, 0, count, sums, to);
                }
                if (last) {
                    int rows = Math.min(tile.rows(), end - row);
                    long offset = out.rowOffset(outRow + row) + 4L * output;
                    kernels.copyRows(sums, to, columnsBytes, out.data(), offset, out.rowOffset(1), rows, width);
                }
            }
        }
    }

    /// `panel[k][c]`: the weight of output `output + c` and input `start + k`; zero beyond `width` columns.
    private void decodePanel(
            Weight weight, int output, int width, int start, int count, MemorySegment panel, Scratch scratch) {
        int columns = tile.columns();
        long columnsBytes = (long) Float.BYTES * columns;
        if (weight.order() == Weight.Order.INPUT_MAJOR) {
            float[] steps = decodeInputMajor(weight, output, width, start, count, scratch);
            kernels.storeRows(steps, 0, columns, panel, 0, columnsBytes, count, columns);
            return;
        }
        float[] rows = scratch.rows(columns * stride);
        kernels.decode(weight, output, start, width, count, rows, stride);
        Arrays.fill(rows, width * stride, columns * stride, 0);
        float[] square = scratch.square(kernels.lanes());
        kernels.transpose(rows, 0, stride, columns, count, 1, panel, 0, columnsBytes, square);
    }

    /// Input-major storage is a panel as it lies there, once the outputs of other matrices are left out.
    private float[] decodeInputMajor(Weight weight, int output, int width, int start, int count, Scratch scratch) {
        int columns = tile.columns();
        int step = weight.step();
        float[] steps = scratch.steps(count * columns);
        if (width < columns) {
            Arrays.fill(steps, 0, count * columns, 0);
        }
        if (step == 1) {
            kernels.decode(weight, start, output, count, width, steps, columns);
            return steps;
        }
        int stored = (width - 1) * step + 1;
        float[] rows = scratch.rows(count * stored);
        kernels.decode(weight, start, output * step, count, stored, rows, stored);
        for (int k = 0; k < count; k++) {
            for (int c = 0; c < width; c++) {
                steps[k * columns + c] = rows[k * stored + c * step];
            }
        }
        return steps;
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
        float[] sums = scratch.sums(rows * most * kernels.lanes());
        float[] results = scratch.partial(rows * most);
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
        float[] sums = scratch.sums(rows * DOT_OUTPUTS * lanes);
        float[] results = scratch.partial(rows * DOT_OUTPUTS);
        float[] decoded = scratch.rows(DOT_OUTPUTS * stride);
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
        for (Scratch worker : scratch) {
            worker.close();
        }
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
    private static final class Scratch implements AutoCloseable {
        /// Unused floats at an array's end, two cache lines: workers' arrays may lie side by side, and a
        /// line that two of them write would go to and fro between their processors.
        private static final int UNSHARED = 32;

        final BlockDots.Scratch blocks = new BlockDots.Scratch();
        final NativeBuffer panel = new NativeBuffer();
        /// Sums of a panel's outputs, a row of the batch after the other.
        final NativeBuffer panelSums = new NativeBuffer();
        private float[] steps = new float[0];
        private float[] rows = new float[0];
        private float[] square = new float[0];
        private float[] partial = new float[0];
        private float[] sums = new float[0];

        float[] steps(int size) {
            if (steps.length < size) {
                steps = new float[size + UNSHARED];
            }
            return steps;
        }

        float[] rows(int size) {
            if (rows.length < size) {
                rows = new float[size + UNSHARED];
            }
            return rows;
        }

        float[] square(int lanes) {
            if (square.length < lanes * lanes) {
                square = new float[lanes * lanes + UNSHARED];
            }
            return square;
        }

        float[] partial(int size) {
            if (partial.length < size) {
                partial = new float[size + UNSHARED];
            }
            return partial;
        }

        float[] sums(int size) {
            if (sums.length < size) {
                sums = new float[size + UNSHARED];
            }
            return sums;
        }

        @Override
        public void close() {
            panel.close();
            panelSums.close();
        }
    }
}
