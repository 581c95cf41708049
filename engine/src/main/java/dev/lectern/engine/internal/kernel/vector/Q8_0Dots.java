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
        for (int o = 0; o < OUTPUTS; o++) {
            long at = weight.rowOffset(output + o);
            int row = 0;
            for (; row < rows - 3; row += 4) {
                int sumsAt = (row * OUTPUTS + o) * LANES;
                fourRows(weight.data(), at, blocks, x, xAt + row * xStride, xStride, sums, sumsAt);
            }
            for (; row < rows; row++) {
                oneRow(weight.data(), at, blocks, x, xAt + row * xStride, sums, (row * OUTPUTS + o) * LANES);
            }
        }
    }

    /// 1 row by 1 output. Weights are read in the order in which they lie: of two weight rows in turns, the
    /// processor fetches half as much ahead.
    private static void oneRow(MemorySegment data, long at, int blocks, float[] x, int xAt, float[] sums, int sumsAt) {
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int b = 0; b < blocks; b++) {
            long block = at + (long) b * BYTES;
            FloatVector scale = FloatVector.broadcast(SPECIES, StoredCodes.float16(data, block));
            for (int part = 0; part < PARTS; part++) {
                long quants = block + Q8_0Layout.QUANTS_OFFSET + part * PART_BYTES;
                int k = xAt + (b * PARTS + part) * PREPARED;
                FloatVector first = StoredCodes.signedBytes(data, quants);
                FloatVector second = StoredCodes.signedBytes(data, quants + LANES);
                sum = products(first, second, x, k).fma(scale, sum);
            }
        }
        sum.intoArray(sums, sumsAt);
    }

    /// 4 rows by 1 output: what is taken out of a block serves all rows.
    private static void fourRows(
            MemorySegment data, long at, int blocks, float[] x, int xAt, int xStride, float[] sums, int sumsAt) {
        FloatVector sum0 = FloatVector.zero(SPECIES);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
        for (int b = 0; b < blocks; b++) {
            long block = at + (long) b * BYTES;
            FloatVector scale = FloatVector.broadcast(SPECIES, StoredCodes.float16(data, block));
            for (int part = 0; part < PARTS; part++) {
                long quants = block + Q8_0Layout.QUANTS_OFFSET + part * PART_BYTES;
                int k = xAt + (b * PARTS + part) * PREPARED;
                FloatVector first = StoredCodes.signedBytes(data, quants);
                FloatVector second = StoredCodes.signedBytes(data, quants + LANES);
                sum0 = products(first, second, x, k).fma(scale, sum0);
                sum1 = products(first, second, x, k + xStride).fma(scale, sum1);
                sum2 = products(first, second, x, k + 2 * xStride).fma(scale, sum2);
                sum3 = products(first, second, x, k + 3 * xStride).fma(scale, sum3);
            }
        }
        int next = OUTPUTS * LANES;
        sum0.intoArray(sums, sumsAt);
        sum1.intoArray(sums, sumsAt + next);
        sum2.intoArray(sums, sumsAt + 2 * next);
        sum3.intoArray(sums, sumsAt + 3 * next);
    }

    private static FloatVector products(FloatVector first, FloatVector second, float[] x, int k) {
        return second.fma(
                FloatVector.fromArray(SPECIES, x, k + LANES), first.mul(FloatVector.fromArray(SPECIES, x, k)));
    }
}
