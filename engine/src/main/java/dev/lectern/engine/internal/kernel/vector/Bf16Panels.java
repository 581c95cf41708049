package dev.lectern.engine.internal.kernel.vector;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Panels of `BF16`. A shift and a mask make the float32 of the weights of an int. There are no scales.
///
/// Against products on stored weights, which have a sum over lanes for each output, those of one row take three
/// quarters of the time where weights come from memory, and a third from the cache; with four rows two thirds and a
/// fourth (2048 and 192 inputs, Cascade Lake). Weights that are stored input by input (Hugging Face's Llama 4 experts)
/// gain most: a single row would go through the register tile.
final class Bf16Panels extends HalfPanels {
    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
    private static final int UPPER = -1 << BITS;

    Bf16Panels() {
        super(1);
    }

    @Override
    int pack(int bits, int exponent) {
        return bits;
    }

    @Override
    void decodeBlock(long block, float unit, long to) {
        for (int i = 0; i < INTS_OF_GROUP; i++) {
            for (int c = 0; c < TILE_COLUMNS; c += LANES) {
                IntVector pairs = ints(block + (long) STEP_BYTES * i + (long) Integer.BYTES * c);
                long at = to + (long) TILE_STEP_BYTES * 2 * i + (long) Float.BYTES * c;
                Memory.store(pairs.lanewise(VectorOperators.LSHL, BITS).reinterpretAsFloats(), at);
                Memory.store(pairs.and(UPPER).reinterpretAsFloats(), at + TILE_STEP_BYTES);
            }
        }
    }

    // As the loops of PanelDots, these call the vectors' own methods only: C2 inlines nothing else in methods so large.

    @Override
    void oneRow(long group, long stripBytes, int groups, float unit, float[] x, int xAt, float[] sums, int sumsAt) {
        IntVector upper = IntVector.broadcast(INTS, UPPER);
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
                        .reinterpretAsFloats()
                        .fma(input, a0);
                a1 = pairs1.lanewise(VectorOperators.LSHL, BITS)
                        .reinterpretAsFloats()
                        .fma(input, a1);
                a2 = pairs2.lanewise(VectorOperators.LSHL, BITS)
                        .reinterpretAsFloats()
                        .fma(input, a2);
                a3 = pairs3.lanewise(VectorOperators.LSHL, BITS)
                        .reinterpretAsFloats()
                        .fma(input, a3);
                input = FloatVector.broadcast(FLOATS, x[k + 1]);
                a0 = pairs0.and(upper).reinterpretAsFloats().fma(input, a0);
                a1 = pairs1.and(upper).reinterpretAsFloats().fma(input, a1);
                a2 = pairs2.and(upper).reinterpretAsFloats().fma(input, a2);
                a3 = pairs3.and(upper).reinterpretAsFloats().fma(input, a3);
            }
            a0.add(FloatVector.fromArray(FLOATS, sums, sumsAt)).intoArray(sums, sumsAt);
            a1.add(FloatVector.fromArray(FLOATS, sums, sumsAt + LANES)).intoArray(sums, sumsAt + LANES);
            a2.add(FloatVector.fromArray(FLOATS, sums, sumsAt + TILE_COLUMNS)).intoArray(sums, sumsAt + TILE_COLUMNS);
            a3.add(FloatVector.fromArray(FLOATS, sums, sumsAt + TILE_COLUMNS + LANES))
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
        IntVector upper = IntVector.broadcast(INTS, UPPER);
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
                FloatVector weights0 =
                        pairs0.lanewise(VectorOperators.LSHL, BITS).reinterpretAsFloats();
                FloatVector weights1 =
                        pairs1.lanewise(VectorOperators.LSHL, BITS).reinterpretAsFloats();
                FloatVector weights2 =
                        pairs2.lanewise(VectorOperators.LSHL, BITS).reinterpretAsFloats();
                FloatVector weights3 =
                        pairs3.lanewise(VectorOperators.LSHL, BITS).reinterpretAsFloats();
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
                weights0 = pairs0.and(upper).reinterpretAsFloats();
                weights1 = pairs1.and(upper).reinterpretAsFloats();
                weights2 = pairs2.and(upper).reinterpretAsFloats();
                weights3 = pairs3.and(upper).reinterpretAsFloats();
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
            a0.add(FloatVector.fromArray(FLOATS, sums, sumsAt)).intoArray(sums, sumsAt);
            a1.add(FloatVector.fromArray(FLOATS, sums, sumsAt + LANES)).intoArray(sums, sumsAt + LANES);
            a2.add(FloatVector.fromArray(FLOATS, sums, sumsAt + TILE_COLUMNS)).intoArray(sums, sumsAt + TILE_COLUMNS);
            a3.add(FloatVector.fromArray(FLOATS, sums, sumsAt + TILE_COLUMNS + LANES))
                    .intoArray(sums, sumsAt + TILE_COLUMNS + LANES);
            b0.add(FloatVector.fromArray(FLOATS, sums, sumsAt + COLUMNS)).intoArray(sums, sumsAt + COLUMNS);
            b1.add(FloatVector.fromArray(FLOATS, sums, sumsAt + COLUMNS + LANES))
                    .intoArray(sums, sumsAt + COLUMNS + LANES);
            b2.add(FloatVector.fromArray(FLOATS, sums, sumsAt + COLUMNS + TILE_COLUMNS))
                    .intoArray(sums, sumsAt + COLUMNS + TILE_COLUMNS);
            b3.add(FloatVector.fromArray(FLOATS, sums, sumsAt + COLUMNS + TILE_COLUMNS + LANES))
                    .intoArray(sums, sumsAt + COLUMNS + TILE_COLUMNS + LANES);
        }
    }

    @Override
    void fourRows(long group, int groups, float unit, float[] x, int xAt, int xStride, float[] sums, int sumsAt) {
        IntVector upper = IntVector.broadcast(INTS, UPPER);
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
                FloatVector weights0 =
                        pairs0.lanewise(VectorOperators.LSHL, BITS).reinterpretAsFloats();
                FloatVector weights1 =
                        pairs1.lanewise(VectorOperators.LSHL, BITS).reinterpretAsFloats();
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
                weights0 = pairs0.and(upper).reinterpretAsFloats();
                weights1 = pairs1.and(upper).reinterpretAsFloats();
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
            a0.add(FloatVector.fromArray(FLOATS, sums, sumsAt)).intoArray(sums, sumsAt);
            a1.add(FloatVector.fromArray(FLOATS, sums, sumsAt + LANES)).intoArray(sums, sumsAt + LANES);
            b0.add(FloatVector.fromArray(FLOATS, sums, sumsAt + COLUMNS)).intoArray(sums, sumsAt + COLUMNS);
            b1.add(FloatVector.fromArray(FLOATS, sums, sumsAt + COLUMNS + LANES))
                    .intoArray(sums, sumsAt + COLUMNS + LANES);
            c0.add(FloatVector.fromArray(FLOATS, sums, sumsAt + 2 * COLUMNS)).intoArray(sums, sumsAt + 2 * COLUMNS);
            c1.add(FloatVector.fromArray(FLOATS, sums, sumsAt + 2 * COLUMNS + LANES))
                    .intoArray(sums, sumsAt + 2 * COLUMNS + LANES);
            d0.add(FloatVector.fromArray(FLOATS, sums, sumsAt + 3 * COLUMNS)).intoArray(sums, sumsAt + 3 * COLUMNS);
            d1.add(FloatVector.fromArray(FLOATS, sums, sumsAt + 3 * COLUMNS + LANES))
                    .intoArray(sums, sumsAt + 3 * COLUMNS + LANES);
        }
    }
}
