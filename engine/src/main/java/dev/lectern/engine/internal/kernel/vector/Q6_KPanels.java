package dev.lectern.engine.internal.kernel.vector;

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
///   16 weights, of an output:            behind a block's 16 of these:
///   +--------------------------------+   +---------+
///   | 1 int: the codes' high 2 bits  |   | float16 |
///   | 2 ints: their low 4 bits       |   +---------+
///   | 1 signed byte: the scale       |
///   +--------------------------------+
/// ```
///
/// Four consecutive weights are a quad. The first int's byte i holds the high bits of weight i of all four quads, from
/// the lowest up; the byte i of the others the low bits of weight i of two quads. A shift, a rotation and two masks
/// bring a quad to a byte each, which are then taken out as 8-bit codes are.
final class Q6_KPanels extends VectorPanels {
    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
    private static final int SCALE_GROUPS = Q6_KLayout.BLOCK_WEIGHTS / Q6_KLayout.GROUP_WEIGHTS;
    private static final int QUAD = 4;
    private static final int QUADS = Q6_KLayout.GROUP_WEIGHTS / QUAD;
    private static final int LOW_BITS = 4;
    private static final int HIGH_BITS = 2;
    private static final int LOW_NIBBLES = 0x0F0F0F0F;
    private static final int LOW_PAIRS = 0x03030303;
    /// Above a code's low bits.
    private static final int HIGH_PAIRS = LOW_PAIRS << LOW_BITS;

    private static final long SCALES_AT = (long) STEP_BYTES * (1 + QUADS / 2);
    private static final long SCALE_GROUP_BYTES = SCALES_AT + (long) Byte.BYTES * COLUMNS;
    private static final long FACTORS_AT = SCALE_GROUPS * SCALE_GROUP_BYTES;

    /// In a prepared group of 32, its second half's as [#START] is its first's.
    private static final int SECOND_START = SUM;

    Q6_KPanels() {
        // Its groups are laid out here.
        super(Byte.SIZE, 0);
    }

    @Override
    public int multiple() {
        return Q6_KLayout.BLOCK_WEIGHTS;
    }

    @Override
    long blockBytes() {
        return FACTORS_AT + (long) Short.BYTES * COLUMNS;
    }

