package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.kernel.Kernels;
import dev.lectern.engine.internal.kernel.NativeBuffer;
import dev.lectern.engine.internal.kernel.Team;
import dev.lectern.engine.internal.kernel.Tile;
import dev.lectern.engine.internal.kernel.WeightPanels;
import dev.lectern.engine.internal.model.Weight;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Products of many rows with weights of any storage, which is prefill: a weight panel, as many outputs as the register
/// tile has columns, is decoded once for up to hundreds of rows and multiplied while it lies in the cache.
///
/// Products of the same rows go together: the rows are packed once, and small products do not wait for each other.
///
/// Depth is cut at fixed places, and work is split over rows and outputs only: an element of the result is the same
/// to the last bit however many rows, groups and threads there are.
final class PanelMatmul implements AutoCloseable {
    /// A panel of 32 outputs is then 128 KiB and comes from the second level cache, 8 bytes a cycle of the 64
    /// that it gives; at 256, where a panel just fits the first level, sums that go to and fro made prefill a
    /// twelfth slower.
    private static final int PANEL_DEPTH = Tile.MOST_DEPTH;

    private static final int MOST_PACKED_FLOATS = 1 << 24;
    /// So many share a decoded panel. From 512 to 2048 prefill differs by less than the machine does from run to
    /// run.
    private static final int MOST_ROWS_PER_ITEM = 1024;
    private static final int LEAST_ROWS_PER_ITEM = 64;
    private static final int ITEMS_PER_THREAD = 4;

    private final Kernels kernels;
    private final Tile tile;
    private final Team team;
    private final @Nullable PackedWeights packedWeights;
    private final Scratch[] scratch;
    private final GroupItems items = new GroupItems();

    /// The batch's rows on the heap, cut in depth: row r of depth block b at `(b * packedRows + r) * STRIDE`.
    private float[] packed = new float[0];

    private int packedRows;

    PanelMatmul(Kernels kernels, Team team, @Nullable PackedWeights packedWeights) {
        this.kernels = kernels;
        this.tile = kernels.tile();
        this.team = team;
        this.packedWeights = packedWeights;
        scratch = new Scratch[team.threads()];
        Arrays.setAll(scratch, worker -> new Scratch());
    }

    /// Multiplies rows `[starts[g], starts[g + 1])` with `weights[p][g]` for each part p.
    ///
    /// @param weights of one number of inputs; those of a part are of one shape and storage
    /// @param outs    one a part
    void multiply(Tensor in, int[] starts, Weight[][] weights, Tensor[] outs) {
        PackedWeights.@Nullable Panels[] panels = packedWeights == null
                ? new PackedWeights.Panels[weights.length * weights[0].length]
                : packedWeights.of(starts, weights);
        int inputs = in.columns();
        int depth = Math.min(PANEL_DEPTH, inputs);
        int floatsPerRow = Math.multiplyExact(Math.ceilDiv(inputs, depth), Tile.STRIDE);
        int mostRows = Math.max(LEAST_ROWS_PER_ITEM, MOST_PACKED_FLOATS / floatsPerRow);
        int end = starts[weights[0].length];
        for (int from = starts[0]; from < end; from += mostRows) {
            int to = Math.min(end, from + mostRows);
            pack(in, from, to, depth);
            multiply(from, to, starts, weights, panels, outs, depth);
        }
    }

    private void pack(Tensor in, int from, int to, int depth) {
        int inputs = in.columns();
        packedRows = to - from;
        // A tile reads whole rows of tiles: past the last row there is room, and what stands there goes
        // nowhere.
        int blocks = Math.ceilDiv(inputs, depth);
        int rowsOfAll = Math.addExact(Math.multiplyExact(blocks, packedRows), tile.rows());
        int needed = Math.multiplyExact(rowsOfAll, Tile.STRIDE);
        if (packed.length < needed) {
            packed = new float[needed];
        }
        int rowsPerItem = Math.max(1, (1 << 15) / inputs);
        long rowBytes = in.rowOffset(1);
        team.run(Math.ceilDiv(packedRows, rowsPerItem), (item, worker) -> {
            int first = item * rowsPerItem;
            int rows = Math.min(packedRows - first, rowsPerItem);
            for (int block = 0, start = 0; start < inputs; block++, start += depth) {
                int steps = Math.min(depth, inputs - start);
                long offset = in.rowOffset(from + first) + (long) Float.BYTES * start;
                int at = packedAt(block, first);
                kernels.loadRows(in.data(), offset, rowBytes, rows, steps, packed, at, Tile.STRIDE);
            }
        });
    }

