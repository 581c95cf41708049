package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.kernel.BlockDots;
import dev.lectern.engine.internal.model.Weight;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// [BlockDots] of `F32` and `BF16`: plain products, every fourth vector in a chain of its own.
final class PlainDots implements BlockDots {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = SPECIES.length();

    private static final int X_BYTES = Float.BYTES * LANES;

    private final int weightBytes;

    /// @param weightBytes [Float#BYTES] for `F32`, [BF16Layout#BYTES] for `BF16`
    PlainDots(int weightBytes) {
        this.weightBytes = weightBytes;
    }

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
                twoRows(
                        at,
                        weightBytes,
                        inputs,
                        first + row * xStride,
                        xStride,
                        sums,
                        (row * outputs + o) * LANES,
                        outputs * LANES);
            }
            if (row < rows) {
                oneRow(at, weightBytes, inputs, first + row * xStride, sums, (row * outputs + o) * LANES);
            }
        }
    }

    /// 1 row by 1 output.
    private static void oneRow(long at, int weightBytes, int inputs, long x, float[] sums, int sumsAt) {
        int vectorBytes = weightBytes * LANES;
        FloatVector sum0 = FloatVector.zero(SPECIES);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
        for (int k = 0; k < inputs; k += 4 * LANES) {
            long weights = Memory.pointer(at + (long) weightBytes * k);
            long row = Memory.pointer(x + 4L * k);
            sum0 = product(weightBytes, weights, row, sum0);
            sum1 = product(weightBytes, weights + vectorBytes, row + X_BYTES, sum1);
            sum2 = product(weightBytes, weights + 2 * vectorBytes, row + 2 * X_BYTES, sum2);
            sum3 = product(weightBytes, weights + 3 * vectorBytes, row + 3 * X_BYTES, sum3);
        }
        sum0.add(sum1).add(sum2.add(sum3)).intoArray(sums, sumsAt);
    }

    private static FloatVector product(int weightBytes, long weights, long x, FloatVector sum) {
        return weights(weightBytes, weights).fma(Memory.floats(x), sum);
    }

    private static FloatVector weights(int weightBytes, long at) {
        return weightBytes == Float.BYTES ? Memory.floats(at) : StoredCodes.bfloat16(at);
    }

    /// 2 rows by 1 output: what is read serves both.
    private static void twoRows(
            long at, int weightBytes, int inputs, long x, long xStride, float[] sums, int sumsAt, int next) {
        int vectorBytes = weightBytes * LANES;
        FloatVector a0 = FloatVector.zero(SPECIES);
        FloatVector a1 = a0;
        FloatVector a2 = a0;
        FloatVector a3 = a0;
        FloatVector b0 = a0;
        FloatVector b1 = a0;
        FloatVector b2 = a0;
        FloatVector b3 = a0;
        for (int k = 0; k < inputs; k += 4 * LANES) {
            long weights = Memory.pointer(at + (long) weightBytes * k);
            long row = Memory.pointer(x + 4L * k);
            long second = Memory.pointer(row + xStride);
            FloatVector weight = weights(weightBytes, weights);
            a0 = weight.fma(Memory.floats(row), a0);
            b0 = weight.fma(Memory.floats(second), b0);
            weight = weights(weightBytes, weights + vectorBytes);
            a1 = weight.fma(Memory.floats(row + X_BYTES), a1);
            b1 = weight.fma(Memory.floats(second + X_BYTES), b1);
            weight = weights(weightBytes, weights + 2 * vectorBytes);
            a2 = weight.fma(Memory.floats(row + 2 * X_BYTES), a2);
            b2 = weight.fma(Memory.floats(second + 2 * X_BYTES), b2);
            weight = weights(weightBytes, weights + 3 * vectorBytes);
            a3 = weight.fma(Memory.floats(row + 3 * X_BYTES), a3);
            b3 = weight.fma(Memory.floats(second + 3 * X_BYTES), b3);
        }
        a0.add(a1).add(a2.add(a3)).intoArray(sums, sumsAt);
        b0.add(b1).add(b2.add(b3)).intoArray(sums, sumsAt + next);
    }
}
