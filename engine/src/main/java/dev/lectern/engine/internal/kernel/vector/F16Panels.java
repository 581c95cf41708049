package dev.lectern.engine.internal.kernel.vector;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Panels of `F16`. Two shifts and a mask bring a weight's exponent and significand to where a float32 has them, which
/// is 2^-112 times its value, and what the products' sums are multiplied with in the end.
///
/// As scales are ([VectorPanels#packScale]), weights are raised by a power of 2 where they can be: those below 2^-14
/// would be subnormal, which takes an Intel core some 150 cycles a vector. Inputs are raised by [#INPUT_FACTOR], so
/// that neither products nor their sums become subnormal where FP32's own would not; one above 2^67 becomes infinite.
final class F16Panels extends HalfPanels {
    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
    /// From a float16's significand to a float32's, of 16 bits that lie at the top.
    private static final int SHIFT = BITS - SCALE_SHIFT;

    private static final float INPUT_FACTOR = 0x1p60f;

    F16Panels() {
        super(INPUT_FACTOR);
    }

    @Override
    int pack(int bits, int exponent) {
        int raised = raise(bits, exponent);
        return Float.isFinite(Float.float16ToFloat((short) raised)) ? raised : NOT_HELD;
    }

    @Override
    void decodeBlock(long block, float unit, long to) {
        for (int i = 0; i < INTS_OF_GROUP; i++) {
            for (int c = 0; c < TILE_COLUMNS; c += LANES) {
                IntVector pairs = ints(block + (long) STEP_BYTES * i + (long) Integer.BYTES * c);
                long at = to + (long) TILE_STEP_BYTES * 2 * i + (long) Float.BYTES * c;
                IntVector earlier = pairs.lanewise(VectorOperators.LSHL, BITS).lanewise(VectorOperators.ASHR, SHIFT);
                IntVector later = pairs.lanewise(VectorOperators.ASHR, SHIFT);
                Memory.store(earlier.and(SCALE_BITS).reinterpretAsFloats().mul(unit), at);
                Memory.store(later.and(SCALE_BITS).reinterpretAsFloats().mul(unit), at + TILE_STEP_BYTES);
            }
        }
    }

    // As the loops of PanelDots, these call the vectors' own methods only: C2 inlines nothing else in methods so large.

