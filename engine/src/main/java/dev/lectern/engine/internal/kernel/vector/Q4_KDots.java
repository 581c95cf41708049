package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.kernel.BlockDots;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.Q4_KLayout;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// [BlockDots] of `Q4_K`: `Σ over groups of scale * Σ quant * x - minimum * Σ x`.
///
/// The scales and minima of a weight row are taken out first, 8 and 8 floats a block. A prepared row holds for every
/// block its 256 inputs, those of high nibbles divided by 16, and the negative sums of its 8 groups, where the
/// minima stand.
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
    private static final int VECTOR_BYTES = Float.BYTES * LANES;
    private static final int GROUP_PREPARED = Float.BYTES * GROUP;
    private static final int PREPARED = Float.BYTES * (WEIGHTS + LANES);
    private static final int CODES = Q4_KLayout.GROUPS_OFFSET;
    /// Where a factor's low bits are in a block's head: 4 bytes of scales, 4 of minima, 4 of both one's last
    /// four.
    private static final IntVector LOW_FROM =
            perFactor((minima, i) -> CODES + 4 * minima + i, (minima, i) -> CODES + 8 + i);
    private static final IntVector LOW_SHIFT = perFactor((minima, i) -> 0, (minima, i) -> 4 * minima);
    private static final IntVector LOW_MASK = perFactor((minima, i) -> 0x3F, (minima, i) -> 0xF);
    /// The last four have their upper two bits in the bytes of the first four.
    private static final IntVector HIGH_FROM = perFactor((minima, i) -> 0, (minima, i) -> CODES + 4 * minima + i);
    private static final IntVector HIGH_MASK = perFactor((minima, i) -> 0, (minima, i) -> 0x30);
    /// The lanes of a vector of 16 factors that hold minima.
    private static final VectorMask<Float> MINIMUM_LANES =
            VectorMask.fromLong(SPECIES, LANES > GROUPS ? -1L << GROUPS & (1L << LANES) - 1 : 0);

    @Override
    public int multiple() {
        return WEIGHTS;
    }

    @Override
    public long preparedBytes(int inputs) {
        return Memory.align((long) PREPARED * (inputs / WEIGHTS));
    }

    @Override
    public void prepare(MemorySegment in, long offset, int inputs, MemorySegment out, long at) {
        long from = Memory.address(in, offset, (long) Float.BYTES * inputs);
        long to = Memory.address(out, at, preparedBytes(inputs));
        for (int block = 0; block < inputs; block += WEIGHTS, to += PREPARED) {
            Memory.store(FloatVector.zero(SPECIES), to + GROUP_PREPARED * GROUPS);
            for (int group = 0; group < GROUPS; group++) {
                FloatVector sum = FloatVector.zero(SPECIES);
                for (int i = 0; i < GROUP_PREPARED; i += VECTOR_BYTES, from += VECTOR_BYTES) {
                    FloatVector x = Memory.floats(from);
                    Memory.store(x.mul(group % 2 == 0 ? 1 : 1f / 16), to + group * GROUP_PREPARED + i);
                    sum = sum.add(x);
                }
                long sumAt = to + GROUP_PREPARED * GROUPS + (long) Float.BYTES * (GROUPS - MINIMA + group);
                Memory.setFloat(sumAt, -Lanes.sum(sum));
            }
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
        float[] factors = scratch.scales(blocks * FACTORS);
        long first = Memory.rows(x, xAt, xStride, rows);
        for (int o = 0; o < outputs; o++) {
            long at = Memory.row(weight, output + o);
            if (LANES == FACTORS) {
                loadFactors(at, blocks, factors);
            } else {
                loadFactors(at, blocks, scratch.words(2 * blocks), factors);
            }
            int row = 0;
            for (; row < rows - 1; row += 2) {
                int sumsAt = (row * outputs + o) * LANES;
                twoRows(at, blocks, factors, first + row * xStride, xStride, sums, sumsAt, outputs * LANES);
            }
            if (row < rows) {
                oneRow(at, blocks, factors, first + row * xStride, sums, (row * outputs + o) * LANES);
            }
        }
    }

    /// The 6-bit scales and minima of a weight row, times the block's; for vectors narrower than a block's
    /// factors.
    private static void loadFactors(long at, int blocks, long[] words, float[] factors) {
        for (int b = 0; b < blocks; b++) {
            long groups = Memory.pointer(at + (long) BYTES * b) + Q4_KLayout.GROUPS_OFFSET;
            int first = StoredCodes.int32(groups);
            int second = StoredCodes.int32(groups + 4);
            int third = StoredCodes.int32(groups + 8);
            int highScales = third & 0x0F0F0F0F | (first >>> 6 & 0x03030303) << 4;
            int highMinima = third >>> 4 & 0x0F0F0F0F | (second >>> 6 & 0x03030303) << 4;
            words[2 * b] = first & 0x3F3F3F3F | (long) highScales << 32;
            words[2 * b + 1] = second & 0x3F3F3F3F | (long) highMinima << 32;
        }
        for (int b = 0; b < blocks; b++) {
            long block = Memory.pointer(at + (long) BYTES * b);
            float scale = StoredCodes.float16(block + Q4_KLayout.SCALE_OFFSET);
            float minimum = StoredCodes.float16(block + Q4_KLayout.MINIMUM_OFFSET);
            int to = b * FACTORS;
            for (int i = 0; i < FACTORS; i += LANES) {
                IntVector codes = (IntVector) LongVector.fromArray(LONGS, words, 2 * b + i / 8)
                        .reinterpretAsBytes()
                        .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
                StoredCodes.floats(codes).mul(i < GROUPS ? scale : minimum).intoArray(factors, to + i);
            }
        }
    }

    /// The same with a block's factors in one vector: its head, two scales and 12 bytes of codes, is as many
    /// bytes.
    private static void loadFactors(long at, int blocks, float[] factors) {
        for (int b = 0; b < blocks; b++) {
            long block = Memory.pointer(at + (long) BYTES * b);
            float scale = StoredCodes.float16(block + Q4_KLayout.SCALE_OFFSET);
            float minimum = StoredCodes.float16(block + Q4_KLayout.MINIMUM_OFFSET);
            IntVector head = StoredCodes.bytes(block);
            IntVector low = LOW_FROM.selectFrom(head)
                    .lanewise(VectorOperators.LSHR, LOW_SHIFT)
                    .and(LOW_MASK);
            IntVector high =
                    HIGH_FROM.selectFrom(head).lanewise(VectorOperators.LSHR, 2).and(HIGH_MASK);
            FloatVector factor = FloatVector.broadcast(SPECIES, scale).blend(minimum, MINIMUM_LANES);
            StoredCodes.floats(low.or(high)).mul(factor).intoArray(factors, b * FACTORS);
        }
    }

    /// A lane a factor: `ofFirst` gives those of the first 4 scales and minima, `ofLast` those of the last 4.
    private static IntVector perFactor(FactorLane ofFirst, FactorLane ofLast) {
        int[] lanes = new int[FACTORS];
        for (int i = 0; i < FACTORS; i++) {
            lanes[i] = (i % 8 < 4 ? ofFirst : ofLast).value(i / 8, i % 4);
        }
        return IntVector.fromArray(INTS, Arrays.copyOf(lanes, LANES), 0);
    }

    private interface FactorLane {
        /// @param minima 0 for a scale, 1 for a minimum
        /// @param place  among its 4
        int value(int minima, int place);
    }

    /// 1 row by 1 output.
    private static void oneRow(long at, int blocks, float[] factors, long x, float[] sums, int sumsAt) {
        FloatVector low = FloatVector.zero(SPECIES);
        FloatVector high = low;
        for (int b = 0; b < blocks; b++) {
            long block = Memory.pointer(at + (long) BYTES * b) + Q4_KLayout.QUANTS_OFFSET;
            long k = Memory.pointer(x + (long) PREPARED * b);
            int f = b * FACTORS;
            for (int plane = 0; plane < GROUPS / 2; plane++) {
                long quants = block + plane * Q4_KLayout.PLANE_BYTES;
                FloatVector lowScale = FloatVector.broadcast(SPECIES, factors[f + 2 * plane]);
                FloatVector highScale = FloatVector.broadcast(SPECIES, factors[f + 2 * plane + 1]);
                FloatVector lowProducts = FloatVector.zero(SPECIES);
                FloatVector highProducts = lowProducts;
                for (int i = 0; i < GROUP; i += LANES) {
                    long group = k + (long) GROUP_PREPARED * 2 * plane + Float.BYTES * i;
                    IntVector pairs = StoredCodes.bytes(quants + i);
                    lowProducts = StoredCodes.floats(pairs.and(0xF)).fma(Memory.floats(group), lowProducts);
                    highProducts = StoredCodes.floats(pairs.and(0xF0))
                            .fma(Memory.floats(group + GROUP_PREPARED), highProducts);
                }
                low = lowProducts.fma(lowScale, low);
                high = highProducts.fma(highScale, high);
            }
            FloatVector minima = FloatVector.fromArray(SPECIES, factors, f + MINIMA);
            low = minima.fma(Memory.floats(k + GROUP_PREPARED * GROUPS), low);
        }
        low.add(high).intoArray(sums, sumsAt);
    }

    /// 2 rows by 1 output: what is taken out of a block serves both.
    private static void twoRows(
            long at, int blocks, float[] factors, long x, long xStride, float[] sums, int sumsAt, int next) {
        FloatVector low0 = FloatVector.zero(SPECIES);
        FloatVector high0 = low0;
        FloatVector low1 = low0;
        FloatVector high1 = low0;
        for (int b = 0; b < blocks; b++) {
            long block = Memory.pointer(at + (long) BYTES * b) + Q4_KLayout.QUANTS_OFFSET;
            long k = Memory.pointer(x + (long) PREPARED * b);
            long other = Memory.pointer(k + xStride);
            int f = b * FACTORS;
            for (int plane = 0; plane < GROUPS / 2; plane++) {
                long quants = block + plane * Q4_KLayout.PLANE_BYTES;
                FloatVector lowScale = FloatVector.broadcast(SPECIES, factors[f + 2 * plane]);
                FloatVector highScale = FloatVector.broadcast(SPECIES, factors[f + 2 * plane + 1]);
                FloatVector lowProducts0 = FloatVector.zero(SPECIES);
                FloatVector highProducts0 = lowProducts0;
                FloatVector lowProducts1 = lowProducts0;
                FloatVector highProducts1 = lowProducts0;
                for (int i = 0; i < GROUP; i += LANES) {
                    long group = k + (long) GROUP_PREPARED * 2 * plane + Float.BYTES * i;
                    long second = other + (long) GROUP_PREPARED * 2 * plane + Float.BYTES * i;
                    IntVector pairs = StoredCodes.bytes(quants + i);
                    FloatVector codes = StoredCodes.floats(pairs.and(0xF));
                    lowProducts0 = codes.fma(Memory.floats(group), lowProducts0);
                    lowProducts1 = codes.fma(Memory.floats(second), lowProducts1);
                    codes = StoredCodes.floats(pairs.and(0xF0));
                    highProducts0 = codes.fma(Memory.floats(group + GROUP_PREPARED), highProducts0);
                    highProducts1 = codes.fma(Memory.floats(second + GROUP_PREPARED), highProducts1);
                }
                low0 = lowProducts0.fma(lowScale, low0);
                high0 = highProducts0.fma(highScale, high0);
                low1 = lowProducts1.fma(lowScale, low1);
                high1 = highProducts1.fma(highScale, high1);
            }
            FloatVector minima = FloatVector.fromArray(SPECIES, factors, f + MINIMA);
            low0 = minima.fma(Memory.floats(k + GROUP_PREPARED * GROUPS), low0);
            low1 = minima.fma(Memory.floats(other + GROUP_PREPARED * GROUPS), low1);
        }
        low0.add(high0).intoArray(sums, sumsAt);
        low1.add(high1).intoArray(sums, sumsAt + next);
    }
}
