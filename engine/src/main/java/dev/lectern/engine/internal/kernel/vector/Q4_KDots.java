package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.kernel.BlockDots;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.Q4_KLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// [BlockDots] of `Q4_K`: `Σ over groups of scale * Σ quant * x - minimum * Σ x`.
///
/// The scales and minima of a weight row are taken out first, 8 and 8 floats a block. A prepared row holds for every
/// block its 256 inputs, and the negative sums of its 8 groups, where the minima stand.
final class Q4_KDots implements BlockDots {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = SPECIES.length();
    private static final VectorSpecies<Integer> INTS = SPECIES.vectorShape().withLanes(int.class);
    /// As many bytes as there are lanes.
    private static final VectorSpecies<Long> LONGS = LANES == 16 ? LongVector.SPECIES_128 : LongVector.SPECIES_64;

    private static final int WEIGHTS = Q4_KLayout.BLOCK_WEIGHTS;
    private static final int BYTES = Q4_KLayout.BLOCK_BYTES;
    private static final int GROUP = Q4_KLayout.GROUP_WEIGHTS;
    private static final int GROUPS = WEIGHTS / GROUP;
    /// Scales and minima.
    private static final int FACTORS = 2 * GROUPS;
    /// As many factors as there are lanes end with the minima.
    private static final int MINIMA = FACTORS - LANES;
    private static final int PREPARED = WEIGHTS + LANES;
    /// The lanes of a vector of 16 factors that hold minima.
    private static final VectorMask<Float> MINIMUM_LANES =
            VectorMask.fromLong(SPECIES, LANES > GROUPS ? -1L << GROUPS & (1L << LANES) - 1 : 0);

    @Override
    public int multiple() {
        return WEIGHTS;
    }

    @Override
    public int preparedFloats(int inputs) {
        return inputs / WEIGHTS * PREPARED;
    }

    @Override
    public void prepare(MemorySegment in, long offset, int inputs, float[] out, int at) {
        int to = at;
        for (int block = 0; block < inputs; block += WEIGHTS, to += PREPARED) {
            Copies.loadRows(in, offset + 4L * block, 0, 1, WEIGHTS, out, to, WEIGHTS);
            for (int i = 0; i < LANES; i++) {
                int group = MINIMA + i - GROUPS;
                float sum = 0;
                for (int k = 0; k < GROUP && group >= 0; k++) {
                    sum += out[to + group * GROUP + k];
                }
                out[to + WEIGHTS + i] = -sum;
            }
        }
    }

    @Override
    public void dots(
            Weight weight, int output, float[] x, int xAt, int xStride, int rows, Scratch scratch, float[] sums) {
        int blocks = weight.inputs() / WEIGHTS;
        byte[] stored = scratch.bytes(blocks * BYTES);
        long[] words = scratch.words(2 * blocks);
        float[] factors = scratch.scales(blocks * FACTORS);
        for (int o = 0; o < OUTPUTS; o++) {
            // In an array a row costs fewer instructions to read, and it is fetched ahead of the
            // arithmetic.
            MemorySegment.copy(
                    weight.data(), ValueLayout.JAVA_BYTE, weight.rowOffset(output + o), stored, 0, blocks * BYTES);
            loadFactors(stored, blocks, words, factors);
            int row = 0;
            for (; row < rows - 1; row += 2) {
                twoRows(stored, blocks, factors, x, xAt + row * xStride, xStride, sums, (row * OUTPUTS + o) * LANES);
            }
            if (row < rows) {
                oneRow(stored, blocks, factors, x, xAt + row * xStride, sums, (row * OUTPUTS + o) * LANES);
            }
        }
    }

    /// The 6-bit scales and minima of a weight row, times the block's.
    private static void loadFactors(byte[] stored, int blocks, long[] words, float[] factors) {
        for (int b = 0; b < blocks; b++) {
            int groups = b * BYTES + Q4_KLayout.GROUPS_OFFSET;
            int first = Codes.int32(stored, groups);
            int second = Codes.int32(stored, groups + 4);
            int third = Codes.int32(stored, groups + 8);
            int highScales = third & 0x0F0F0F0F | (first >>> 6 & 0x03030303) << 4;
            int highMinima = third >>> 4 & 0x0F0F0F0F | (second >>> 6 & 0x03030303) << 4;
            words[2 * b] = first & 0x3F3F3F3F | (long) highScales << 32;
            words[2 * b + 1] = second & 0x3F3F3F3F | (long) highMinima << 32;
        }
        for (int b = 0; b < blocks; b++) {
            int block = b * BYTES;
            float scale = Codes.float16(stored, block + Q4_KLayout.SCALE_OFFSET);
            float minimum = Codes.float16(stored, block + Q4_KLayout.MINIMUM_OFFSET);
            int to = b * FACTORS;
            for (int i = 0; i < FACTORS; i += LANES) {
                IntVector codes = (IntVector) LongVector.fromArray(LONGS, words, 2 * b + i / 8)
                        .reinterpretAsBytes()
                        .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
                FloatVector factor = FloatVector.broadcast(SPECIES, i < GROUPS ? scale : minimum);
                if (LANES > GROUPS) {
                    factor = factor.blend(minimum, MINIMUM_LANES);
                }
                StoredCodes.floats(codes).mul(factor).intoArray(factors, to + i);
            }
        }
    }

