package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.kernel.BlockDots;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.Q8_0Layout;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// [BlockDots] of `Q8_0`: `Σ over blocks of scale * Σ quant * x`, two vectors of quants at a time.
///
/// Weight rows are read in the order in which they lie, as fast as memory gives them (20 GB/s a thread). A row of
/// floats too long for the first level cache comes from the second again and again; then four weight rows share its
/// loads (14 GB/s, not 10). They lie pages apart: of rows within one page, read in turns, the processor does not see
/// the order and fetches nothing ahead (7 GB/s).
final class Q8_0Dots implements BlockDots {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = SPECIES.length();
    private static final int BYTES = Q8_0Layout.BLOCK_BYTES;
    private static final int WEIGHTS = Q8_0Layout.BLOCK_WEIGHTS;
    private static final int PARTS = WEIGHTS / (2 * LANES);
    private static final int PART_BYTES = 2 * LANES;
    private static final int VECTOR_BYTES = Float.BYTES * LANES;
    /// From here on a row and the weights that pass by it do not fit the first level cache together.
    private static final int LARGE_ROW_BYTES = 16 << 10;
    /// Weight rows that are read at a time where a load of the row's floats should serve several.
    private static final int STREAMS = 4;
    private static final int PREPARED = 2 * VECTOR_BYTES;

    @Override
    public int multiple() {
        return WEIGHTS;
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
        int blocks = weight.inputs() / WEIGHTS;
        long first = Memory.rows(x, xAt, xStride, rows);
        int single = 0;
        if (rows == 1 && xStride > LARGE_ROW_BYTES) {
            int apart = outputs / STREAMS;
            for (int o = 0; o < apart; o++) {
                fourOutputs(weight, output + o, apart, blocks, first, sums, o * LANES);
            }
            single = apart * STREAMS;
        }
        for (int o = single; o < outputs; o++) {
            long at = Memory.row(weight, output + o);
            int row = 0;
            for (; row < rows - 3; row += 4) {
                fourRows(
                        at, blocks, first + row * xStride, xStride, sums, (row * outputs + o) * LANES, outputs * LANES);
            }
            for (; row < rows; row++) {
                oneRow(at, blocks, first + row * xStride, sums, (row * outputs + o) * LANES);
            }
        }
    }

    /// 1 row by 1 output.
    private static void oneRow(long at, int blocks, long x, float[] sums, int sumsAt) {
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int b = 0; b < blocks; b++) {
            long block = Memory.pointer(at + (long) BYTES * b);
            FloatVector scale = scale(block);
            for (int part = 0; part < PARTS; part++) {
                long quants = block + Q8_0Layout.QUANTS_OFFSET + part * PART_BYTES;
                long k = Memory.pointer(x + (long) (b * PARTS + part) * PREPARED);
                FloatVector x0 = Memory.floats(k);
                FloatVector x1 = Memory.floats(k + VECTOR_BYTES);
                sum = products(quants, x0, x1).fma(scale, sum);
            }
        }
        sum.intoArray(sums, sumsAt);
    }

    /// 1 row by 4 outputs, `apart` from each other.
    private static void fourOutputs(
            Weight weight, int output, int apart, int blocks, long x, float[] sums, int sumsAt) {
        long a = Memory.row(weight, output);
        long b = Memory.row(weight, output + apart);
        long c = Memory.row(weight, output + 2 * apart);
        long d = Memory.row(weight, output + 3 * apart);
        FloatVector sumA = FloatVector.zero(SPECIES);
        FloatVector sumB = sumA;
        FloatVector sumC = sumA;
        FloatVector sumD = sumA;
        for (int block = 0; block < blocks; block++) {
            long at = (long) BYTES * block;
            FloatVector scaleA = scale(a + at);
            FloatVector scaleB = scale(b + at);
            FloatVector scaleC = scale(c + at);
            FloatVector scaleD = scale(d + at);
            for (int part = 0; part < PARTS; part++) {
                long k = Memory.pointer(x + (long) (block * PARTS + part) * PREPARED);
                long quants = at + Q8_0Layout.QUANTS_OFFSET + part * PART_BYTES;
                FloatVector x0 = Memory.floats(k);
                FloatVector x1 = Memory.floats(k + VECTOR_BYTES);
                sumA = products(a + quants, x0, x1).fma(scaleA, sumA);
                sumB = products(b + quants, x0, x1).fma(scaleB, sumB);
                sumC = products(c + quants, x0, x1).fma(scaleC, sumC);
                sumD = products(d + quants, x0, x1).fma(scaleD, sumD);
            }
        }
        sumA.intoArray(sums, sumsAt);
        sumB.intoArray(sums, sumsAt + apart * LANES);
        sumC.intoArray(sums, sumsAt + 2 * apart * LANES);
        sumD.intoArray(sums, sumsAt + 3 * apart * LANES);
    }

    private static FloatVector scale(long block) {
        return FloatVector.broadcast(SPECIES, StoredCodes.float16(Memory.pointer(block)));
    }

    private static FloatVector products(long quants, FloatVector x0, FloatVector x1) {
        long at = Memory.pointer(quants);
        return StoredCodes.signedBytes(at + LANES)
                .fma(x1, StoredCodes.signedBytes(at).mul(x0));
    }

    /// 4 rows by 1 output: what is taken out of a block serves all rows.
    private static void fourRows(long at, int blocks, long x, long xStride, float[] sums, int sumsAt, int next) {
        FloatVector sum0 = FloatVector.zero(SPECIES);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
        for (int b = 0; b < blocks; b++) {
            long block = Memory.pointer(at + (long) b * BYTES);
            FloatVector scale = FloatVector.broadcast(SPECIES, StoredCodes.float16(block));
            for (int part = 0; part < PARTS; part++) {
                long quants = block + Q8_0Layout.QUANTS_OFFSET + part * PART_BYTES;
                long k = Memory.pointer(x + (long) (b * PARTS + part) * PREPARED);
                FloatVector first = StoredCodes.signedBytes(quants);
                FloatVector second = StoredCodes.signedBytes(quants + LANES);
                sum0 = products(first, second, k).fma(scale, sum0);
                sum1 = products(first, second, Memory.pointer(k + xStride)).fma(scale, sum1);
                sum2 = products(first, second, Memory.pointer(k + 2 * xStride)).fma(scale, sum2);
                sum3 = products(first, second, Memory.pointer(k + 3 * xStride)).fma(scale, sum3);
            }
        }
        sum0.intoArray(sums, sumsAt);
        sum1.intoArray(sums, sumsAt + next);
        sum2.intoArray(sums, sumsAt + 2 * next);
        sum3.intoArray(sums, sumsAt + 3 * next);
    }

    private static FloatVector products(FloatVector first, FloatVector second, long k) {
        return second.fma(Memory.floats(k + VECTOR_BYTES), first.mul(Memory.floats(k)));
    }
}
