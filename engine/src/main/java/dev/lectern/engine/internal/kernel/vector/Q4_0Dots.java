package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.kernel.BlockDots;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.Q4_0Layout;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/// [BlockDots] of `Q4_0`: `Σ over blocks of scale * (Σ quant * x - 8 * Σ x)`.
///
/// A byte is `low + 16 * high`, and taking the low nibble out is cheaper than taking out both: with `l` and `h` the
/// inputs of the two nibbles, `low * l + high * h = low * (l - h / 16) + byte * (h / 16)`. A prepared row holds the
/// two factors of every vector of bytes, and after them `-8 * Σ x` of every block.
///
/// Weights are read where they lie and in the order in which they lie: of two weight rows in turns, the processor
/// fetches half as much ahead. A thread reads 9 GB/s of them from memory; the arithmetic alone would allow 14.
final class Q4_0Dots implements BlockDots {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = SPECIES.length();
    private static final int BYTES = Q4_0Layout.BLOCK_BYTES;
    private static final int WEIGHTS = Q4_0Layout.BLOCK_WEIGHTS;
    private static final int HALF = WEIGHTS / 2;
    private static final int PARTS = HALF / LANES;
    private static final int VECTOR_BYTES = Float.BYTES * LANES;
    private static final int BLOCK_PREPARED = Float.BYTES * WEIGHTS;

    @Override
    public int multiple() {
        return WEIGHTS;
    }

    @Override
    public long preparedBytes(int inputs) {
        return Memory.align(restAt(inputs / WEIGHTS) + (long) Float.BYTES * (inputs / WEIGHTS));
    }

    /// Where a prepared row's sums begin.
    private static long restAt(int blocks) {
        return (long) BLOCK_PREPARED * blocks;
    }

    @Override
    public void prepare(MemorySegment in, long offset, int inputs, MemorySegment out, long at) {
        long from = Memory.address(in, offset, (long) Float.BYTES * inputs);
        long to = Memory.address(out, at, preparedBytes(inputs));
        long rest = to + restAt(inputs / WEIGHTS);
        for (int block = 0; block < inputs; block += WEIGHTS, rest += Float.BYTES) {
            FloatVector sum = FloatVector.zero(SPECIES);
            for (int i = block; i < block + HALF; i += LANES, to += 2 * VECTOR_BYTES) {
                FloatVector low = Memory.floats(from + 4L * i);
                FloatVector high = Memory.floats(from + 4L * (i + HALF));
                FloatVector sixteenth = high.mul(1f / 16);
                Memory.store(low.sub(sixteenth), to);
                Memory.store(sixteenth, to + VECTOR_BYTES);
                sum = sum.add(low.add(high));
            }
            Memory.setFloat(rest, -Q4_0Layout.ZERO_POINT * Lanes.sum(sum));
        }
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
        for (int o = 0; o < outputs; o++) {
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
        float rest = 0;
        long restAt = x + restAt(blocks);
        for (int b = 0; b < blocks; b++) {
            long block = Memory.pointer(at + (long) BYTES * b);
            float scale = StoredCodes.float16(block);
            rest = Math.fma(scale, Memory.getFloat(Memory.pointer(restAt + 4L * b)), rest);
            for (int part = 0; part < PARTS; part++) {
                long k = Memory.pointer(x + (long) BLOCK_PREPARED * b) + part * 2L * VECTOR_BYTES;
                IntVector pairs = StoredCodes.bytes(block + Q4_0Layout.QUANTS_OFFSET + part * LANES);
                FloatVector low = StoredCodes.floats(pairs.and(0xF));
                FloatVector both = StoredCodes.floats(pairs);
                sum = products(low, both, k).fma(FloatVector.broadcast(SPECIES, scale), sum);
            }
        }
        sum.intoArray(sums, sumsAt);
        sums[sumsAt] += rest;
    }

    /// 4 rows by 1 output: what is taken out of a block serves all rows.
    private static void fourRows(long at, int blocks, long x, long xStride, float[] sums, int sumsAt, int next) {
        FloatVector sum0 = FloatVector.zero(SPECIES);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
        float rest0 = 0;
        float rest1 = 0;
        float rest2 = 0;
        float rest3 = 0;
        long restAt = x + restAt(blocks);
        for (int b = 0; b < blocks; b++) {
            long block = Memory.pointer(at + (long) BYTES * b);
            float factor = StoredCodes.float16(block);
            long r = Memory.pointer(restAt + 4L * b);
            rest0 = Math.fma(factor, Memory.getFloat(r), rest0);
            rest1 = Math.fma(factor, Memory.getFloat(Memory.pointer(r + xStride)), rest1);
            rest2 = Math.fma(factor, Memory.getFloat(Memory.pointer(r + 2 * xStride)), rest2);
            rest3 = Math.fma(factor, Memory.getFloat(Memory.pointer(r + 3 * xStride)), rest3);
            FloatVector scale = FloatVector.broadcast(SPECIES, factor);
            for (int part = 0; part < PARTS; part++) {
                long k = Memory.pointer(x + (long) BLOCK_PREPARED * b) + part * 2L * VECTOR_BYTES;
                IntVector pairs = StoredCodes.bytes(block + Q4_0Layout.QUANTS_OFFSET + part * LANES);
                FloatVector low = StoredCodes.floats(pairs.and(0xF));
                FloatVector both = StoredCodes.floats(pairs);
                sum0 = products(low, both, k).fma(scale, sum0);
                sum1 = products(low, both, Memory.pointer(k + xStride)).fma(scale, sum1);
                sum2 = products(low, both, Memory.pointer(k + 2 * xStride)).fma(scale, sum2);
                sum3 = products(low, both, Memory.pointer(k + 3 * xStride)).fma(scale, sum3);
            }
        }
        sum0.intoArray(sums, sumsAt);
        sum1.intoArray(sums, sumsAt + next);
        sum2.intoArray(sums, sumsAt + 2 * next);
        sum3.intoArray(sums, sumsAt + 3 * next);
        sums[sumsAt] += rest0;
        sums[sumsAt + next] += rest1;
        sums[sumsAt + 2 * next] += rest2;
        sums[sumsAt + 3 * next] += rest3;
    }

    private static FloatVector products(FloatVector low, FloatVector both, long k) {
        return both.fma(Memory.floats(k + VECTOR_BYTES), low.mul(Memory.floats(k)));
    }
}
