package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.Q6_KLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/// Panels of `Q6_K`, of as many bits as are stored.
///
/// ```
///   a group, of an output:                            behind a block's groups:
///   +--------------------------------------------+   +---------+
///   | 16 weights: 1 int, the codes' high 2 bits  |   | float16 |
///   |             2 ints, their low 4 bits       |   +---------+
///   | 16 weights …                               |
///   | 2 signed bytes: their scales               |
///   +--------------------------------------------+
/// ```
///
/// Four consecutive weights are a quad. The first int's byte i holds the high bits of weight i of all four quads, from
/// the lowest up; the byte i of the others the low bits of weight i of two quads. A shift, a rotation and two masks
/// bring a quad to a byte each, which are then taken out as 8-bit codes are.
final class Q6_KPanels extends VectorPanels {
    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
    /// Of 16 weights, half a group.
    private static final int HALVES_OF_BLOCK = Q6_KLayout.BLOCK_WEIGHTS / Q6_KLayout.GROUP_WEIGHTS;
    private static final int QUAD = 4;
    private static final int QUADS = Q6_KLayout.GROUP_WEIGHTS / QUAD;
    private static final int LOW_BITS = 4;
    private static final int HIGH_BITS = 2;
    private static final int LOW_NIBBLES = 0x0F0F0F0F;
    private static final int LOW_PAIRS = 0x03030303;
    /// Above a code's low bits.
    private static final int HIGH_PAIRS = LOW_PAIRS << LOW_BITS;

    /// Of 16 weights.
    private static final int INTS_OF_HALF = 1 + QUADS / 2;

    private static final int BITS = 2 * INTS_OF_HALF;

    /// In a prepared group of 32, its second half's as [#START] is its first's.
    private static final int SECOND_START = SUM;

    Q6_KPanels() {
        super(BITS, 2 * Byte.BYTES);
    }

    @Override
    public int multiple() {
        return Q6_KLayout.BLOCK_WEIGHTS;
    }

    @Override
    long blockBytes() {
        return factors(0) + (long) Short.BYTES * TILE_COLUMNS;
    }

    private long factors(long block) {
        return block + Q6_KLayout.BLOCK_WEIGHTS / GROUP * groupBytes();
    }

    /// Of half a group.
    private long ints(long block, int half) {
        return block + groupBytes() * (half >> 1) + (long) STEP_BYTES * INTS_OF_HALF * (half & 1);
    }

    private long scales(long block, int half) {
        return block + groupBytes() * (half >> 1) + codeBytes() + (long) TILE_COLUMNS * (half & 1);
    }

    @Override
    boolean packBlock(Weight weight, int output, int input, long to, int column, int exponent) {
        long stored = stored(weight, output, input);
        for (int half = 0; half < HALVES_OF_BLOCK; half++) {
            int first = half * Q6_KLayout.GROUP_WEIGHTS;
            long ints = ints(to, half) + (long) Integer.BYTES * column;
            int high = 0;
            for (int quad = 0; quad < QUADS; quad += 2) {
                int at = first + QUAD * quad;
                int low = lowBits(stored, at) | lowBits(stored, at + QUAD) << LOW_BITS;
                StoredCodes.setInt32(ints + (long) STEP_BYTES * (1 + quad / 2), low);
                high |= highBits(stored, at) << HIGH_BITS * quad;
                high |= highBits(stored, at + QUAD) << HIGH_BITS * (quad + 1);
            }
            StoredCodes.setInt32(ints, high);
            int scale = StoredCodes.int8(stored + Q6_KLayout.GROUPS_OFFSET + half);
            StoredCodes.setInt8(scales(to, half) + column, scale);
        }
        int factor = StoredCodes.unsigned16(stored + Q6_KLayout.SCALE_OFFSET);
        return packScale(factor, exponent, factors(to) + (long) Short.BYTES * column);
    }

    /// Of the quad that begins at a weight of the block, a byte each.
    private static int lowBits(long stored, int weight) {
        int half = weight / 128;
        int within = weight % 128;
        long plane = stored + Q6_KLayout.QUANTS_OFFSET + (long) half * Q6_KLayout.PLANE_BYTES;
        int bytes = StoredCodes.int32(plane + within % Q6_KLayout.PLANE_BYTES);
        return bytes >>> LOW_BITS * (within / Q6_KLayout.PLANE_BYTES) & LOW_NIBBLES;
    }