    @Override
    void oneRow(long group, long stripBytes, int groups, float unit, float[] x, int xAt, float[] sums, int sumsAt) {
        IntVector kept = IntVector.broadcast(INTS, SCALE_BITS);
        FloatVector factor = FloatVector.broadcast(FLOATS, unit / INPUT_FACTOR);
        for (int g = 0; g < groups; g++) {
            long left = Memory.pointer(group + (long) STEP_BYTES * INTS_OF_GROUP * g);
            long right = Memory.pointer(left + stripBytes);
            int k = xAt + PREPARED * g;
            FloatVector a0 = FloatVector.zero(FLOATS);
            FloatVector a1 = a0;
            FloatVector a2 = a0;
            FloatVector a3 = a0;
            for (int i = 0; i < INTS_OF_GROUP; i++, k += 2) {
                long offset = (long) STEP_BYTES * i;
                IntVector pairs0 = IntVector.fromMemorySegment(INTS, Memory.ALL, left + offset, LITTLE);
                IntVector pairs1 = IntVector.fromMemorySegment(INTS, Memory.ALL, left + offset + VECTOR_BYTES, LITTLE);
                IntVector pairs2 = IntVector.fromMemorySegment(INTS, Memory.ALL, right + offset, LITTLE);
                IntVector pairs3 = IntVector.fromMemorySegment(INTS, Memory.ALL, right + offset + VECTOR_BYTES, LITTLE);
                FloatVector input = FloatVector.broadcast(FLOATS, x[k]);
                a0 = pairs0.lanewise(VectorOperators.LSHL, BITS)
                        .lanewise(VectorOperators.ASHR, SHIFT)
                        .and(kept)
                        .reinterpretAsFloats()
                        .fma(input, a0);
                a1 = pairs1.lanewise(VectorOperators.LSHL, BITS)
                        .lanewise(VectorOperators.ASHR, SHIFT)
                        .and(kept)
                        .reinterpretAsFloats()
                        .fma(input, a1);
                a2 = pairs2.lanewise(VectorOperators.LSHL, BITS)
                        .lanewise(VectorOperators.ASHR, SHIFT)
                        .and(kept)
                        .reinterpretAsFloats()
                        .fma(input, a2);
                a3 = pairs3.lanewise(VectorOperators.LSHL, BITS)
                        .lanewise(VectorOperators.ASHR, SHIFT)
                        .and(kept)
                        .reinterpretAsFloats()
                        .fma(input, a3);
                input = FloatVector.broadcast(FLOATS, x[k + 1]);
                a0 = pairs0.lanewise(VectorOperators.ASHR, SHIFT)
                        .and(kept)
                        .reinterpretAsFloats()
                        .fma(input, a0);
                a1 = pairs1.lanewise(VectorOperators.ASHR, SHIFT)
                        .and(kept)
                        .reinterpretAsFloats()
                        .fma(input, a1);
                a2 = pairs2.lanewise(VectorOperators.ASHR, SHIFT)
                        .and(kept)
                        .reinterpretAsFloats()
                        .fma(input, a2);
                a3 = pairs3.lanewise(VectorOperators.ASHR, SHIFT)
                        .and(kept)
                        .reinterpretAsFloats()
                        .fma(input, a3);
            }
            a0.fma(factor, FloatVector.fromArray(FLOATS, sums, sumsAt)).intoArray(sums, sumsAt);
            a1.fma(factor, FloatVector.fromArray(FLOATS, sums, sumsAt + LANES)).intoArray(sums, sumsAt + LANES);
            a2.fma(factor, FloatVector.fromArray(FLOATS, sums, sumsAt + TILE_COLUMNS))
                    .intoArray(sums, sumsAt + TILE_COLUMNS);
            a3.fma(factor, FloatVector.fromArray(FLOATS, sums, sumsAt + TILE_COLUMNS + LANES))
                    .intoArray(sums, sumsAt + TILE_COLUMNS + LANES);
        }
    }