    private int packedAt(int block, int row) {
        return (block * packedRows + row) * Tile.STRIDE;
    }

    private void multiply(
            int from,
            int to,
            int[] starts,
            Weight[][] weights,
            PackedWeights.@Nullable Panels[] panels,
            Tensor[] outs,
            int depth) {
        int groups = weights[0].length;
        int[] outputs = new int[weights.length];
        Arrays.setAll(outputs, part -> weights[part][0].outputs());
        int enough = ITEMS_PER_THREAD * team.threads();
        // Panels of short rows share an item, at most as many as take the cache of one whose rows are long: the
        // packed rows come by so much less often, and products of 256 inputs are 1.14 times as fast, of 512 1.05
        // times.
        int mostPanels = PANEL_DEPTH / depth;
        while (mostPanels > 1 && cut(from, to, starts, groups, outputs, MOST_ROWS_PER_ITEM, mostPanels) < enough) {
            mostPanels--;
        }
        // Many rows an item spare decoding.
        int mostRows = MOST_ROWS_PER_ITEM;
        while (cut(from, to, starts, groups, outputs, mostRows, mostPanels) < enough
                && mostRows > LEAST_ROWS_PER_ITEM) {
            mostRows /= 2;
        }
        int rowsPerItem = mostRows;
        int panelsPerItem = mostPanels;
        team.run(items.size(), (item, worker) -> {
            int index = items.groupOf(item);
            int group = index % groups;
            Weight weight = weights[index / groups][group];
            int width = width(weight.outputs(), panelsPerItem);
            int slices = Math.ceilDiv(weight.outputs(), width);
            int within = item - items.first(index);
            int first = Math.max(from, starts[group]) + within / slices * rowsPerItem;
            int end = Math.min(Math.min(to, starts[group + 1]), first + rowsPerItem);
            int output = within % slices * width;
            int outputEnd = Math.min(weight.outputs(), output + width);
            Slice slice = new Slice(weight, panels[index], output, outputEnd, depth);
            multiply(first - from, end - from, slice, outs[index / groups], first, scratch[worker]);
        });
    }

    /// Cuts all parts into items.
    ///
    /// @return how many there are
    private int cut(int from, int to, int[] starts, int groups, int[] outputs, int rowsPerItem, int panelsPerItem) {
        items.clear(outputs.length * groups);
        for (int i = 0; i < outputs.length * groups; i++) {
            int rows = Math.min(to, starts[i % groups + 1]) - Math.max(from, starts[i % groups]);
            int slices = Math.ceilDiv(outputs[i / groups], width(outputs[i / groups], panelsPerItem));
            items.add(Math.ceilDiv(Math.max(0, rows), rowsPerItem) * slices);
        }
        return items.size();
    }

    /// Outputs of an item: whole panels, none with much less than the others.
    private int width(int outputs, int mostPanels) {
        int panels = Math.ceilDiv(outputs, tile.columns());
        return Math.ceilDiv(panels, Math.ceilDiv(panels, mostPanels)) * tile.columns();
    }

    /// Packed rows `[first, end)`, the first of which is row `outRow` of `out`, by a slice of a weight.
    private void multiply(int first, int end, Slice slice, Tensor out, int outRow, Scratch scratch) {
        int columns = tile.columns();
        int inputs = slice.weight.inputs();
        int depth = slice.depth;
        int count = Math.ceilDiv(slice.outputEnd - slice.output, columns);
        long columnsBytes = (long) Float.BYTES * columns;
        long panelBytes = columnsBytes * depth;
        // Where one block is all, which it is for several panels, sums go to memory at once.
        boolean oneBlock = inputs <= depth;
        int sumRows = oneBlock ? tile.rows() : end - first + tile.rows();
        MemorySegment decoded = scratch.panels.reserve(panelBytes * count);
        MemorySegment sums = scratch.panelSums.reserve(columnsBytes * sumRows);
        for (int block = 0, start = 0; start < inputs; block++, start += depth) {
            int steps = Math.min(depth, inputs - start);
            boolean last = start + steps == inputs;
            for (int i = 0; i < count; i++) {
                MemorySegment panel = decoded.asSlice(i * panelBytes, panelBytes);
                decode(slice, slice.output + i * columns, start, steps, panel, scratch);
            }
            // Panels of one item take turns at each tile of rows, while that lies in the cache. The last sums go to
            // memory tile by tile: the way there is hidden behind the next tile's arithmetic.
            int tiles = last ? 1 : Math.ceilDiv(end - first, tile.rows());
            for (int row = first; row < end; row += tiles * tile.rows()) {
                int left = packedAt(block, row);
                int rows = Math.min(tile.rows(), end - row);
                long to = oneBlock ? 0 : (row - first) * columnsBytes;
                for (int i = 0; i < count; i++) {
                    if (block == 0) {
                        tile.multiplyRows(packed, left, tiles, decoded, i * panelBytes, steps, sums, to);
                    } else {
                        tile.addRows(packed, left, tiles, decoded, i * panelBytes, steps, sums, to);
                    }
                    if (last) {
                        int output = slice.output + i * columns;
                        int width = Math.min(columns, slice.outputEnd - output);
                        long offset = out.rowOffset(outRow + row - first) + (long) Float.BYTES * output;
                        kernels.copyRows(sums, to, columnsBytes, out.data(), offset, out.rowOffset(1), rows, width);
                    }
                }
            }
        }
    }

