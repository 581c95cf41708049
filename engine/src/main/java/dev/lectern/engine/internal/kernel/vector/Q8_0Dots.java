package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.kernel.BlockDots;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.Q8_0Layout;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// [BlockDots] of `Q8_0`: `Σ over blocks of scale * Σ quant * x`, two vectors of quants at a time.
final class Q8_0Dots implements BlockDots {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = SPECIES.length();
    private static final int BYTES = Q8_0Layout.BLOCK_BYTES;
    private static final int WEIGHTS = Q8_0Layout.BLOCK_WEIGHTS;
    private static final int PARTS = WEIGHTS / (2 * LANES);
    private static final int PART_BYTES = 2 * LANES;
    private static final int PREPARED = 2 * LANES;

    @Override
    public int multiple() {
        return WEIGHTS;
    }

    @Override
    public int preparedFloats(int inputs) {
        return inputs;
    }

    @Override
    public void prepare(MemorySegment in, long offset, int inputs, float[] out, int at) {
        Copies.loadRows(in, offset, 0, 1, inputs, out, at, inputs);
    }

    @Override
    public void dots(
            Weight weight, int output, float[] x, int xAt, int xStride, int rows, Scratch scratch, float[] sums) {
        int blocks = weight.inputs() / WEIGHTS;
        MemorySegment data = weight.data();
        long stride = weight.strideBytes();
        for (int o = 0; o < OUTPUTS; o += 2) {
            long at = weight.rowOffset(output + o);
            int row = 0;
            for (; row < rows - 3; row += 4) {
                int sumsAt = (row * OUTPUTS + o) * LANES;
                fourRows(data, at, stride, blocks, x, xAt + row * xStride, xStride, sums, sumsAt);
            }
            for (; row < rows; row++) {
                int sumsAt = (row * OUTPUTS + o) * LANES;
                oneRow(data, at, stride, blocks, x, xAt + row * xStride, sums, sumsAt);
            }
        }
    }

    /// 1 row by 2 outputs.
    private static void oneRow(
            MemorySegment data, long at, long stride, int blocks, float[] x, int xAt, float[] sums, int sumsAt) {
        FloatVector sum0 = FloatVector.zero(SPECIES);
        FloatVector sum1 = sum0;
        for (int b = 0; b < blocks; b++) {
            long block = at + (long) b * BYTES;
            FloatVector scale0 = FloatVector.broadcast(SPECIES, StoredCodes.float16(data, block));
            FloatVector scale1 = FloatVector.broadcast(SPECIES, StoredCodes.float16(data, block + stride));
            for (int part = 0; part < PARTS; part++) {
                long quants = block + Q8_0Layout.QUANTS_OFFSET + part * PART_BYTES;
                int k = xAt + (b * PARTS + part) * PREPARED;
                FloatVector first0 = StoredCodes.signedBytes(data, quants);
                FloatVector second0 = StoredCodes.signedBytes(data, quants + LANES);
                FloatVector first1 = StoredCodes.signedBytes(data, quants + stride);
                FloatVector second1 = StoredCodes.signedBytes(data, quants + stride + LANES);
                FloatVector x0 = FloatVector.fromArray(SPECIES, x, k);
                FloatVector x1 = FloatVector.fromArray(SPECIES, x, k + LANES);
                sum0 = second0.fma(x1, first0.mul(x0)).fma(scale0, sum0);
                sum1 = second1.fma(x1, first1.mul(x0)).fma(scale1, sum1);
            }
        }
        sum0.intoArray(sums, sumsAt);
        sum1.intoArray(sums, sumsAt + LANES);
    }

    /// 4 rows by 2 outputs: what is taken out of a block serves all rows.
    private static void fourRows(
            MemorySegment data,
            long at,
            long stride,
            int blocks,
            float[] x,
            int xAt,
            int xStride,
            float[] sums,
            int sumsAt) {
        FloatVector a0 = FloatVector.zero(SPECIES);
        FloatVector a1 = a0;
        FloatVector b0 = a0;
        FloatVector b1 = a0;
        FloatVector c0 = a0;
        FloatVector c1 = a0;
        FloatVector d0 = a0;
        FloatVector d1 = a0;
        for (int b = 0; b < blocks; b++) {
            long block = at + (long) b * BYTES;
            FloatVector scale0 = FloatVector.broadcast(SPECIES, StoredCodes.float16(data, block));
            FloatVector scale1 = FloatVector.broadcast(SPECIES, StoredCodes.float16(data, block + stride));
            for (int part = 0; part < PARTS; part++) {
                long quants = block + Q8_0Layout.QUANTS_OFFSET + part * PART_BYTES;
                int k = xAt + (b * PARTS + part) * PREPARED;
                FloatVector first0 = StoredCodes.signedBytes(data, quants);
                FloatVector second0 = StoredCodes.signedBytes(data, quants + LANES);
                FloatVector first1 = StoredCodes.signedBytes(data, quants + stride);
                FloatVector second1 = StoredCodes.signedBytes(data, quants + stride + LANES);
                FloatVector x0 = FloatVector.fromArray(SPECIES, x, k);
                FloatVector x1 = FloatVector.fromArray(SPECIES, x, k + LANES);
                a0 = second0.fma(x1, first0.mul(x0)).fma(scale0, a0);
                a1 = second1.fma(x1, first1.mul(x0)).fma(scale1, a1);
                x0 = FloatVector.fromArray(SPECIES, x, k + xStride);
                x1 = FloatVector.fromArray(SPECIES, x, k + xStride + LANES);
                b0 = second0.fma(x1, first0.mul(x0)).fma(scale0, b0);
                b1 = second1.fma(x1, first1.mul(x0)).fma(scale1, b1);
                x0 = FloatVector.fromArray(SPECIES, x, k + 2 * xStride);
                x1 = FloatVector.fromArray(SPECIES, x, k + 2 * xStride + LANES);
                c0 = second0.fma(x1, first0.mul(x0)).fma(scale0, c0);
                c1 = second1.fma(x1, first1.mul(x0)).fma(scale1, c1);
                x0 = FloatVector.fromArray(SPECIES, x, k + 3 * xStride);
                x1 = FloatVector.fromArray(SPECIES, x, k + 3 * xStride + LANES);
                d0 = second0.fma(x1, first0.mul(x0)).fma(scale0, d0);
                d1 = second1.fma(x1, first1.mul(x0)).fma(scale1, d1);
            }
        }
        int next = OUTPUTS * LANES;
        a0.intoArray(sums, sumsAt);
        a1.intoArray(sums, sumsAt + LANES);
        b0.intoArray(sums, sumsAt + next);
        b1.intoArray(sums, sumsAt + next + LANES);
        c0.intoArray(sums, sumsAt + 2 * next);
        c1.intoArray(sums, sumsAt + 2 * next + LANES);
        d0.intoArray(sums, sumsAt + 3 * next);
        d1.intoArray(sums, sumsAt + 3 * next + LANES);
    }
}