    @Override
    void twoRows(
            long group,
            long stripBytes,
            int groups,
            float unit,
            float[] x,
            int xAt,
            int xStride,
            float[] sums,
            int sumsAt) {
        IntVector kept = IntVector.broadcast(INTS, SCALE_BITS);
        FloatVector factor = FloatVector.broadcast(FLOATS, unit / INPUT_FACTOR);
        for (int g = 0; g < groups; g++) {
            long left = Memory.pointer(group + (long) STEP_BYTES * INTS_OF_GROUP * g);
            long right = Memory.pointer(left + stripBytes);
            int k = xAt + PREPARED * g;
            FloatVector a0 = FloatVector.zero(FLOATS);
            FloatVector a1 = a0;
            FloatVector a2 = a0;
            FloatVector a3 = a0;
            FloatVector b0 = a0;
            FloatVector b1 = a0;
            FloatVector b2 = a0;
            FloatVector b3 = a0;
            for (int i = 0; i < INTS_OF_GROUP; i++, k += 2) {
                long offset = (long) STEP_BYTES * i;
                IntVector pairs0 = IntVector.fromMemorySegment(INTS, Memory.ALL, left + offset, LITTLE);
                IntVector pairs1 = IntVector.fromMemorySegment(INTS, Memory.ALL, left + offset + VECTOR_BYTES, LITTLE);
                IntVector pairs2 = IntVector.fromMemorySegment(INTS, Memory.ALL, right + offset, LITTLE);
                IntVector pairs3 = IntVector.fromMemorySegment(INTS, Memory.ALL, right + offset + VECTOR_BYTES, LITTLE);
                FloatVector weights0 = pairs0.lanewise(VectorOperators.LSHL, BITS)
                        .lanewise(VectorOperators.ASHR, SHIFT)
                        .and(kept)
                        .reinterpretAsFloats();
                FloatVector weights1 = pairs1.lanewise(VectorOperators.LSHL, BITS)
                        .lanewise(VectorOperators.ASHR, SHIFT)
                        .and(kept)
                        .reinterpretAsFloats();
                FloatVector weights2 = pairs2.lanewise(VectorOperators.LSHL, BITS)
                        .lanewise(VectorOperators.ASHR, SHIFT)
                        .and(kept)
                        .reinterpretAsFloats();
                FloatVector weights3 = pairs3.lanewise(VectorOperators.LSHL, BITS)
                        .lanewise(VectorOperators.ASHR, SHIFT)
                        .and(kept)
                        .reinterpretAsFloats();
                FloatVector input = FloatVector.broadcast(FLOATS, x[k]);
                a0 = weights0.fma(input, a0);
                a1 = weights1.fma(input, a1);
                a2 = weights2.fma(input, a2);
                a3 = weights3.fma(input, a3);
                input = FloatVector.broadcast(FLOATS, x[k + xStride]);
                b0 = weights0.fma(input, b0);
                b1 = weights1.fma(input, b1);
                b2 = weights2.fma(input, b2);
                b3 = weights3.fma(input, b3);
                weights0 =
                        pairs0.lanewise(VectorOperators.ASHR, SHIFT).and(kept).reinterpretAsFloats();
                weights1 =
                        pairs1.lanewise(VectorOperators.ASHR, SHIFT).and(kept).reinterpretAsFloats();
                weights2 =
                        pairs2.lanewise(VectorOperators.ASHR, SHIFT).and(kept).reinterpretAsFloats();
                weights3 =
                        pairs3.lanewise(VectorOperators.ASHR, SHIFT).and(kept).reinterpretAsFloats();
                input = FloatVector.broadcast(FLOATS, x[k + 1]);
                a0 = weights0.fma(input, a0);
                a1 = weights1.fma(input, a1);
                a2 = weights2.fma(input, a2);
                a3 = weights3.fma(input, a3);
                input = FloatVector.broadcast(FLOATS, x[k + 1 + xStride]);
                b0 = weights0.fma(input, b0);
                b1 = weights1.fma(input, b1);
                b2 = weights2.fma(input, b2);
                b3 = weights3.fma(input, b3);
            }
            a0.fma(factor, FloatVector.fromArray(FLOATS, sums, sumsAt)).intoArray(sums, sumsAt);
            a1.fma(factor, FloatVector.fromArray(FLOATS, sums, sumsAt + LANES)).intoArray(sums, sumsAt + LANES);
            a2.fma(factor, FloatVector.fromArray(FLOATS, sums, sumsAt + TILE_COLUMNS))
                    .intoArray(sums, sumsAt + TILE_COLUMNS);
            a3.fma(factor, FloatVector.fromArray(FLOATS, sums, sumsAt + TILE_COLUMNS + LANES))
                    .intoArray(sums, sumsAt + TILE_COLUMNS + LANES);
            b0.fma(factor, FloatVector.fromArray(FLOATS, sums, sumsAt + COLUMNS))
                    .intoArray(sums, sumsAt + COLUMNS);
            b1.fma(factor, FloatVector.fromArray(FLOATS, sums, sumsAt + COLUMNS + LANES))
                    .intoArray(sums, sumsAt + COLUMNS + LANES);
            b2.fma(factor, FloatVector.fromArray(FLOATS, sums, sumsAt + COLUMNS + TILE_COLUMNS))
                    .intoArray(sums, sumsAt + COLUMNS + TILE_COLUMNS);
            b3.fma(factor, FloatVector.fromArray(FLOATS, sums, sumsAt + COLUMNS + TILE_COLUMNS + LANES))
                    .intoArray(sums, sumsAt + COLUMNS + TILE_COLUMNS + LANES);
        }
    }