    private static int highBits(long stored, int weight) {
        int half = weight / 128;
        int within = weight % 128;
        long plane = stored + Q6_KLayout.HIGH_OFFSET + (long) half * Q6_KLayout.HIGH_PLANE_BYTES;
        int bytes = StoredCodes.int32(plane + within % Q6_KLayout.HIGH_PLANE_BYTES);
        return bytes >>> HIGH_BITS * (within / Q6_KLayout.HIGH_PLANE_BYTES) & LOW_PAIRS;
    }

    @Override
    void prepareGroup(long from, float[] out, int at) {
        out[at + START] = prepareHalf(from, out, at);
        int half = Q6_KLayout.GROUP_WEIGHTS;
        out[at + SECOND_START] = prepareHalf(from + (long) Float.BYTES * half, out, at + half);
    }

    /// Returns what takes the zero point of the codes away.
    private static float prepareHalf(long from, float[] out, int at) {
        float sum = 0;
        for (int i = 0; i < Q6_KLayout.GROUP_WEIGHTS; i += QUAD) {
            float first = Memory.getFloat(from + 4L * i);
            float second = Memory.getFloat(from + 4L * i + 4);
            float third = Memory.getFloat(from + 4L * i + 8);
            float fourth = Memory.getFloat(from + 4L * i + 12);
            out[at + i] = first;
            out[at + i + 1] = second * 0x1p-8f;
            out[at + i + 2] = third * 0x1p-16f;
            out[at + i + 3] = fourth * 0x1p-24f;
            sum += first + second + (third + fourth);
        }
        return -Q6_KLayout.ZERO_POINT * sum;
    }

    /// Row after row: the block stays in the first level cache.
    @Override
    long addRun(
            long block,
            long stripBytes,
            float scaleUnit,
            int groups,
            float[] x,
            int xAt,
            int stride,
            int rows,
            float[] scratch,
            float[] sums) {
        for (int row = 0; row < rows; row++) {
            addRow(block, stripBytes, scaleUnit, x, xAt + row * stride, sums, row * COLUMNS);
        }
        return blockBytes();
    }

