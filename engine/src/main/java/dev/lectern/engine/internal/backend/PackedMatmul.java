package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.kernel.Kernels;
import dev.lectern.engine.internal.kernel.Team;
import dev.lectern.engine.internal.kernel.WeightPanels;
import dev.lectern.engine.internal.model.Weight;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Products of few rows with packed weights, which is decode: each panel is read once, by one thread.
///
/// Products of the same rows go together: where they are small, what it costs to begin one, to prepare its rows and
/// to wait for its end is a fifth of their time.
final class PackedMatmul {
    private static final int MOST_PREPARED_FLOATS = 1 << 24;

    private final Kernels kernels;
    private final Team team;
    private final PackedWeights packedWeights;
    private final WorkerFloats[] scratch;
    private final WorkerFloats[] sums;
    private final GroupItems items = new GroupItems();

    /// Rows in the order of the panels.
    private float[] prepared = new float[0];

    PackedMatmul(Kernels kernels, Team team, PackedWeights packedWeights) {
        this.kernels = kernels;
        this.team = team;
        this.packedWeights = packedWeights;
        scratch = WorkerFloats.of(team);
        sums = WorkerFloats.of(team);
    }

    /// Multiplies rows `[starts[g], starts[g + 1])` with `weights[p][g]` for each part p.
    ///
    /// @param weights of one number of inputs; those of a part are of one shape
    /// @param outs    one a part
    /// @return false when they are not all packed, or in different orders, and nothing is done
    boolean multiply(Tensor in, int[] starts, Weight[][] weights, Tensor[] outs) {
        PackedWeights.@Nullable Panels[] panels = packedWeights.of(starts, weights);
        WeightPanels order = commonOrder(panels, starts, weights[0].length);
        if (order == null) {
            return false;
        }
        int inputs = in.columns();
        int floatsPerRow = order.preparedFloats(inputs);
        int end = starts[weights[0].length];
        int mostRows = Math.max(1, MOST_PREPARED_FLOATS / floatsPerRow);
        for (int from = starts[0]; from < end; from += mostRows) {
            int to = Math.min(end, from + mostRows);
            if (prepared.length < (to - from) * floatsPerRow) {
                prepared = new float[(to - from) * floatsPerRow];
            }
            for (int row = from; row < to; row++) {
                order.prepare(in.data(), in.rowOffset(row), inputs, prepared, (row - from) * floatsPerRow);
            }
            multiply(from, to, starts, weights, panels, order, outs);
        }
        return true;
    }

    /// The order of the panels of all groups that have rows; null when some have none, or another one, or when there
    /// are no rows.
    private static @Nullable WeightPanels commonOrder(
            PackedWeights.@Nullable Panels[] panels, int[] starts, int groups) {
        WeightPanels order = null;
        for (int i = 0; i < panels.length; i++) {
            if (starts[i % groups] < starts[i % groups + 1]) {
                PackedWeights.Panels found = panels[i];
                if (found == null || order != null && found.order() != order) {
                    return null;
                }
                order = found.order();
            }
        }
        return order;
    }

    private void multiply(
            int from,
            int to,
            int[] starts,
            Weight[][] weights,
            PackedWeights.@Nullable Panels[] panels,
            WeightPanels order,
            Tensor[] outs) {
        int inputs = weights[0][0].inputs();
        int groups = weights[0].length;
        int columns = order.columns();
        int floatsPerRow = order.preparedFloats(inputs);
        int[] outputs = new int[weights.length];
        Arrays.setAll(outputs, part -> weights[part][0].outputs());
        int used = CpuMatmul.usedGroups(from, to, starts, groups);
        int perItem = CpuMatmul.outputsPerItem(
                team.threads(), to - from, inputs, Arrays.stream(outputs).sum(), used, columns);
        items.clear(weights.length * groups);
        for (int i = 0; i < weights.length * groups; i++) {
            boolean some = Math.min(to, starts[i % groups + 1]) > Math.max(from, starts[i % groups]);
            items.add(some ? Math.ceilDiv(outputs[i / groups], perItem) : 0);
        }
        team.run(items.size(), (item, worker) -> {
            int index = items.groupOf(item);
            int group = index % groups;
            Tensor out = outs[index / groups];
            int first = Math.max(from, starts[group]);
            int rows = Math.min(to, starts[group + 1]) - first;
            int output = (item - items.first(index)) * perItem;
            int last = Math.min(outputs[index / groups], output + perItem);
            PackedWeights.Panels weight = Objects.requireNonNull(panels[index]);
            float[] partial = scratch[worker].reserve(order.scratchFloats(rows));
            float[] results = sums[worker].reserve(rows * columns);
            int xAt = (first - from) * floatsPerRow;
            for (int o = output; o < last; o += columns) {
                long at = o / columns * weight.bytes();
                order.dots(weight.data(), at, inputs, prepared, xAt, rows, partial, results);
                long offset = out.rowOffset(first) + (long) Float.BYTES * o;
                int width = Math.min(columns, last - o);
                kernels.storeRows(results, 0, columns, out.data(), offset, out.rowOffset(1), rows, width);
            }
        });
    }
}
