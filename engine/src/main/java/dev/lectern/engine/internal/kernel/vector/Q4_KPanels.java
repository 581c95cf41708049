package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.Q4_KLayout;
import dev.lectern.engine.internal.quant.SixBitScales;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/// Panels of `Q4_K`. Stored bytes hold codes of two groups; here they hold those of one. A group's scales are a byte
/// each of its scale and its minimum, which were 6 bits; behind the 8 groups of a block are the float16 that these
/// are multiplied with.
final class Q4_KPanels extends NibblePanels {
    private static final int GROUPS = Q4_KLayout.BLOCK_WEIGHTS / Q4_KLayout.GROUP_WEIGHTS;
    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
    private static final int LOW_NIBBLES = 0x0F0F0F0F;

    /// Where a group's minima begin, behind its scales; and twice as far behind the block's scales, its minima.
    private static final int MINIMA = TILE_COLUMNS;

    Q4_KPanels() {
        super(0, 2 * Byte.BYTES);
    }

    @Override
    public int multiple() {
        return Q4_KLayout.BLOCK_WEIGHTS;
    }

    @Override
    long blockBytes() {
        return factors(0) + 2L * Short.BYTES * TILE_COLUMNS;
    }

    private long factors(long block) {
        return block + GROUPS * groupBytes();
    }

    @Override
    boolean packBlock(Weight weight, int output, int input, long to, int column, int exponent) {
        long stored = stored(weight, output, input);
        for (int pair = 0; pair < GROUPS / 2; pair++) {
            long plane = stored + Q4_KLayout.QUANTS_OFFSET + (long) Q4_KLayout.PLANE_BYTES * pair;
            long first = to + groupBytes() * 2 * pair + (long) Integer.BYTES * column;
            for (int i = 0; i < codeInts(); i++, first += STEP_BYTES) {
                int low = StoredCodes.int32(plane + Integer.BYTES * i);
                int high = StoredCodes.int32(plane + Integer.BYTES * (i + codeInts()));
                StoredCodes.setInt32(first, low & LOW_NIBBLES | (high & LOW_NIBBLES) << BITS);
                StoredCodes.setInt32(first + groupBytes(), low >>> BITS & LOW_NIBBLES | high & ~LOW_NIBBLES);
            }
        }
        long groups = stored + Q4_KLayout.GROUPS_OFFSET;
        for (int g = 0; g < GROUPS; g++) {
            long scales = to + groupBytes() * g + codeBytes() + column;
            StoredCodes.setInt8(scales, SixBitScales.scale(Memory.ALL, groups, g));
            StoredCodes.setInt8(scales + MINIMA, SixBitScales.minimum(Memory.ALL, groups, g));
        }
        int scale = StoredCodes.unsigned16(stored + Q4_KLayout.SCALE_OFFSET);
        int minimum = StoredCodes.unsigned16(stored + Q4_KLayout.MINIMUM_OFFSET);
        return packScale(scale, exponent, factors(to) + (long) Short.BYTES * column)
                && packScale(minimum, exponent, factors(to) + (long) Short.BYTES * (MINIMA + column));
    }

