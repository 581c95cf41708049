package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.kernel.BlockDots;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.BF16Layout;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// [BlockDots] of `BF16`: plain products, even and odd vectors in chains of their own.
final class BF16Dots implements BlockDots {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = SPECIES.length();

    @Override
    public int multiple() {
        return 2 * LANES;
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
        long stride = weight.strideBytes();
        int inputs = weight.inputs();
        for (int o = 0; o < OUTPUTS; o += 2) {
            long at = weight.rowOffset(output + o);
            int row = 0;
            for (; row < rows - 1; row += 2) {
                int sumsAt = (row * OUTPUTS + o) * LANES;
                twoRows(data, at, stride, inputs, x, xAt + row * xStride, xStride, sums, sumsAt);
            }
            if (row < rows) {
                oneRow(data, at, stride, inputs, x, xAt + row * xStride, sums, (row * OUTPUTS + o) * LANES);
            }
        }
    }

    /// 1 row by 2 outputs.
    private static void oneRow(
            MemorySegment data, long at, long stride, int inputs, float[] x, int xAt, float[] sums, int sumsAt) {
        FloatVector even0 = FloatVector.zero(SPECIES);
        FloatVector even1 = even0;
        FloatVector odd0 = even0;
        FloatVector odd1 = even0;
        for (int k = 0; k < inputs; k += 2 * LANES) {
            long weights = at + (long) BF16Layout.BYTES * k;
            FloatVector x0 = FloatVector.fromArray(SPECIES, x, xAt + k);
            FloatVector x1 = FloatVector.fromArray(SPECIES, x, xAt + k + LANES);
            even0 = StoredCodes.bfloat16(data, weights).fma(x0, even0);
            odd0 = StoredCodes.bfloat16(data, weights + BF16Layout.BYTES * LANES)
                    .fma(x1, odd0);
            even1 = StoredCodes.bfloat16(data, weights + stride).fma(x0, even1);
            odd1 = StoredCodes.bfloat16(data, weights + stride + BF16Layout.BYTES * LANES)
                    .fma(x1, odd1);
        }
        even0.add(odd0).intoArray(sums, sumsAt);
        even1.add(odd1).intoArray(sums, sumsAt + LANES);
    }

    /// 2 rows by 2 outputs.
    private static void twoRows(
            MemorySegment data,
            long at,
            long stride,
            int inputs,
            float[] x,
            int xAt,
            int xStride,
            float[] sums,
            int sumsAt) {
        FloatVector even0 = FloatVector.zero(SPECIES);
        FloatVector even1 = even0;
        FloatVector odd0 = even0;
        FloatVector odd1 = even0;
        FloatVector secondEven0 = even0;
        FloatVector secondEven1 = even0;
        FloatVector secondOdd0 = even0;
        FloatVector secondOdd1 = even0;
        int second = xAt + xStride;
        for (int k = 0; k < inputs; k += 2 * LANES) {
            long weights = at + (long) BF16Layout.BYTES * k;
            FloatVector x0 = FloatVector.fromArray(SPECIES, x, xAt + k);
            FloatVector y0 = FloatVector.fromArray(SPECIES, x, second + k);
            FloatVector weight = StoredCodes.bfloat16(data, weights);
            even0 = weight.fma(x0, even0);
            secondEven0 = weight.fma(y0, secondEven0);
            weight = StoredCodes.bfloat16(data, weights + stride);
            even1 = weight.fma(x0, even1);
            secondEven1 = weight.fma(y0, secondEven1);
            FloatVector x1 = FloatVector.fromArray(SPECIES, x, xAt + k + LANES);
            FloatVector y1 = FloatVector.fromArray(SPECIES, x, second + k + LANES);
            weight = StoredCodes.bfloat16(data, weights + BF16Layout.BYTES * LANES);
            odd0 = weight.fma(x1, odd0);
            secondOdd0 = weight.fma(y1, secondOdd0);
            weight = StoredCodes.bfloat16(data, weights + stride + BF16Layout.BYTES * LANES);
            odd1 = weight.fma(x1, odd1);
            secondOdd1 = weight.fma(y1, secondOdd1);
        }
        int next = sumsAt + OUTPUTS * LANES;
        even0.add(odd0).intoArray(sums, sumsAt);
        even1.add(odd1).intoArray(sums, sumsAt + LANES);
        secondEven0.add(secondOdd0).intoArray(sums, next);
        secondEven1.add(secondOdd1).intoArray(sums, next + LANES);
    }
}
