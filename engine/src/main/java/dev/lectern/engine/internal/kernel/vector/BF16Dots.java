package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.kernel.BlockDots;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.BF16Layout;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// [BlockDots] of `BF16`: plain products, every fourth vector in a chain of its own.
final class BF16Dots implements BlockDots {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = SPECIES.length();

    private static final int VECTOR_BYTES = BF16Layout.BYTES * LANES;

    @Override
    public int multiple() {
        return 4 * LANES;
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
        MemorySegment data = weight.data();
        int inputs = weight.inputs();
        for (int o = 0; o < OUTPUTS; o++) {
            long at = weight.rowOffset(output + o);
            int row = 0;
            for (; row < rows - 1; row += 2) {
                int sumsAt = (row * OUTPUTS + o) * LANES;
                twoRows(data, at, inputs, x, xAt + row * xStride, xStride, sums, sumsAt);
            }
            if (row < rows) {
                oneRow(data, at, inputs, x, xAt + row * xStride, sums, (row * OUTPUTS + o) * LANES);
            }
        }
    }

    /// 1 row by 1 output.
    private static void oneRow(MemorySegment data, long at, int inputs, float[] x, int xAt, float[] sums, int sumsAt) {
        FloatVector sum0 = FloatVector.zero(SPECIES);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
        for (int k = 0; k < inputs; k += 4 * LANES) {
            long weights = at + (long) BF16Layout.BYTES * k;
            sum0 = product(data, weights, x, xAt + k, sum0);
            sum1 = product(data, weights + VECTOR_BYTES, x, xAt + k + LANES, sum1);
            sum2 = product(data, weights + 2 * VECTOR_BYTES, x, xAt + k + 2 * LANES, sum2);
            sum3 = product(data, weights + 3 * VECTOR_BYTES, x, xAt + k + 3 * LANES, sum3);
        }
        sum0.add(sum1).add(sum2.add(sum3)).intoArray(sums, sumsAt);
    }

    private static FloatVector product(MemorySegment data, long weights, float[] x, int at, FloatVector sum) {
        return StoredCodes.bfloat16(data, weights).fma(FloatVector.fromArray(SPECIES, x, at), sum);
    }

    /// 2 rows by 1 output: what is read serves both.
    private static void twoRows(
            MemorySegment data, long at, int inputs, float[] x, int xAt, int xStride, float[] sums, int sumsAt) {
        FloatVector a0 = FloatVector.zero(SPECIES);
        FloatVector a1 = a0;
        FloatVector a2 = a0;
        FloatVector a3 = a0;
        FloatVector b0 = a0;
        FloatVector b1 = a0;
        FloatVector b2 = a0;
        FloatVector b3 = a0;
        for (int k = 0; k < inputs; k += 4 * LANES) {
            long weights = at + (long) BF16Layout.BYTES * k;
            int row = xAt + k;
            int second = row + xStride;
            FloatVector weight = StoredCodes.bfloat16(data, weights);
            a0 = weight.fma(FloatVector.fromArray(SPECIES, x, row), a0);
            b0 = weight.fma(FloatVector.fromArray(SPECIES, x, second), b0);
            weight = StoredCodes.bfloat16(data, weights + VECTOR_BYTES);
            a1 = weight.fma(FloatVector.fromArray(SPECIES, x, row + LANES), a1);
            b1 = weight.fma(FloatVector.fromArray(SPECIES, x, second + LANES), b1);
            weight = StoredCodes.bfloat16(data, weights + 2 * VECTOR_BYTES);
            a2 = weight.fma(FloatVector.fromArray(SPECIES, x, row + 2 * LANES), a2);
            b2 = weight.fma(FloatVector.fromArray(SPECIES, x, second + 2 * LANES), b2);
            weight = StoredCodes.bfloat16(data, weights + 3 * VECTOR_BYTES);
            a3 = weight.fma(FloatVector.fromArray(SPECIES, x, row + 3 * LANES), a3);
            b3 = weight.fma(FloatVector.fromArray(SPECIES, x, second + 3 * LANES), b3);
        }
        a0.add(a1).add(a2.add(a3)).intoArray(sums, sumsAt);
        b0.add(b1).add(b2.add(b3)).intoArray(sums, sumsAt + OUTPUTS * LANES);
    }
}
