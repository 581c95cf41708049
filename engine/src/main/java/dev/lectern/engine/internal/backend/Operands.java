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

    static void checkRope(Tensor x, int rows, int headDim, int firstDim, Rope rope, int[] positions) {
        checkPositions(x, rows, positions);
        int end = firstDim + rope.turned();
        check(firstDim >= 0 && end <= headDim, "rope", end, "elements of a head", headDim);
        check(x.columns() % headDim == 0, "rope", x.columns(), "columns in heads of", headDim);
    }

    static void checkPositions(Tensor x, int rows, int[] positions) {
        check(rows >= 0 && rows <= x.rows() && rows <= positions.length, "positions", rows, "rows", positions.length);
    }

    static void checkKv(Tensor keys, @Nullable Tensor values, Batch batch) {
        checkPairwise(keys, keys, batch.rows());
        if (values != null) {
            checkPairwise(values, values, batch.rows());
        }
    }

    static void checkAttention(
            Tensor queries, Batch batch, AttentionSpec.Scores spec, float @Nullable [] sinks, Tensor out) {
        checkPairwise(queries, queries, batch.rows());
        checkPairwise(out, out, batch.rows());
        check(queries.columns() == spec.queryWidth(), "attention", queries.columns(), "query width", spec.queryWidth());
        check(out.columns() == spec.outputWidth(), "attention", out.columns(), "output width", spec.outputWidth());
        int count = sinks == null ? spec.heads() : sinks.length;
        check(count == spec.heads(), "attention", count, "heads with sinks", spec.heads());
    }

    /// @param byRow  `(rows, heads * w)`
    /// @param byHead `(heads * rows, part of w)`
    static void checkHeads(Tensor byRow, int rows, int heads, int firstDim, Tensor byHead) {
        check(heads > 0 && byRow.columns() % heads == 0, "heads", byRow.columns(), "columns in heads", heads);
        int width = byRow.columns() / heads;
        int end = firstDim + byHead.columns();
        check(firstDim >= 0 && end <= width, "heads", end, "elements of a head", width);
        check(rows <= byRow.rows(), "heads", rows, "rows", byRow.rows());
        check((long) rows * heads <= byHead.rows(), "heads", rows, "rows by head", byHead.rows() / heads);
    }

    static void checkRoute(Tensor logits, int rows, MlpSpec.Router spec, float @Nullable [] selectionBias) {
        check(
                logits.columns() == spec.experts() && rows <= logits.rows(),
                "route",
                logits.columns(),
                "experts",
                spec.experts());
        int biases = selectionBias == null ? spec.experts() : selectionBias.length;
        check(biases == spec.experts(), "route", biases, "selection biases", spec.experts());
    }

    static void checkBias(Tensor x, int rows, float[] bias) {
        checkPairwise(x, x, rows);
        check(bias.length == x.columns(), "bias", bias.length, "columns", x.columns());
    }

    static void checkBiases(Tensor x, int[] starts, float[][] biases) {
        check(starts.length == biases.length + 1, "biases", starts.length - 1, "groups", biases.length);
        for (int g = 0; g < biases.length; g++) {
            check(starts[g] <= starts[g + 1] && starts[0] >= 0, "biases", starts[g], "end of group", starts[g + 1]);
            checkBias(x, starts[g + 1], biases[g]);
        }
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