    @Override
    boolean packBlock(long stored, long to, int column) {
        long group = to;
        for (int w = 0; w < Q6_KLayout.BLOCK_WEIGHTS; w += Q6_KLayout.GROUP_WEIGHTS, group += SCALE_GROUP_BYTES) {
            long ints = group + (long) Integer.BYTES * column;
            int high = 0;
            for (int quad = 0; quad < QUADS; quad += 2) {
                int at = w + QUAD * quad;
                int low = lowBits(stored, at) | lowBits(stored, at + QUAD) << LOW_BITS;
                StoredCodes.setInt32(ints + (long) STEP_BYTES * (1 + quad / 2), low);
                high |= highBits(stored, at) << HIGH_BITS * quad;
                high |= highBits(stored, at + QUAD) << HIGH_BITS * (quad + 1);
            }
            StoredCodes.setInt32(ints, high);
            int scale = StoredCodes.int8(stored + Q6_KLayout.GROUPS_OFFSET + w / Q6_KLayout.GROUP_WEIGHTS);
            StoredCodes.setInt8(group + SCALES_AT + column, scale);
        }
        int factor = StoredCodes.unsigned16(stored + Q6_KLayout.SCALE_OFFSET);
        StoredCodes.setInt16(to + FACTORS_AT + (long) Short.BYTES * column, factor);
        return isFinite(factor);
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
    long addRun(long block, int groups, float[] x, int xAt, int stride, int rows, float[] scratch, float[] sums) {
        for (int row = 0; row < rows; row++) {
            addRow(block, x, xAt + row * stride, sums, row * COLUMNS);
        }
        return blockBytes();
    }

    /// Adds a row's products with a block. As the loops of [PanelDots], it calls the vectors' own methods only.
    private static void addRow(long block, float[] x, int xAt, float[] sums, int sumsAt) {
        IntVector nibbles = IntVector.broadcast(INTS, LOW_NIBBLES);
        IntVector pairs = IntVector.broadcast(INTS, HIGH_PAIRS);
        IntVector first = IntVector.broadcast(INTS, 0xFF);
        IntVector second = IntVector.broadcast(INTS, 0xFF00);
        IntVector third = IntVector.broadcast(INTS, 0xFF0000);
        IntVector fourth = IntVector.broadcast(INTS, 0xFF000000);
        FloatVector scaled0 = FloatVector.zero(FLOATS);
        FloatVector scaled1 = FloatVector.zero(FLOATS);
        FloatVector scaled2 = FloatVector.zero(FLOATS);
        FloatVector scaled3 = FloatVector.zero(FLOATS);
        for (int g = 0; g < SCALE_GROUPS; g++) {
            long codes = Memory.pointer(block + SCALE_GROUP_BYTES * g);
            int group = xAt + PREPARED * (g >> 1);
            int k = group + (g & 1) * Q6_KLayout.GROUP_WEIGHTS;
            FloatVector products0 = FloatVector.broadcast(FLOATS, x[group + START + (g & 1)]);
            FloatVector products1 = products0;
            FloatVector products2 = products0;
            FloatVector products3 = products0;
            IntVector high0 = IntVector.fromMemorySegment(INTS, Memory.ALL, codes, LITTLE);
            IntVector high1 = IntVector.fromMemorySegment(INTS, Memory.ALL, codes + VECTOR_BYTES, LITTLE);
            IntVector high2 = IntVector.fromMemorySegment(INTS, Memory.ALL, codes + 2 * VECTOR_BYTES, LITTLE);
            IntVector high3 = IntVector.fromMemorySegment(INTS, Memory.ALL, codes + 3 * VECTOR_BYTES, LITTLE);
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
                IntVector quad2 = IntVector.fromMemorySegment(INTS, Memory.ALL, at + 2 * VECTOR_BYTES, LITTLE)
                        .lanewise(VectorOperators.LSHR, shift)
                        .and(nibbles)
                        .or(high2.lanewise(VectorOperators.ROL, rotation).and(pairs));
                IntVector quad3 = IntVector.fromMemorySegment(INTS, Memory.ALL, at + 3 * VECTOR_BYTES, LITTLE)
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
            long scales = codes + SCALES_AT;
            scaled0 = ((FloatVector) ByteVector.fromMemorySegment(BYTES, Memory.ALL, scales, LITTLE)
                            .convertShape(VectorOperators.B2F, FLOATS, 0))
                    .fma(products0, scaled0);
            scaled1 = ((FloatVector) ByteVector.fromMemorySegment(BYTES, Memory.ALL, scales + LANES, LITTLE)
                            .convertShape(VectorOperators.B2F, FLOATS, 0))
                    .fma(products1, scaled1);
            scaled2 = ((FloatVector) ByteVector.fromMemorySegment(BYTES, Memory.ALL, scales + 2 * LANES, LITTLE)
                            .convertShape(VectorOperators.B2F, FLOATS, 0))
                    .fma(products2, scaled2);
            scaled3 = ((FloatVector) ByteVector.fromMemorySegment(BYTES, Memory.ALL, scales + 3 * LANES, LITTLE)
                            .convertShape(VectorOperators.B2F, FLOATS, 0))
                    .fma(products3, scaled3);
        }
        long factors = Memory.pointer(block + FACTORS_AT);
        FloatVector factor0 = ((IntVector) ShortVector.fromMemorySegment(HALVES, Memory.ALL, factors, LITTLE)
                        .convertShape(VectorOperators.S2I, INTS, 0))
                .lanewise(VectorOperators.LSHL, FLOAT16_SHIFT)
                .and(FLOAT16_BITS)
                .reinterpretAsFloats()
                .mul(FLOAT16_UNIT);
        scaled0.fma(factor0, FloatVector.fromArray(FLOATS, sums, sumsAt)).intoArray(sums, sumsAt);
        FloatVector factor1 = ((IntVector)
                        ShortVector.fromMemorySegment(HALVES, Memory.ALL, factors + HALVES_BYTES, LITTLE)
                                .convertShape(VectorOperators.S2I, INTS, 0))
                .lanewise(VectorOperators.LSHL, FLOAT16_SHIFT)
                .and(FLOAT16_BITS)
                .reinterpretAsFloats()
                .mul(FLOAT16_UNIT);
        scaled1.fma(factor1, FloatVector.fromArray(FLOATS, sums, sumsAt + LANES))
                .intoArray(sums, sumsAt + LANES);
        FloatVector factor2 = ((IntVector)
                        ShortVector.fromMemorySegment(HALVES, Memory.ALL, factors + 2 * HALVES_BYTES, LITTLE)
                                .convertShape(VectorOperators.S2I, INTS, 0))
                .lanewise(VectorOperators.LSHL, FLOAT16_SHIFT)
                .and(FLOAT16_BITS)
                .reinterpretAsFloats()
                .mul(FLOAT16_UNIT);
        scaled2.fma(factor2, FloatVector.fromArray(FLOATS, sums, sumsAt + 2 * LANES))
                .intoArray(sums, sumsAt + 2 * LANES);
        FloatVector factor3 = ((IntVector)
                        ShortVector.fromMemorySegment(HALVES, Memory.ALL, factors + 3 * HALVES_BYTES, LITTLE)
                                .convertShape(VectorOperators.S2I, INTS, 0))
                .lanewise(VectorOperators.LSHL, FLOAT16_SHIFT)
                .and(FLOAT16_BITS)
                .reinterpretAsFloats()
                .mul(FLOAT16_UNIT);
        scaled3.fma(factor3, FloatVector.fromArray(FLOATS, sums, sumsAt + 3 * LANES))
                .intoArray(sums, sumsAt + 3 * LANES);
    }

    @Override
    void decodeBlock(long block, int column, long to) {
        float zero = Q6_KLayout.ZERO_POINT;
        for (int g = 0; g < SCALE_GROUPS; g++) {
            long group = block + SCALE_GROUP_BYTES * g;
            for (int c = 0; c < TILE_COLUMNS; c += LANES) {
                long codes = group + (long) Integer.BYTES * (column + c);
                FloatVector scale = StoredCodes.signedBytes(group + SCALES_AT + column + c)
                        .mul(float16(block + FACTORS_AT + (long) Short.BYTES * (column + c)));
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
                    long at = to + (long) TILE_STEP_BYTES * (g * Q6_KLayout.GROUP_WEIGHTS + i) + (long) Float.BYTES * c;
                    Memory.store(StoredCodes.floats(low.or(high)).sub(zero).mul(scale), at);
                }
            }
        }
    }
}
