package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.kernel.Team;
import dev.lectern.engine.internal.kernel.gemm.Gemm;
import dev.lectern.engine.internal.kernel.gemm.GemmFailure;
import dev.lectern.engine.internal.model.Weight;
import java.util.Arrays;

/// Shares products of a [Gemm] out over the team: a piece is some outputs of one weight by as many rows as there
/// are, so that weights are taken apart once. Whether the provider is asked depends on the weight alone, never on
/// the number of rows: a row's result is the same to the last bit in any batch.
final class GemmMatmul implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(GemmMatmul.class.getName());

    private static final int MOST_ROWS_PER_ITEM = 2048;
    private static final int LEAST_ROWS_PER_ITEM = 256;
    private static final long MOST_PACKED_VALUES = 1 << 24;

    private final Gemm gemm;
    private final Team team;
    private boolean failed;
    private final GroupItems items = new GroupItems();

    GemmMatmul(Gemm gemm, Team team) {
        this.gemm = gemm;
        this.team = team;
    }

    String name() {
        return gemm.name();
    }

    boolean takes(Weight weight) {
        return !failed && gemm.takes(weight);
    }

    /// Multiplies rows `[starts[g], starts[g + 1])` with `weights[g]`, all of one shape and storage.
    ///
    /// @return false when the provider does not take these, or failed: nothing useful is in `out` then
    boolean multiply(Tensor in, int[] starts, Weight[] weights, Tensor out) {
        int groups = weights.length;
        if (failed || !Arrays.stream(weights).allMatch(gemm::takes)) {
            return false;
        }
        try {
            int mostRows = (int) Math.max(LEAST_ROWS_PER_ITEM, MOST_PACKED_VALUES / in.columns());
            for (int from = starts[0]; from < starts[groups]; from += mostRows) {
                int to = Math.min(starts[groups], from + mostRows);
                pack(in, from, to);
                multiply(from, to, starts, weights, out);
            }
            return true;
        } catch (GemmFailure e) {
            failed = true;
            LOG.log(System.Logger.Level.WARNING, "gemm java from here on: " + gemm.name() + " failed", e);
            return false;
        }
    }

    private void pack(Tensor in, int from, int to) {
        int rows = to - from;
        int rowsPerItem = Math.max(1, (1 << 15) / in.columns());
        gemm.reserve(rows, in.columns());
        team.run(Math.ceilDiv(rows, rowsPerItem), (item, worker) -> {
            int first = item * rowsPerItem;
            int count = Math.min(rows - first, rowsPerItem);
            gemm.pack(in.data(), in.rowOffset(from + first), in.rowOffset(1), first, count, worker);
        });
    }

    private void multiply(int from, int to, int[] starts, Weight[] weights, Tensor out) {
        int outputs = weights[0].outputs();
        int slices = Math.ceilDiv(outputs, gemm.outputsPerCall());
        int rowsPerItem = MOST_ROWS_PER_ITEM;
        while (rowsPerItem > LEAST_ROWS_PER_ITEM
                && items.count(from, to, starts, weights.length, rowsPerItem, slices) < 4 * team.threads()) {
            rowsPerItem /= 2;
        }
        int rows = rowsPerItem;
        int count = items.count(from, to, starts, weights.length, rows, slices);
        team.run(count, (item, worker) -> {
            int group = items.groupOf(item);
            int within = item - items.first(group);
            int first = Math.max(from, starts[group]) + within / slices * rows;
            int end = Math.min(Math.min(to, starts[group + 1]), first + rows);
            int output = within % slices * gemm.outputsPerCall();
            int width = Math.min(gemm.outputsPerCall(), outputs - output);
            long offset = out.rowOffset(first) + (long) output * Float.BYTES;
            gemm.multiply(
                    weights[group],
                    output,
                    width,
                    first - from,
                    end - from,
                    out.data(),
                    offset,
                    out.rowOffset(1),
                    worker);
        });
    }

    @Override
    public void close() {
        gemm.close();
    }
}