    /// `panel[k][c]`: the weight of output `output + c` and input `start + k`; zero beyond the slice's outputs.
    private void decode(Slice slice, int output, int start, int count, MemorySegment panel, Scratch scratch) {
        Weight weight = slice.weight;
        PackedWeights.Panels packedPanels = slice.panels;
        int columns = tile.columns();
        if (packedPanels != null) {
            WeightPanels order = packedPanels.order();
            long at = output / order.columns() * packedPanels.bytes();
            order.decode(packedPanels.data(), at, weight.inputs(), output % order.columns(), start, count, panel);
            return;
        }
        int width = Math.min(columns, slice.outputEnd - output);
        long columnsBytes = (long) Float.BYTES * columns;
        if (weight.order() == Weight.Order.INPUT_MAJOR) {
            float[] steps = decodeInputMajor(weight, output, width, start, count, scratch);
            kernels.storeRows(steps, 0, columns, panel, 0, columnsBytes, count, columns);
            return;
        }
        float[] rows = scratch.rows.reserve(columns * Tile.STRIDE);
        kernels.decode(weight, output, start, width, count, rows, Tile.STRIDE);
        Arrays.fill(rows, width * Tile.STRIDE, columns * Tile.STRIDE, 0);
        float[] square = scratch.square.reserve(kernels.lanes() * kernels.lanes());
        kernels.transpose(rows, 0, Tile.STRIDE, columns, count, 1, panel, 0, columnsBytes, square);
    }

    /// Input-major storage is a panel as it lies there, once the outputs of other matrices are left out.
    private float[] decodeInputMajor(Weight weight, int output, int width, int start, int count, Scratch scratch) {
        int columns = tile.columns();
        int step = weight.step();
        float[] steps = scratch.steps.reserve(count * columns);
        if (width < columns) {
            Arrays.fill(steps, 0, count * columns, 0);
        }
        if (step == 1) {
            kernels.decode(weight, start, output, count, width, steps, columns);
            return steps;
        }
        int stored = (width - 1) * step + 1;
        float[] rows = scratch.rows.reserve(count * stored);
        kernels.decode(weight, start, output * step, count, stored, rows, stored);
        for (int k = 0; k < count; k++) {
            for (int c = 0; c < width; c++) {
                steps[k * columns + c] = rows[k * stored + c * step];
            }
        }
        return steps;
    }

    @Override
    public void close() {
        for (Scratch worker : scratch) {
            worker.close();
        }
    }

    /// Outputs `[output, outputEnd)` of a weight.
    ///
    /// @param panels the weight's, where it is packed
    /// @param depth  in how many inputs at a time its panels are multiplied
    private record Slice(Weight weight, PackedWeights.@Nullable Panels panels, int output, int outputEnd, int depth) {}

    /// A worker's own memory; grows to what the largest product needs and stays.
    private static final class Scratch implements AutoCloseable {
        final NativeBuffer panels = new NativeBuffer();
        /// Sums of a panel's outputs, a row of the batch after the other.
        final NativeBuffer panelSums = new NativeBuffer();
        final WorkerFloats rows = new WorkerFloats();
        final WorkerFloats steps = new WorkerFloats();
        final WorkerFloats square = new WorkerFloats();

        @Override
        public void close() {
            panels.close();
            panelSums.close();
        }
    }
}