    /// Adds a row's products with a block. As the loops of [PanelDots], it calls the vectors' own methods only.
    private void addRow(long block, long stripBytes, float scaleUnit, float[] x, int xAt, float[] sums, int sumsAt) {
        long groupBytes = groupBytes();
        IntVector nibbles = IntVector.broadcast(INTS, LOW_NIBBLES);
        IntVector pairs = IntVector.broadcast(INTS, HIGH_PAIRS);
        IntVector first = IntVector.broadcast(INTS, 0xFF);
        IntVector second = IntVector.broadcast(INTS, 0xFF00);
        IntVector third = IntVector.broadcast(INTS, 0xFF0000);
        IntVector fourth = IntVector.broadcast(INTS, 0xFF000000);
        FloatVector unit = FloatVector.broadcast(FLOATS, scaleUnit);
        FloatVector scaled0 = FloatVector.zero(FLOATS);
        FloatVector scaled1 = FloatVector.zero(FLOATS);
        FloatVector scaled2 = FloatVector.zero(FLOATS);
        FloatVector scaled3 = FloatVector.zero(FLOATS);
        for (int half = 0; half < HALVES_OF_BLOCK; half++) {
            long group = Memory.pointer(block + groupBytes * (half >> 1));
            long codes = group + (long) STEP_BYTES * INTS_OF_HALF * (half & 1);
            int xGroup = xAt + PREPARED * (half >> 1);
            int k = xGroup + (half & 1) * Q6_KLayout.GROUP_WEIGHTS;
            FloatVector products0 = FloatVector.broadcast(FLOATS, x[xGroup + START + (half & 1)]);
            FloatVector products1 = products0;
            FloatVector products2 = products0;
            FloatVector products3 = products0;
            IntVector high0 = IntVector.fromMemorySegment(INTS, Memory.ALL, codes, LITTLE);
            IntVector high1 = IntVector.fromMemorySegment(INTS, Memory.ALL, codes + VECTOR_BYTES, LITTLE);
            IntVector high2 = IntVector.fromMemorySegment(INTS, Memory.ALL, codes + stripBytes, LITTLE);
            IntVector high3 = IntVector.fromMemorySegment(INTS, Memory.ALL, codes + stripBytes + VECTOR_BYTES, LITTLE);
            for (int quad = 0; quad < QUADS; quad++, k += QUAD) {
                long at = codes + (long) STEP_BYTES * (1 + (quad >> 1));
                int shift = LOW_BITS * (quad & 1);
                int rotation = LOW_BITS - HIGH_BITS * quad;
                IntVector quad0 = IntVector.fromMemorySegment(INTS, Memory.ALL, at, LITTLE)
                        .lanewise(VectorOperators.LSHR, shift)
                        .and(nibbles)
                        .or(high0.lanewise(VectorOperators.ROL, rotation).and(pairs));
                IntVector quad1 = IntVector.fromMemorySegment(INTS, Memory.ALL, at + VECTOR_BYTES, LITTLE)
                        .lanewise(VectorOperators.LSHR, shift)
                        .and(nibbles)
                        .or(high1.lanewise(VectorOperators.ROL, rotation).and(pairs));
                IntVector quad2 = IntVector.fromMemorySegment(INTS, Memory.ALL, at + stripBytes, LITTLE)
                        .lanewise(VectorOperators.LSHR, shift)
                        .and(nibbles)
                        .or(high2.lanewise(VectorOperators.ROL, rotation).and(pairs));
                IntVector quad3 = IntVector.fromMemorySegment(INTS, Memory.ALL, at + stripBytes + VECTOR_BYTES, LITTLE)
                        .lanewise(VectorOperators.LSHR, shift)
                        .and(nibbles)
                        .or(high3.lanewise(VectorOperators.ROL, rotation).and(pairs));
                FloatVector input = FloatVector.broadcast(FLOATS, x[k]);
                products0 = ((FloatVector) quad0.and(first).convert(VectorOperators.I2F, 0)).fma(input, products0);
                products1 = ((FloatVector) quad1.and(first).convert(VectorOperators.I2F, 0)).fma(input, products1);
                products2 = ((FloatVector) quad2.and(first).convert(VectorOperators.I2F, 0)).fma(input, products2);
                products3 = ((FloatVector) quad3.and(first).convert(VectorOperators.I2F, 0)).fma(input, products3);
                input = FloatVector.broadcast(FLOATS, x[k + 1]);
                products0 = ((FloatVector) quad0.and(second).convert(VectorOperators.I2F, 0)).fma(input, products0);
                products1 = ((FloatVector) quad1.and(second).convert(VectorOperators.I2F, 0)).fma(input, products1);
                products2 = ((FloatVector) quad2.and(second).convert(VectorOperators.I2F, 0)).fma(input, products2);
                products3 = ((FloatVector) quad3.and(second).convert(VectorOperators.I2F, 0)).fma(input, products3);
                input = FloatVector.broadcast(FLOATS, x[k + 2]);
                products0 = ((FloatVector) quad0.and(third).convert(VectorOperators.I2F, 0)).fma(input, products0);
                products1 = ((FloatVector) quad1.and(third).convert(VectorOperators.I2F, 0)).fma(input, products1);
                products2 = ((FloatVector) quad2.and(third).convert(VectorOperators.I2F, 0)).fma(input, products2);
                products3 = ((FloatVector) quad3.and(third).convert(VectorOperators.I2F, 0)).fma(input, products3);
                input = FloatVector.broadcast(FLOATS, x[k + 3]);
                products0 = ((FloatVector) quad0.and(fourth).convert(VectorOperators.I2F, 0)).fma(input, products0);
                products1 = ((FloatVector) quad1.and(fourth).convert(VectorOperators.I2F, 0)).fma(input, products1);
                products2 = ((FloatVector) quad2.and(fourth).convert(VectorOperators.I2F, 0)).fma(input, products2);
                products3 = ((FloatVector) quad3.and(fourth).convert(VectorOperators.I2F, 0)).fma(input, products3);
            }
            long scales = group + (long) STEP_BYTES * BITS + (long) TILE_COLUMNS * (half & 1);
            scaled0 = ((FloatVector) ByteVector.fromMemorySegment(BYTES, Memory.ALL, scales, LITTLE)
                            .convertShape(VectorOperators.B2F, FLOATS, 0))
                    .fma(products0, scaled0);
            scaled1 = ((FloatVector) ByteVector.fromMemorySegment(BYTES, Memory.ALL, scales + LANES, LITTLE)
                            .convertShape(VectorOperators.B2F, FLOATS, 0))
                    .fma(products1, scaled1);
            scaled2 = ((FloatVector) ByteVector.fromMemorySegment(BYTES, Memory.ALL, scales + stripBytes, LITTLE)
                            .convertShape(VectorOperators.B2F, FLOATS, 0))
                    .fma(products2, scaled2);
            scaled3 = ((FloatVector)
                            ByteVector.fromMemorySegment(BYTES, Memory.ALL, scales + stripBytes + LANES, LITTLE)
                                    .convertShape(VectorOperators.B2F, FLOATS, 0))
                    .fma(products3, scaled3);
        }
        long factors = Memory.pointer(factors(block));
        FloatVector factor0 = ((IntVector) ShortVector.fromMemorySegment(HALVES, Memory.ALL, factors, LITTLE)
                        .convertShape(VectorOperators.S2I, INTS, 0))
                .lanewise(VectorOperators.LSHL, SCALE_SHIFT)
                .and(SCALE_BITS)
                .reinterpretAsFloats()
                .mul(unit);
        scaled0.fma(factor0, FloatVector.fromArray(FLOATS, sums, sumsAt)).intoArray(sums, sumsAt);
        FloatVector factor1 = ((IntVector)
                        ShortVector.fromMemorySegment(HALVES, Memory.ALL, factors + HALVES_BYTES, LITTLE)
                                .convertShape(VectorOperators.S2I, INTS, 0))
                .lanewise(VectorOperators.LSHL, SCALE_SHIFT)
                .and(SCALE_BITS)
                .reinterpretAsFloats()
                .mul(unit);
        scaled1.fma(factor1, FloatVector.fromArray(FLOATS, sums, sumsAt + LANES))
                .intoArray(sums, sumsAt + LANES);
        FloatVector factor2 = ((IntVector)
                        ShortVector.fromMemorySegment(HALVES, Memory.ALL, factors + stripBytes, LITTLE)
                                .convertShape(VectorOperators.S2I, INTS, 0))
                .lanewise(VectorOperators.LSHL, SCALE_SHIFT)
                .and(SCALE_BITS)
                .reinterpretAsFloats()
                .mul(unit);
        scaled2.fma(factor2, FloatVector.fromArray(FLOATS, sums, sumsAt + 2 * LANES))
                .intoArray(sums, sumsAt + 2 * LANES);
        FloatVector factor3 = ((IntVector)
                        ShortVector.fromMemorySegment(HALVES, Memory.ALL, factors + stripBytes + HALVES_BYTES, LITTLE)
                                .convertShape(VectorOperators.S2I, INTS, 0))
                .lanewise(VectorOperators.LSHL, SCALE_SHIFT)
                .and(SCALE_BITS)
                .reinterpretAsFloats()
                .mul(unit);
        scaled3.fma(factor3, FloatVector.fromArray(FLOATS, sums, sumsAt + 3 * LANES))
                .intoArray(sums, sumsAt + 3 * LANES);
    }

