package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.Rope;
import dev.lectern.engine.internal.model.Weight;
import org.jspecify.annotations.Nullable;

/// Checks of the shapes that callers hand to a backend, the same for all of them. A kernel trusts its operands after
/// these; a failure is a fault of the forward pass, not of a user's input.
final class Operands {
    private Operands() {}

    static void checkEmbed(Weight table, int[] tokenIds, int rows, Tensor out) {
        if (table.order() != Weight.Order.OUTPUT_MAJOR) {
            throw new IllegalArgumentException(table.name() + ": embedding stored as " + table.order());
        }
        check(rows <= tokenIds.length && rows <= out.rows(), "embed", rows, "token ids", tokenIds.length);
        check(out.columns() == table.inputs(), "embed", out.columns(), "columns of the table", table.inputs());
        for (int r = 0; r < rows; r++) {
            if (tokenIds[r] < 0 || tokenIds[r] >= table.outputs()) {
                throw new IllegalArgumentException(
                        "row " + r + ": token id " + tokenIds[r] + " outside the vocabulary of " + table.outputs());
            }
        }
    }

    static void checkNorm(Tensor in, int rows, float @Nullable [] gain, Tensor out) {
        checkPairwise(in, out, rows);
        check(
                gain == null || gain.length == in.columns(),
                "rmsNorm",
                in.columns(),
                "gains",
                gain == null ? 0 : gain.length);
    }

    static void checkMatmul(Tensor in, int rows, Weight weight, Tensor out) {
        check(in.columns() == weight.inputs(), weight.name(), in.columns(), "inputs", weight.inputs());
        check(out.columns() == weight.outputs(), weight.name(), out.columns(), "outputs", weight.outputs());
        check(
                rows >= 0 && rows <= in.rows() && rows <= out.rows(),
                weight.name(),
                rows,
                "rows",
                Math.min(in.rows(), out.rows()));
    }

    static void checkGrouped(Tensor in, int[] starts, Weight[] weights, Tensor out) {
        check(starts.length == weights.length + 1, "groupedMatmul", starts.length - 1, "weights", weights.length);
        for (int g = 0; g < weights.length; g++) {
            Weight weight = weights[g];
            check(
                    starts[g] <= starts[g + 1] && starts[0] >= 0,
                    weight.name(),
                    starts[g],
                    "end of the group",
                    starts[g + 1]);
            checkMatmul(in, starts[g + 1], weight, out);
            check(
                    weight.type() == weights[0].type() && weight.order() == weights[0].order(),
                    weight.name(),
                    g,
                    "storage of group",
                    0);
        }
    }

    static void checkRope(Tensor x, int rows, int headDim, Rope rope, int[] positions) {
        checkPositions(x, rows, positions);
        int turned = 2 * rope.inverseFrequencies().length;
        check(x.columns() % headDim == 0 && turned <= headDim, "rope", headDim, "columns or turned elements", turned);
    }

    static void checkPositions(Tensor x, int rows, int[] positions) {
        check(rows >= 0 && rows <= x.rows() && rows <= positions.length, "positions", rows, "rows", positions.length);
    }

    static void checkKv(Tensor keys, Tensor values, Batch batch) {
        checkPairwise(keys, values, batch.rows());
    }

    static void checkAttention(Tensor queries, Batch batch, AttentionSpec.GroupedQuery spec, Tensor out) {
        checkPairwise(queries, out, batch.rows());
        int columns = spec.heads() * spec.headDim();
        check(queries.columns() == columns, "attention", queries.columns(), "heads * headDim", columns);
    }

    static void checkRoute(Tensor logits, int rows, MlpSpec.Moe spec) {
        check(
                logits.columns() == spec.experts() && rows <= logits.rows(),
                "route",
                logits.columns(),
                "experts",
                spec.experts());
    }

    /// @param byRow  one row a row of the batch
    /// @param bySlot one row a slot
    static void checkSlots(Tensor byRow, Routing routing, Tensor bySlot) {
        check(byRow.columns() == bySlot.columns(), "slots", byRow.columns(), "columns", bySlot.columns());
        check(routing.slots() <= bySlot.rows(), "slots", routing.slots(), "rows", bySlot.rows());
    }

    static void checkPairwise(Tensor x, Tensor y, int rows) {
        check(x.columns() == y.columns(), "pairwise", x.columns(), "columns", y.columns());
        check(
                rows >= 0 && rows <= x.rows() && rows <= y.rows(),
                "pairwise",
                rows,
                "rows",
                Math.min(x.rows(), y.rows()));
    }

    private static void check(boolean fits, String what, int actual, String of, int expected) {
        if (!fits) {
            throw new IllegalArgumentException(what + ": " + actual + " does not fit " + expected + " " + of);
        }
    }
}
