package dev.lectern.engine.internal.source;

import dev.lectern.engine.internal.quant.BlockScales;
import dev.lectern.engine.internal.quant.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// The scales of a [TensorData] whose format keeps them in a tensor of their own.
///
/// @param name            as the file spells it, for messages
/// @param type            how they are stored, one scale a block
/// @param rows            rows of scales of one matrix
/// @param columns         scales of a row
/// @param rowsPerScale    rows of the matrix that share a scale
/// @param weightsPerScale consecutive weights of a row that share a scale
/// @param data            matrix after matrix, as many as the tensor's outer dimensions have; read only, owned by
///                        the [ModelSource] that it came from
public record TensorScales(
        String name,
        TensorType type,
        int rows,
        int columns,
        int rowsPerScale,
        int weightsPerScale,
        MemorySegment data) {

    /// The scales of one matrix.
    ///
    /// @param matrix which one, counted over the tensor's outer dimensions; 0 for a tensor of two dimensions
    public BlockScales matrix(int matrix) {
        long rowBytes = type.bytes(columns);
        long matrixBytes = rows * rowBytes;
        return new BlockScales(
                data.asSlice(matrix * matrixBytes, matrixBytes),
                type,
                rowsPerScale,
                weightsPerScale,
                rowBytes,
                0,
                1,
                0);
    }

    /// Checks a tensor of scales against the weights that it is for, and infers from the two shapes what is not
    /// said: one scale for all rows or columns, or one for each.
    ///
    /// @param shape outer dimensions as in `weights`, then rows and columns of scales
    static TensorScales of(
            String name, TensorType type, List<Long> shape, MemorySegment data, List<Long> weights, Groups groups) {
        int rank = weights.size();
        boolean fits = rank >= 2 && shape.size() == rank && type.blockWeights() == 1;
        for (int d = 0; fits && d < rank - 2; d++) {
            fits = shape.get(d).equals(weights.get(d));
        }
        if (!fits) {
            throw new IllegalArgumentException("not the scales of " + weights);
        }
        int rowsPerScale = perScale(weights.get(rank - 2), shape.get(rank - 2), groups.rows());
        int weightsPerScale = perScale(weights.get(rank - 1), shape.get(rank - 1), groups.weights());
        return new TensorScales(
                name,
                type,
                Math.toIntExact(shape.get(rank - 2)),
                Math.toIntExact(shape.get(rank - 1)),
                rowsPerScale,
                weightsPerScale,
                data);
    }

    private static int perScale(long weights, long scales, int group) {
        if (scales == 1) {
            return Math.toIntExact(Math.max(1, weights));
        }
        if (scales == weights) {
            return 1;
        }
        if (group > 0 && scales == Math.ceilDiv(weights, group)) {
            return group;
        }
        throw new IllegalArgumentException(scales + " scales for " + weights + " weights in groups of " + group);
    }

    /// How many rows and weights of a row share a scale, where that is neither one nor all; 0 where it is.
    record Groups(int rows, int weights) {}
}