    @Override
    void decodeBlock(long block, float unit, long to) {
        float zero = Q6_KLayout.ZERO_POINT;
        for (int half = 0; half < HALVES_OF_BLOCK; half++) {
            for (int c = 0; c < TILE_COLUMNS; c += LANES) {
                long codes = ints(block, half) + (long) Integer.BYTES * c;
                FloatVector scale = StoredCodes.signedBytes(scales(block, half) + c)
                        .mul(scales(factors(block) + (long) Short.BYTES * c, unit));
                IntVector highs = ints(codes);
                for (int i = 0; i < Q6_KLayout.GROUP_WEIGHTS; i++) {
                    int quad = i / QUAD;
                    int from = Byte.SIZE * (i % QUAD);
                    IntVector low = ints(codes + (long) STEP_BYTES * (1 + (quad >> 1)))
                            .lanewise(VectorOperators.LSHR, from + LOW_BITS * (quad & 1))
                            .and(0xF);
                    IntVector high = highs.lanewise(VectorOperators.LSHR, from + HIGH_BITS * quad)
                            .and(3)
                            .lanewise(VectorOperators.LSHL, LOW_BITS);
                    int weight = half * Q6_KLayout.GROUP_WEIGHTS + i;
                    long at = to + (long) TILE_STEP_BYTES * weight + (long) Float.BYTES * c;
                    Memory.store(StoredCodes.floats(low.or(high)).sub(zero).mul(scale), at);
                }
            }
        }
    }
}
