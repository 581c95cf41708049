package dev.lectern.engine.internal.quant;

import java.lang.foreign.MemorySegment;

/// Scales that lie in a tensor of their own beside the weights that they multiply (FP8 with 128x128 blocks, MXFP4 and
/// packed int4 of Hugging Face folders); formats whose blocks hold their scale have none of these.
///
/// The scale of weight i of storage row r is entry `((firstRow + r * rowStep) / rowsPerScale, (firstWeight + i) /
/// weightsPerScale)`. A weight is its decoded element times its scale, both exact in float32, rounded once. Immutable;
/// the memory belongs to the model source.
///
/// @param data            scales, read only
/// @param type            how they are stored; one weight a block
/// @param rowsPerScale    storage rows that share a scale
/// @param weightsPerScale consecutive weights of a row that share a scale
/// @param strideBytes     distance of the rows of scales
/// @param firstRow        the tensor's row that is row 0 of the matrix
/// @param rowStep         rows of the tensor from one row of the matrix to the next
/// @param firstWeight     the row's weight that is weight 0 of the matrix
public record BlockScales(
        MemorySegment data,
        TensorType type,
        int rowsPerScale,
        int weightsPerScale,
        long strideBytes,
        int firstRow,
        int rowStep,
        int firstWeight) {

    public BlockScales {
        if (rowsPerScale < 1 || weightsPerScale < 1 || rowStep < 1 || type.blockWeights() != 1) {
            throw new IllegalArgumentException("scales of " + type + ", one for " + rowsPerScale + " rows of "
                    + weightsPerScale + " weights, row step " + rowStep);
        }
    }

    /// The scales of a part of the matrix.
    public BlockScales part(int row, int step, int weight) {
        return new BlockScales(
                data,
                type,
                rowsPerScale,
                weightsPerScale,
                strideBytes,
                firstRow + row * rowStep,
                rowStep * step,
                firstWeight + weight);
    }

    /// The scale of a weight of a storage row.
    public float of(int row, int weight) {
        long scaleRow = (firstRow + (long) row * rowStep) / rowsPerScale * strideBytes;
        float[] scale = new float[1];
        WeightDecoder.decode(type, data, scaleRow + type.bytes((firstWeight + weight) / weightsPerScale), scale, 0, 1);
        return scale[0];
    }

    /// Whether all groups of so many weights, from weight 0 on, have one scale each.
    public boolean coverGroupsOf(int weights) {
        return firstWeight % weights == 0 && weightsPerScale % weights == 0;
    }

    /// Multiplies `count` decoded elements of storage row `row`, from weight `from` on, by their scales.
    public void apply(int row, int from, int count, float[] weights, int at) {
        for (int done = 0; done < count; ) {
            int weight = firstWeight + from + done;
            int end = Math.min(count, done + weightsPerScale - weight % weightsPerScale);
            float factor = of(row, from + done);
            for (; done < end; done++) {
                weights[at + done] *= factor;
            }
        }
    }
}
