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
    private static final int X_BYTES = Float.BYTES * LANES;

    @Override
    public int multiple() {
        return 4 * LANES;
    }

    @Override
    public long preparedBytes(int inputs) {
        return Memory.align((long) Float.BYTES * inputs);
    }

    @Override
    public void prepare(MemorySegment in, long offset, int inputs, MemorySegment out, long at) {
        MemorySegment.copy(in, offset, out, at, (long) Float.BYTES * inputs);
    }

    @Override
    public void dots(
            Weight weight,
            int output,
            int outputs,
            MemorySegment x,
            long xAt,
            long xStride,
            int rows,
            Scratch scratch,
            float[] sums) {
        int inputs = weight.inputs();
        long first = Memory.rows(x, xAt, xStride, rows);
        for (int o = 0; o < outputs; o++) {
            long at = Memory.row(weight, output + o);
            int row = 0;
            for (; row < rows - 1; row += 2) {
                twoRows(at, inputs, first + row * xStride, xStride, sums, (row * outputs + o) * LANES, outputs * LANES);
            }
            if (row < rows) {
                oneRow(at, inputs, first + row * xStride, sums, (row * outputs + o) * LANES);
            }
        }
    }

    /// 1 row by 1 output.
    private static void oneRow(long at, int inputs, long x, float[] sums, int sumsAt) {
        FloatVector sum0 = FloatVector.zero(SPECIES);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
        for (int k = 0; k < inputs; k += 4 * LANES) {
            long weights = Memory.pointer(at + (long) BF16Layout.BYTES * k);
            long row = Memory.pointer(x + 4L * k);
            sum0 = product(weights, row, sum0);
            sum1 = product(weights + VECTOR_BYTES, row + X_BYTES, sum1);
            sum2 = product(weights + 2 * VECTOR_BYTES, row + 2 * X_BYTES, sum2);
            sum3 = product(weights + 3 * VECTOR_BYTES, row + 3 * X_BYTES, sum3);
        }
        sum0.add(sum1).add(sum2.add(sum3)).intoArray(sums, sumsAt);
    }

    private static FloatVector product(long weights, long x, FloatVector sum) {
        return StoredCodes.bfloat16(weights).fma(Memory.floats(x), sum);
    }

    /// 2 rows by 1 output: what is read serves both.
    private static void twoRows(long at, int inputs, long x, long xStride, float[] sums, int sumsAt, int next) {
        FloatVector a0 = FloatVector.zero(SPECIES);
        FloatVector a1 = a0;
        FloatVector a2 = a0;
        FloatVector a3 = a0;
        FloatVector b0 = a0;
        FloatVector b1 = a0;
        FloatVector b2 = a0;
        FloatVector b3 = a0;
        for (int k = 0; k < inputs; k += 4 * LANES) {
            long weights = Memory.pointer(at + (long) BF16Layout.BYTES * k);
            long row = Memory.pointer(x + 4L * k);
            long second = Memory.pointer(row + xStride);
            FloatVector weight = StoredCodes.bfloat16(weights);
            a0 = weight.fma(Memory.floats(row), a0);
            b0 = weight.fma(Memory.floats(second), b0);
            weight = StoredCodes.bfloat16(weights + VECTOR_BYTES);
            a1 = weight.fma(Memory.floats(row + X_BYTES), a1);
            b1 = weight.fma(Memory.floats(second + X_BYTES), b1);
            weight = StoredCodes.bfloat16(weights + 2 * VECTOR_BYTES);
            a2 = weight.fma(Memory.floats(row + 2 * X_BYTES), a2);
            b2 = weight.fma(Memory.floats(second + 2 * X_BYTES), b2);
            weight = StoredCodes.bfloat16(weights + 3 * VECTOR_BYTES);
            a3 = weight.fma(Memory.floats(row + 3 * X_BYTES), a3);
            b3 = weight.fma(Memory.floats(second + 3 * X_BYTES), b3);
        }
        a0.add(a1).add(a2.add(a3)).intoArray(sums, sumsAt);
        b0.add(b1).add(b2.add(b3)).intoArray(sums, sumsAt + next);
    }
}