    @Override
    public int scratchFloats(int rows) {
        return rows * COLUMNS;
    }

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
        if (rows == 1) {
            addRow(block, stripBytes, scaleUnit, x, xAt, sums);
            return blockBytes();
        }
        Arrays.fill(scratch, 0, rows * COLUMNS, 0);
        addProducts(block, stripBytes, groups, Byte.BYTES, scaleUnit, x, xAt, stride, rows, scratch);
        for (int c = 0; c < COLUMNS; c += LANES) {
            long strip = block + (c < TILE_COLUMNS ? 0 : stripBytes);
            int column = c % TILE_COLUMNS;
            long factors = Memory.pointer(factors(strip) + (long) Short.BYTES * column);
            FloatVector scale = scales(factors, scaleUnit);
            FloatVector minimum =
                    scales(factors + Short.BYTES * MINIMA, scaleUnit).neg();
            for (int row = 0; row < rows; row++) {
                int to = row * COLUMNS + c;
                FloatVector sum = FloatVector.fromArray(FLOATS, sums, to);
                sum = FloatVector.fromArray(FLOATS, scratch, to).fma(scale, sum);
                minima(strip + column, x, xAt + row * stride).fma(minimum, sum).intoArray(sums, to);
            }
        }
        return blockBytes();
    }

    /// [#addRun] for a single row, in one loop: without calls and sums in memory between groups and factors,
    /// reading from memory is a sixth faster (13.1 and 15.3 GB/s on one thread). As [PanelDots], it calls the
    /// vectors' own methods only.
    private void addRow(long block, long stripBytes, float scaleUnit, float[] x, int xAt, float[] sums) {
        long groupBytes = groupBytes();
        IntVector first = IntVector.broadcast(INTS, 0xF);
        IntVector second = IntVector.broadcast(INTS, 0xF0);
        IntVector third = IntVector.broadcast(INTS, 0xF00);
        IntVector fourth = IntVector.broadcast(INTS, 0xF000);
        FloatVector unit = FloatVector.broadcast(FLOATS, scaleUnit);
        FloatVector scaled0 = FloatVector.zero(FLOATS);
        FloatVector scaled1 = FloatVector.zero(FLOATS);
        FloatVector scaled2 = FloatVector.zero(FLOATS);
        FloatVector scaled3 = FloatVector.zero(FLOATS);
        FloatVector minima0 = scaled0;
        FloatVector minima1 = scaled1;
        FloatVector minima2 = scaled2;
        FloatVector minima3 = scaled3;
        for (int g = 0; g < GROUPS; g++) {
            long left = Memory.pointer(block + groupBytes * g);
            long right = Memory.pointer(left + stripBytes);
            int k = xAt + PREPARED * g;
            FloatVector products0 = FloatVector.broadcast(FLOATS, x[k + START]);
            FloatVector products1 = products0;
            FloatVector products2 = products0;
            FloatVector products3 = products0;
            for (int half = 0; half < 2 * BITS; half++, k += 4) {
                long offset = (long) STEP_BYTES * (half >> 1) + (half & 1) * Short.BYTES;
                IntVector ints0 = IntVector.fromMemorySegment(INTS, Memory.ALL, left + offset, LITTLE);
                IntVector ints1 = IntVector.fromMemorySegment(INTS, Memory.ALL, left + offset + VECTOR_BYTES, LITTLE);
                IntVector ints2 = IntVector.fromMemorySegment(INTS, Memory.ALL, right + offset, LITTLE);
                IntVector ints3 = IntVector.fromMemorySegment(INTS, Memory.ALL, right + offset + VECTOR_BYTES, LITTLE);
                FloatVector input = FloatVector.broadcast(FLOATS, x[k]);
                products0 = ((FloatVector) ints0.and(first).convert(VectorOperators.I2F, 0)).fma(input, products0);
                products1 = ((FloatVector) ints1.and(first).convert(VectorOperators.I2F, 0)).fma(input, products1);
                products2 = ((FloatVector) ints2.and(first).convert(VectorOperators.I2F, 0)).fma(input, products2);
                products3 = ((FloatVector) ints3.and(first).convert(VectorOperators.I2F, 0)).fma(input, products3);
                input = FloatVector.broadcast(FLOATS, x[k + 1]);
                products0 = ((FloatVector) ints0.and(second).convert(VectorOperators.I2F, 0)).fma(input, products0);
                products1 = ((FloatVector) ints1.and(second).convert(VectorOperators.I2F, 0)).fma(input, products1);
                products2 = ((FloatVector) ints2.and(second).convert(VectorOperators.I2F, 0)).fma(input, products2);
                products3 = ((FloatVector) ints3.and(second).convert(VectorOperators.I2F, 0)).fma(input, products3);
                input = FloatVector.broadcast(FLOATS, x[k + 2]);
                products0 = ((FloatVector) ints0.and(third).convert(VectorOperators.I2F, 0)).fma(input, products0);
                products1 = ((FloatVector) ints1.and(third).convert(VectorOperators.I2F, 0)).fma(input, products1);
                products2 = ((FloatVector) ints2.and(third).convert(VectorOperators.I2F, 0)).fma(input, products2);
                products3 = ((FloatVector) ints3.and(third).convert(VectorOperators.I2F, 0)).fma(input, products3);
                input = FloatVector.broadcast(FLOATS, x[k + 3]);
                products0 = ((FloatVector) ints0.and(fourth).convert(VectorOperators.I2F, 0)).fma(input, products0);
                products1 = ((FloatVector) ints1.and(fourth).convert(VectorOperators.I2F, 0)).fma(input, products1);
                products2 = ((FloatVector) ints2.and(fourth).convert(VectorOperators.I2F, 0)).fma(input, products2);
                products3 = ((FloatVector) ints3.and(fourth).convert(VectorOperators.I2F, 0)).fma(input, products3);
            }
            long scales = (long) STEP_BYTES * BITS;
            FloatVector sum = FloatVector.broadcast(FLOATS, x[xAt + PREPARED * g + SUM]);
            scaled0 = ((FloatVector) ByteVector.fromMemorySegment(BYTES, Memory.ALL, left + scales, LITTLE)
                            .convertShape(VectorOperators.B2F, FLOATS, 0))
                    .fma(products0, scaled0);
            scaled1 = ((FloatVector) ByteVector.fromMemorySegment(BYTES, Memory.ALL, left + scales + LANES, LITTLE)
                            .convertShape(VectorOperators.B2F, FLOATS, 0))
                    .fma(products1, scaled1);
            scaled2 = ((FloatVector) ByteVector.fromMemorySegment(BYTES, Memory.ALL, right + scales, LITTLE)
                            .convertShape(VectorOperators.B2F, FLOATS, 0))
                    .fma(products2, scaled2);
            scaled3 = ((FloatVector) ByteVector.fromMemorySegment(BYTES, Memory.ALL, right + scales + LANES, LITTLE)
                            .convertShape(VectorOperators.B2F, FLOATS, 0))
                    .fma(products3, scaled3);
            minima0 = ((FloatVector) ByteVector.fromMemorySegment(BYTES, Memory.ALL, left + scales + MINIMA, LITTLE)
                            .convertShape(VectorOperators.B2F, FLOATS, 0))
                    .fma(sum, minima0);
            minima1 = ((FloatVector)
                            ByteVector.fromMemorySegment(BYTES, Memory.ALL, left + scales + MINIMA + LANES, LITTLE)
                                    .convertShape(VectorOperators.B2F, FLOATS, 0))
                    .fma(sum, minima1);
            minima2 = ((FloatVector) ByteVector.fromMemorySegment(BYTES, Memory.ALL, right + scales + MINIMA, LITTLE)
                            .convertShape(VectorOperators.B2F, FLOATS, 0))
                    .fma(sum, minima2);
            minima3 = ((FloatVector)
                            ByteVector.fromMemorySegment(BYTES, Memory.ALL, right + scales + MINIMA + LANES, LITTLE)
                                    .convertShape(VectorOperators.B2F, FLOATS, 0))
                    .fma(sum, minima3);
        }
        long factors = Memory.pointer(block + GROUPS * groupBytes);
        FloatVector scale0 = ((IntVector) ShortVector.fromMemorySegment(HALVES, Memory.ALL, factors, LITTLE)
                        .convertShape(VectorOperators.S2I, INTS, 0))
                .lanewise(VectorOperators.LSHL, SCALE_SHIFT)
                .and(SCALE_BITS)
                .reinterpretAsFloats()
                .mul(unit);
        FloatVector minimum0 = ((IntVector)
                        ShortVector.fromMemorySegment(HALVES, Memory.ALL, factors + Short.BYTES * MINIMA, LITTLE)
                                .convertShape(VectorOperators.S2I, INTS, 0))
                .lanewise(VectorOperators.LSHL, SCALE_SHIFT)
                .and(SCALE_BITS)
                .reinterpretAsFloats()
                .mul(unit);
        minima0.fma(minimum0.neg(), scaled0.fma(scale0, FloatVector.fromArray(FLOATS, sums, 0)))
                .intoArray(sums, 0);
        FloatVector scale1 = ((IntVector)
                        ShortVector.fromMemorySegment(HALVES, Memory.ALL, factors + HALVES_BYTES, LITTLE)
                                .convertShape(VectorOperators.S2I, INTS, 0))
                .lanewise(VectorOperators.LSHL, SCALE_SHIFT)
                .and(SCALE_BITS)
                .reinterpretAsFloats()
                .mul(unit);
        FloatVector minimum1 = ((IntVector) ShortVector.fromMemorySegment(
                                HALVES, Memory.ALL, factors + Short.BYTES * MINIMA + HALVES_BYTES, LITTLE)
                        .convertShape(VectorOperators.S2I, INTS, 0))
                .lanewise(VectorOperators.LSHL, SCALE_SHIFT)
                .and(SCALE_BITS)
                .reinterpretAsFloats()
                .mul(unit);
        minima1.fma(minimum1.neg(), scaled1.fma(scale1, FloatVector.fromArray(FLOATS, sums, LANES)))
                .intoArray(sums, LANES);
        FloatVector scale2 = ((IntVector)
                        ShortVector.fromMemorySegment(HALVES, Memory.ALL, factors + stripBytes, LITTLE)
                                .convertShape(VectorOperators.S2I, INTS, 0))
                .lanewise(VectorOperators.LSHL, SCALE_SHIFT)
                .and(SCALE_BITS)
                .reinterpretAsFloats()
                .mul(unit);
        FloatVector minimum2 = ((IntVector) ShortVector.fromMemorySegment(
                                HALVES, Memory.ALL, factors + stripBytes + Short.BYTES * MINIMA, LITTLE)
                        .convertShape(VectorOperators.S2I, INTS, 0))
                .lanewise(VectorOperators.LSHL, SCALE_SHIFT)
                .and(SCALE_BITS)
                .reinterpretAsFloats()
                .mul(unit);
        minima2.fma(minimum2.neg(), scaled2.fma(scale2, FloatVector.fromArray(FLOATS, sums, 2 * LANES)))
                .intoArray(sums, 2 * LANES);
        FloatVector scale3 = ((IntVector)
                        ShortVector.fromMemorySegment(HALVES, Memory.ALL, factors + stripBytes + HALVES_BYTES, LITTLE)
                                .convertShape(VectorOperators.S2I, INTS, 0))
                .lanewise(VectorOperators.LSHL, SCALE_SHIFT)
                .and(SCALE_BITS)
                .reinterpretAsFloats()
                .mul(unit);
        FloatVector minimum3 = ((IntVector) ShortVector.fromMemorySegment(
                                HALVES, Memory.ALL, factors + stripBytes + Short.BYTES * MINIMA + HALVES_BYTES, LITTLE)
                        .convertShape(VectorOperators.S2I, INTS, 0))
                .lanewise(VectorOperators.LSHL, SCALE_SHIFT)
                .and(SCALE_BITS)
                .reinterpretAsFloats()
                .mul(unit);
        minima3.fma(minimum3.neg(), scaled3.fma(scale3, FloatVector.fromArray(FLOATS, sums, 3 * LANES)))
                .intoArray(sums, 3 * LANES);
    }

    /// Σ over groups of minimum * Σ x.
    private FloatVector minima(long block, float[] x, int xAt) {
        FloatVector sum = FloatVector.zero(FLOATS);
        long minima = Memory.pointer(block + codeBytes() + MINIMA);
        for (int g = 0; g < GROUPS; g++) {
            FloatVector input = FloatVector.broadcast(FLOATS, x[xAt + g * PREPARED + SUM]);
            sum = StoredCodes.signedBytes(minima + groupBytes() * g).fma(input, sum);
        }
        return sum;
    }

    @Override
    void decodeBlock(long block, float unit, long to) {
        for (int g = 0; g < GROUPS; g++) {
            long group = block + groupBytes() * g;
            for (int c = 0; c < TILE_COLUMNS; c += LANES) {
                long codes = group + (long) Integer.BYTES * c;
                long scales = group + codeBytes() + c;
                long factors = factors(block) + (long) Short.BYTES * c;
                FloatVector scale = StoredCodes.signedBytes(scales).mul(scales(factors, unit));
                FloatVector minimum =
                        StoredCodes.signedBytes(scales + MINIMA).mul(scales(factors + Short.BYTES * MINIMA, unit));
                for (int i = 0; i < HALF; i++) {
                    IntVector ints = ints(codes + (long) STEP_BYTES * (i >> 2))
                            .lanewise(VectorOperators.LSHR, (i & 3) * Byte.SIZE);
                    FloatVector low = StoredCodes.floats(ints.and(0xF));
                    FloatVector high = StoredCodes.floats(
                            ints.lanewise(VectorOperators.LSHR, BITS).and(0xF));
                    long at = to + (long) TILE_STEP_BYTES * (g * GROUP + i) + (long) Float.BYTES * c;
                    Memory.store(low.mul(scale).sub(minimum), at);
                    Memory.store(high.mul(scale).sub(minimum), at + HALF * TILE_STEP_BYTES);
                }
            }
        }
    }
}