    @Override
    void fourRows(long group, int groups, float unit, float[] x, int xAt, int xStride, float[] sums, int sumsAt) {
        IntVector kept = IntVector.broadcast(INTS, SCALE_BITS);
        FloatVector factor = FloatVector.broadcast(FLOATS, unit / INPUT_FACTOR);
        for (int g = 0; g < groups; g++) {
            long pairs = Memory.pointer(group + (long) STEP_BYTES * INTS_OF_GROUP * g);
            int k = xAt + PREPARED * g;
            FloatVector a0 = FloatVector.zero(FLOATS);
            FloatVector a1 = a0;
            FloatVector b0 = a0;
            FloatVector b1 = a0;
            FloatVector c0 = a0;
            FloatVector c1 = a0;
            FloatVector d0 = a0;
            FloatVector d1 = a0;
            for (int i = 0; i < INTS_OF_GROUP; i++, k += 2) {
                long at = pairs + (long) STEP_BYTES * i;
                IntVector pairs0 = IntVector.fromMemorySegment(INTS, Memory.ALL, at, LITTLE);
                IntVector pairs1 = IntVector.fromMemorySegment(INTS, Memory.ALL, at + VECTOR_BYTES, LITTLE);
                FloatVector weights0 = pairs0.lanewise(VectorOperators.LSHL, BITS)
                        .lanewise(VectorOperators.ASHR, SHIFT)
                        .and(kept)
                        .reinterpretAsFloats();
                FloatVector weights1 = pairs1.lanewise(VectorOperators.LSHL, BITS)
                        .lanewise(VectorOperators.ASHR, SHIFT)
                        .and(kept)
                        .reinterpretAsFloats();
                FloatVector input = FloatVector.broadcast(FLOATS, x[k]);
                a0 = weights0.fma(input, a0);
                a1 = weights1.fma(input, a1);
                input = FloatVector.broadcast(FLOATS, x[k + xStride]);
                b0 = weights0.fma(input, b0);
                b1 = weights1.fma(input, b1);
                input = FloatVector.broadcast(FLOATS, x[k + 2 * xStride]);
                c0 = weights0.fma(input, c0);
                c1 = weights1.fma(input, c1);
                input = FloatVector.broadcast(FLOATS, x[k + 3 * xStride]);
                d0 = weights0.fma(input, d0);
                d1 = weights1.fma(input, d1);
                weights0 =
                        pairs0.lanewise(VectorOperators.ASHR, SHIFT).and(kept).reinterpretAsFloats();
                weights1 =
                        pairs1.lanewise(VectorOperators.ASHR, SHIFT).and(kept).reinterpretAsFloats();
                input = FloatVector.broadcast(FLOATS, x[k + 1]);
                a0 = weights0.fma(input, a0);
                a1 = weights1.fma(input, a1);
                input = FloatVector.broadcast(FLOATS, x[k + 1 + xStride]);
                b0 = weights0.fma(input, b0);
                b1 = weights1.fma(input, b1);
                input = FloatVector.broadcast(FLOATS, x[k + 1 + 2 * xStride]);
                c0 = weights0.fma(input, c0);
                c1 = weights1.fma(input, c1);
                input = FloatVector.broadcast(FLOATS, x[k + 1 + 3 * xStride]);
                d0 = weights0.fma(input, d0);
                d1 = weights1.fma(input, d1);
            }
            a0.fma(factor, FloatVector.fromArray(FLOATS, sums, sumsAt)).intoArray(sums, sumsAt);
            a1.fma(factor, FloatVector.fromArray(FLOATS, sums, sumsAt + LANES)).intoArray(sums, sumsAt + LANES);
            b0.fma(factor, FloatVector.fromArray(FLOATS, sums, sumsAt + COLUMNS))
                    .intoArray(sums, sumsAt + COLUMNS);
            b1.fma(factor, FloatVector.fromArray(FLOATS, sums, sumsAt + COLUMNS + LANES))
                    .intoArray(sums, sumsAt + COLUMNS + LANES);
            c0.fma(factor, FloatVector.fromArray(FLOATS, sums, sumsAt + 2 * COLUMNS))
                    .intoArray(sums, sumsAt + 2 * COLUMNS);
            c1.fma(factor, FloatVector.fromArray(FLOATS, sums, sumsAt + 2 * COLUMNS + LANES))
                    .intoArray(sums, sumsAt + 2 * COLUMNS + LANES);
            d0.fma(factor, FloatVector.fromArray(FLOATS, sums, sumsAt + 3 * COLUMNS))
                    .intoArray(sums, sumsAt + 3 * COLUMNS);
            d1.fma(factor, FloatVector.fromArray(FLOATS, sums, sumsAt + 3 * COLUMNS + LANES))
                    .intoArray(sums, sumsAt + 3 * COLUMNS + LANES);
        }
    }
}