    /// 1 row by 1 output. More in one method is more than C2 inlines.
    private static void oneRow(
            byte[] stored, int blocks, float[] factors, float[] x, int xAt, float[] sums, int sumsAt) {
        FloatVector low = FloatVector.zero(SPECIES);
        FloatVector high = low;
        for (int b = 0; b < blocks; b++) {
            int k = xAt + b * PREPARED;
            int f = b * FACTORS;
            for (int plane = 0; plane < GROUPS / 2; plane++) {
                int quants = b * BYTES + Q4_KLayout.QUANTS_OFFSET + plane * Q4_KLayout.PLANE_BYTES;
                FloatVector lowScale = FloatVector.broadcast(SPECIES, factors[f + 2 * plane]);
                FloatVector highScale = FloatVector.broadcast(SPECIES, factors[f + 2 * plane + 1]);
                for (int i = 0; i < GROUP; i += 2 * LANES) {
                    int group = k + 2 * plane * GROUP + i;
                    IntVector first = StoredCodes.bytes(stored, quants + i);
                    IntVector second = StoredCodes.bytes(stored, quants + i + LANES);
                    low = products(lowNibbles(first), lowNibbles(second), x, group)
                            .fma(lowScale, low);
                    high = products(highNibbles(first), highNibbles(second), x, group + GROUP)
                            .fma(highScale, high);
                }
            }
            FloatVector minima = FloatVector.fromArray(SPECIES, factors, f + MINIMA);
            low = minima.fma(FloatVector.fromArray(SPECIES, x, k + WEIGHTS), low);
        }
        low.add(high).intoArray(sums, sumsAt);
    }

    /// 2 rows by 1 output: what is taken out of a block serves both.
    private static void twoRows(
            byte[] stored, int blocks, float[] factors, float[] x, int xAt, int xStride, float[] sums, int sumsAt) {
        FloatVector low0 = FloatVector.zero(SPECIES);
        FloatVector high0 = low0;
        FloatVector low1 = low0;
        FloatVector high1 = low0;
        for (int b = 0; b < blocks; b++) {
            int k = xAt + b * PREPARED;
            int f = b * FACTORS;
            for (int plane = 0; plane < GROUPS / 2; plane++) {
                int quants = b * BYTES + Q4_KLayout.QUANTS_OFFSET + plane * Q4_KLayout.PLANE_BYTES;
                FloatVector lowScale = FloatVector.broadcast(SPECIES, factors[f + 2 * plane]);
                FloatVector highScale = FloatVector.broadcast(SPECIES, factors[f + 2 * plane + 1]);
                for (int i = 0; i < GROUP; i += 2 * LANES) {
                    int group = k + 2 * plane * GROUP + i;
                    IntVector first = StoredCodes.bytes(stored, quants + i);
                    IntVector second = StoredCodes.bytes(stored, quants + i + LANES);
                    FloatVector a = lowNibbles(first);
                    FloatVector b1 = lowNibbles(second);
                    low0 = products(a, b1, x, group).fma(lowScale, low0);
                    low1 = products(a, b1, x, group + xStride).fma(lowScale, low1);
                    a = highNibbles(first);
                    b1 = highNibbles(second);
                    high0 = products(a, b1, x, group + GROUP).fma(highScale, high0);
                    high1 = products(a, b1, x, group + GROUP + xStride).fma(highScale, high1);
                }
            }
            FloatVector minima = FloatVector.fromArray(SPECIES, factors, f + MINIMA);
            low0 = minima.fma(FloatVector.fromArray(SPECIES, x, k + WEIGHTS), low0);
            low1 = minima.fma(FloatVector.fromArray(SPECIES, x, k + WEIGHTS + xStride), low1);
        }
        low0.add(high0).intoArray(sums, sumsAt);
        low1.add(high1).intoArray(sums, sumsAt + OUTPUTS * LANES);
    }

    private static FloatVector products(FloatVector first, FloatVector second, float[] x, int at) {
        return second.fma(
                FloatVector.fromArray(SPECIES, x, at + LANES), first.mul(FloatVector.fromArray(SPECIES, x, at)));
    }

    private static FloatVector lowNibbles(IntVector pairs) {
        return StoredCodes.floats(pairs.and(0xF));
    }

    private static FloatVector highNibbles(IntVector pairs) {
        return StoredCodes.floats(pairs.lanewise(VectorOperators.LSHR, 4));
    }
}
