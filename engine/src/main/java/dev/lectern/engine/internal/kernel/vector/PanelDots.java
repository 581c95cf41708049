package dev.lectern.engine.internal.kernel.vector;

import static dev.lectern.engine.internal.kernel.vector.VectorPanels.BYTES;
import static dev.lectern.engine.internal.kernel.vector.VectorPanels.COLUMNS;
import static dev.lectern.engine.internal.kernel.vector.VectorPanels.FLOATS;
import static dev.lectern.engine.internal.kernel.vector.VectorPanels.HALVES;
import static dev.lectern.engine.internal.kernel.vector.VectorPanels.HALVES_BYTES;
import static dev.lectern.engine.internal.kernel.vector.VectorPanels.INTS;
import static dev.lectern.engine.internal.kernel.vector.VectorPanels.LANES;
import static dev.lectern.engine.internal.kernel.vector.VectorPanels.SCALE_BITS;
import static dev.lectern.engine.internal.kernel.vector.VectorPanels.SCALE_SHIFT;
import static dev.lectern.engine.internal.kernel.vector.VectorPanels.STEP_BYTES;
import static dev.lectern.engine.internal.kernel.vector.VectorPanels.VECTOR_BYTES;

import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/// Products of prepared rows with the groups of a panel, each times its scale, added to what `sums` holds, shape
/// (rows, columns). A group is its codes and then its scales: a float16 of its value in units
/// ([VectorPanels#packScale]), a byte or a float32 a column, as the bytes of one say.
///
/// Codes are taken out four at a time, a quad: those of an int of 8-bit codes, of half an int of 4-bit ones. What
/// lies in an int above a quad's codes, another quad's or another lane's, no mask takes: so a quad is brought to the
/// low end of its lane by where it is read from, without a shift.
///
/// A panel is four vectors wide, 0 to 3, two of each strip: an input that is loaded serves all of them, and each is a
/// chain of its own, so that four multiply-adds are under way at a time, as many as a processor's take steps. With
/// two vectors a row takes a seventh longer.
///
/// The loops call the vectors' own methods and no others: in a method as long as these C2 stops at inlining what has
/// no `@ForceInline`, even a helper of one line (its `NodeCountInliningCutoff`), and a vector that goes to or comes
/// from a call is an object: a tenth of the speed.
final class PanelDots {
    /// Of a group of 32, the largest there is.
    private static final int MOST_QUADS = VectorPanels.GROUP / 4;

    /// Floats of a prepared group beside its inputs.
    private static final int EXTRAS = VectorPanels.PREPARED - VectorPanels.GROUP;

    /// What is no mask for these numbers tells C2 how large they are at most: with that it knows that addresses are
    /// inside memory. Its checks are a tenth of a row's instructions.
    private static final int LAST_QUAD = MOST_QUADS - 1;
    private static final int MOST_BITS = 15;

    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;

    private PanelDots() {}

    /// 1 row, all columns.
    static void oneRow(
            long group,
            long groupBytes,
            long stripBytes,
            int groups,
            int bits,
            int quads,
            int scaleBytes,
            float scaleUnit,
            float[] x,
            int xAt,
            float[] sums,
            int sumsAt) {
        IntVector first = mask(bits, 0);
        IntVector second = mask(bits, 1);
        IntVector third = mask(bits, 2);
        IntVector fourth = mask(bits, 3);
        FloatVector unit = FloatVector.broadcast(FLOATS, scaleUnit);
        int halved = halved(bits);
        int start = 4 * quads;
        int prepared = start + EXTRAS;
        long scales = (long) STEP_BYTES * (bits * quads / MOST_QUADS & MOST_BITS);
        FloatVector sums0 = FloatVector.fromArray(FLOATS, sums, sumsAt);
        FloatVector sums1 = FloatVector.fromArray(FLOATS, sums, sumsAt + LANES);
        FloatVector sums2 = FloatVector.fromArray(FLOATS, sums, sumsAt + 2 * LANES);
        FloatVector sums3 = FloatVector.fromArray(FLOATS, sums, sumsAt + 3 * LANES);
        for (int g = 0; g < groups; g++) {
            long left = Memory.pointer(group + groupBytes * g);
            long right = Memory.pointer(left + stripBytes);
            int k = xAt + prepared * g;
            FloatVector products0 = FloatVector.broadcast(FLOATS, x[k + start]);
            FloatVector products1 = products0;
            FloatVector products2 = products0;
            FloatVector products3 = products0;
            for (int quad = 0; quad < quads; quad++, k += 4) {
                long offset = (long) STEP_BYTES * (quad >> halved & LAST_QUAD) + (quad & halved) * Short.BYTES;
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
            FloatVector scale0;
            FloatVector scale1;
            FloatVector scale2;
            FloatVector scale3;
            if (scaleBytes == Short.BYTES) {
                scale0 = ((IntVector) ShortVector.fromMemorySegment(HALVES, Memory.ALL, left + scales, LITTLE)
                                .convertShape(VectorOperators.S2I, INTS, 0))
                        .lanewise(VectorOperators.LSHL, SCALE_SHIFT)
                        .and(SCALE_BITS)
                        .reinterpretAsFloats()
                        .mul(unit);
                scale1 = ((IntVector)
                                ShortVector.fromMemorySegment(HALVES, Memory.ALL, left + scales + HALVES_BYTES, LITTLE)
                                        .convertShape(VectorOperators.S2I, INTS, 0))
                        .lanewise(VectorOperators.LSHL, SCALE_SHIFT)
                        .and(SCALE_BITS)
                        .reinterpretAsFloats()
                        .mul(unit);
                scale2 = ((IntVector) ShortVector.fromMemorySegment(HALVES, Memory.ALL, right + scales, LITTLE)
                                .convertShape(VectorOperators.S2I, INTS, 0))
                        .lanewise(VectorOperators.LSHL, SCALE_SHIFT)
                        .and(SCALE_BITS)
                        .reinterpretAsFloats()
                        .mul(unit);
                scale3 = ((IntVector)
                                ShortVector.fromMemorySegment(HALVES, Memory.ALL, right + scales + HALVES_BYTES, LITTLE)
                                        .convertShape(VectorOperators.S2I, INTS, 0))
                        .lanewise(VectorOperators.LSHL, SCALE_SHIFT)
                        .and(SCALE_BITS)
                        .reinterpretAsFloats()
                        .mul(unit);
            } else if (scaleBytes == Byte.BYTES) {
                scale0 = (FloatVector) ByteVector.fromMemorySegment(BYTES, Memory.ALL, left + scales, LITTLE)
                        .convertShape(VectorOperators.B2F, FLOATS, 0);
                scale1 = (FloatVector) ByteVector.fromMemorySegment(BYTES, Memory.ALL, left + scales + LANES, LITTLE)
                        .convertShape(VectorOperators.B2F, FLOATS, 0);
                scale2 = (FloatVector) ByteVector.fromMemorySegment(BYTES, Memory.ALL, right + scales, LITTLE)
                        .convertShape(VectorOperators.B2F, FLOATS, 0);
                scale3 = (FloatVector) ByteVector.fromMemorySegment(BYTES, Memory.ALL, right + scales + LANES, LITTLE)
                        .convertShape(VectorOperators.B2F, FLOATS, 0);
            } else {
                scale0 = FloatVector.fromMemorySegment(FLOATS, Memory.ALL, left + scales, LITTLE);
                scale1 = FloatVector.fromMemorySegment(FLOATS, Memory.ALL, left + scales + VECTOR_BYTES, LITTLE);
                scale2 = FloatVector.fromMemorySegment(FLOATS, Memory.ALL, right + scales, LITTLE);
                scale3 = FloatVector.fromMemorySegment(FLOATS, Memory.ALL, right + scales + VECTOR_BYTES, LITTLE);
            }
            sums0 = products0.fma(scale0, sums0);
            sums1 = products1.fma(scale1, sums1);
            sums2 = products2.fma(scale2, sums2);
            sums3 = products3.fma(scale3, sums3);
        }
        sums0.intoArray(sums, sumsAt);
        sums1.intoArray(sums, sumsAt + LANES);
        sums2.intoArray(sums, sumsAt + 2 * LANES);
        sums3.intoArray(sums, sumsAt + 3 * LANES);
    }

    /// 2 rows, all columns.
    static void twoRows(
            long group,
            long groupBytes,
            long stripBytes,
            int groups,
            int bits,
            int quads,
            int scaleBytes,
            float scaleUnit,
            float[] x,
            int xAt,
            int xStride,
            float[] sums,
            int sumsAt) {
        IntVector first = mask(bits, 0);
        IntVector second = mask(bits, 1);
        IntVector third = mask(bits, 2);
        IntVector fourth = mask(bits, 3);
        FloatVector unit = FloatVector.broadcast(FLOATS, scaleUnit);
        int halved = halved(bits);
        int start = 4 * quads;
        int prepared = start + EXTRAS;
        long scales = (long) STEP_BYTES * (bits * quads / MOST_QUADS & MOST_BITS);
        for (int g = 0; g < groups; g++) {
            long left = Memory.pointer(group + groupBytes * g);
            long right = Memory.pointer(left + stripBytes);
            int k = xAt + prepared * g;
            FloatVector a0 = FloatVector.broadcast(FLOATS, x[k + start]);
            FloatVector a1 = a0;
            FloatVector a2 = a0;
            FloatVector a3 = a0;
            FloatVector b0 = FloatVector.broadcast(FLOATS, x[k + start + xStride]);
            FloatVector b1 = b0;
            FloatVector b2 = b0;
            FloatVector b3 = b0;
            for (int quad = 0; quad < quads; quad++, k += 4) {
                long offset = (long) STEP_BYTES * (quad >> halved & LAST_QUAD) + (quad & halved) * Short.BYTES;
                IntVector ints0 = IntVector.fromMemorySegment(INTS, Memory.ALL, left + offset, LITTLE);
                IntVector ints1 = IntVector.fromMemorySegment(INTS, Memory.ALL, left + offset + VECTOR_BYTES, LITTLE);
                IntVector ints2 = IntVector.fromMemorySegment(INTS, Memory.ALL, right + offset, LITTLE);
                IntVector ints3 = IntVector.fromMemorySegment(INTS, Memory.ALL, right + offset + VECTOR_BYTES, LITTLE);
                FloatVector codes0 = (FloatVector) ints0.and(first).convert(VectorOperators.I2F, 0);
                FloatVector codes1 = (FloatVector) ints1.and(first).convert(VectorOperators.I2F, 0);
                FloatVector codes2 = (FloatVector) ints2.and(first).convert(VectorOperators.I2F, 0);
                FloatVector codes3 = (FloatVector) ints3.and(first).convert(VectorOperators.I2F, 0);
                FloatVector input = FloatVector.broadcast(FLOATS, x[k]);
                a0 = codes0.fma(input, a0);
                a1 = codes1.fma(input, a1);
                a2 = codes2.fma(input, a2);
                a3 = codes3.fma(input, a3);
                input = FloatVector.broadcast(FLOATS, x[k + xStride]);
                b0 = codes0.fma(input, b0);
                b1 = codes1.fma(input, b1);
                b2 = codes2.fma(input, b2);
                b3 = codes3.fma(input, b3);
                codes0 = (FloatVector) ints0.and(second).convert(VectorOperators.I2F, 0);
                codes1 = (FloatVector) ints1.and(second).convert(VectorOperators.I2F, 0);
                codes2 = (FloatVector) ints2.and(second).convert(VectorOperators.I2F, 0);
                codes3 = (FloatVector) ints3.and(second).convert(VectorOperators.I2F, 0);
                input = FloatVector.broadcast(FLOATS, x[k + 1]);
                a0 = codes0.fma(input, a0);
                a1 = codes1.fma(input, a1);
                a2 = codes2.fma(input, a2);
                a3 = codes3.fma(input, a3);
                input = FloatVector.broadcast(FLOATS, x[k + 1 + xStride]);
                b0 = codes0.fma(input, b0);
                b1 = codes1.fma(input, b1);
                b2 = codes2.fma(input, b2);
                b3 = codes3.fma(input, b3);
                codes0 = (FloatVector) ints0.and(third).convert(VectorOperators.I2F, 0);
                codes1 = (FloatVector) ints1.and(third).convert(VectorOperators.I2F, 0);
                codes2 = (FloatVector) ints2.and(third).convert(VectorOperators.I2F, 0);
                codes3 = (FloatVector) ints3.and(third).convert(VectorOperators.I2F, 0);
                input = FloatVector.broadcast(FLOATS, x[k + 2]);
                a0 = codes0.fma(input, a0);
                a1 = codes1.fma(input, a1);
                a2 = codes2.fma(input, a2);
                a3 = codes3.fma(input, a3);
                input = FloatVector.broadcast(FLOATS, x[k + 2 + xStride]);
                b0 = codes0.fma(input, b0);
                b1 = codes1.fma(input, b1);
                b2 = codes2.fma(input, b2);
                b3 = codes3.fma(input, b3);
                codes0 = (FloatVector) ints0.and(fourth).convert(VectorOperators.I2F, 0);
                codes1 = (FloatVector) ints1.and(fourth).convert(VectorOperators.I2F, 0);
                codes2 = (FloatVector) ints2.and(fourth).convert(VectorOperators.I2F, 0);
                codes3 = (FloatVector) ints3.and(fourth).convert(VectorOperators.I2F, 0);
                input = FloatVector.broadcast(FLOATS, x[k + 3]);
                a0 = codes0.fma(input, a0);
                a1 = codes1.fma(input, a1);
                a2 = codes2.fma(input, a2);
                a3 = codes3.fma(input, a3);
                input = FloatVector.broadcast(FLOATS, x[k + 3 + xStride]);
                b0 = codes0.fma(input, b0);
                b1 = codes1.fma(input, b1);
                b2 = codes2.fma(input, b2);
                b3 = codes3.fma(input, b3);
            }
            FloatVector scale0;
            FloatVector scale1;
            FloatVector scale2;
            FloatVector scale3;
            if (scaleBytes == Short.BYTES) {
                scale0 = ((IntVector) ShortVector.fromMemorySegment(HALVES, Memory.ALL, left + scales, LITTLE)
                                .convertShape(VectorOperators.S2I, INTS, 0))
                        .lanewise(VectorOperators.LSHL, SCALE_SHIFT)
                        .and(SCALE_BITS)
                        .reinterpretAsFloats()
                        .mul(unit);
                scale1 = ((IntVector)
                                ShortVector.fromMemorySegment(HALVES, Memory.ALL, left + scales + HALVES_BYTES, LITTLE)
                                        .convertShape(VectorOperators.S2I, INTS, 0))
                        .lanewise(VectorOperators.LSHL, SCALE_SHIFT)
                        .and(SCALE_BITS)
                        .reinterpretAsFloats()
                        .mul(unit);
                scale2 = ((IntVector) ShortVector.fromMemorySegment(HALVES, Memory.ALL, right + scales, LITTLE)
                                .convertShape(VectorOperators.S2I, INTS, 0))
                        .lanewise(VectorOperators.LSHL, SCALE_SHIFT)
                        .and(SCALE_BITS)
                        .reinterpretAsFloats()
                        .mul(unit);
                scale3 = ((IntVector)
                                ShortVector.fromMemorySegment(HALVES, Memory.ALL, right + scales + HALVES_BYTES, LITTLE)
                                        .convertShape(VectorOperators.S2I, INTS, 0))
                        .lanewise(VectorOperators.LSHL, SCALE_SHIFT)
                        .and(SCALE_BITS)
                        .reinterpretAsFloats()
                        .mul(unit);
            } else if (scaleBytes == Byte.BYTES) {
                scale0 = (FloatVector) ByteVector.fromMemorySegment(BYTES, Memory.ALL, left + scales, LITTLE)
                        .convertShape(VectorOperators.B2F, FLOATS, 0);
                scale1 = (FloatVector) ByteVector.fromMemorySegment(BYTES, Memory.ALL, left + scales + LANES, LITTLE)
                        .convertShape(VectorOperators.B2F, FLOATS, 0);
                scale2 = (FloatVector) ByteVector.fromMemorySegment(BYTES, Memory.ALL, right + scales, LITTLE)
                        .convertShape(VectorOperators.B2F, FLOATS, 0);
                scale3 = (FloatVector) ByteVector.fromMemorySegment(BYTES, Memory.ALL, right + scales + LANES, LITTLE)
                        .convertShape(VectorOperators.B2F, FLOATS, 0);
            } else {
                scale0 = FloatVector.fromMemorySegment(FLOATS, Memory.ALL, left + scales, LITTLE);
                scale1 = FloatVector.fromMemorySegment(FLOATS, Memory.ALL, left + scales + VECTOR_BYTES, LITTLE);
                scale2 = FloatVector.fromMemorySegment(FLOATS, Memory.ALL, right + scales, LITTLE);
                scale3 = FloatVector.fromMemorySegment(FLOATS, Memory.ALL, right + scales + VECTOR_BYTES, LITTLE);
            }
            a0.fma(scale0, FloatVector.fromArray(FLOATS, sums, sumsAt)).intoArray(sums, sumsAt);
            a1.fma(scale1, FloatVector.fromArray(FLOATS, sums, sumsAt + LANES)).intoArray(sums, sumsAt + LANES);
            a2.fma(scale2, FloatVector.fromArray(FLOATS, sums, sumsAt + 2 * LANES))
                    .intoArray(sums, sumsAt + 2 * LANES);
            a3.fma(scale3, FloatVector.fromArray(FLOATS, sums, sumsAt + 3 * LANES))
                    .intoArray(sums, sumsAt + 3 * LANES);
            b0.fma(scale0, FloatVector.fromArray(FLOATS, sums, sumsAt + COLUMNS))
                    .intoArray(sums, sumsAt + COLUMNS);
            b1.fma(scale1, FloatVector.fromArray(FLOATS, sums, sumsAt + COLUMNS + LANES))
                    .intoArray(sums, sumsAt + COLUMNS + LANES);
            b2.fma(scale2, FloatVector.fromArray(FLOATS, sums, sumsAt + COLUMNS + 2 * LANES))
                    .intoArray(sums, sumsAt + COLUMNS + 2 * LANES);
            b3.fma(scale3, FloatVector.fromArray(FLOATS, sums, sumsAt + COLUMNS + 3 * LANES))
                    .intoArray(sums, sumsAt + COLUMNS + 3 * LANES);
        }
    }

    /// 4 rows and the columns of a strip: as many sums as 2 rows have, since C2 loads all inputs of a step first, and
    /// with twice the sums has no registers left.
    ///
    /// @param group  the strip's first
    /// @param sumsAt of the first row's first column in this strip
    static void fourRows(
            long group,
            long groupBytes,
            int groups,
            int bits,
            int quads,
            int scaleBytes,
            float scaleUnit,
            float[] x,
            int xAt,
            int xStride,
            float[] sums,
            int sumsAt) {
        IntVector first = mask(bits, 0);
        IntVector second = mask(bits, 1);
        IntVector third = mask(bits, 2);
        IntVector fourth = mask(bits, 3);
        FloatVector unit = FloatVector.broadcast(FLOATS, scaleUnit);
        int halved = halved(bits);
        int start = 4 * quads;
        int prepared = start + EXTRAS;
        long scales = (long) STEP_BYTES * (bits * quads / MOST_QUADS & MOST_BITS);
        for (int g = 0; g < groups; g++) {
            long codes = Memory.pointer(group + groupBytes * g);
            int k = xAt + prepared * g;
            FloatVector a0 = FloatVector.broadcast(FLOATS, x[k + start]);
            FloatVector a1 = a0;
            FloatVector b0 = FloatVector.broadcast(FLOATS, x[k + start + xStride]);
            FloatVector b1 = b0;
            FloatVector c0 = FloatVector.broadcast(FLOATS, x[k + start + 2 * xStride]);
            FloatVector c1 = c0;
            FloatVector d0 = FloatVector.broadcast(FLOATS, x[k + start + 3 * xStride]);
            FloatVector d1 = d0;
            for (int quad = 0; quad < quads; quad++, k += 4) {
                long offset = (long) STEP_BYTES * (quad >> halved & LAST_QUAD) + (quad & halved) * Short.BYTES;
                IntVector ints0 = IntVector.fromMemorySegment(INTS, Memory.ALL, codes + offset, LITTLE);
                IntVector ints1 = IntVector.fromMemorySegment(INTS, Memory.ALL, codes + offset + VECTOR_BYTES, LITTLE);
                FloatVector codes0 = (FloatVector) ints0.and(first).convert(VectorOperators.I2F, 0);
                FloatVector codes1 = (FloatVector) ints1.and(first).convert(VectorOperators.I2F, 0);
                FloatVector input = FloatVector.broadcast(FLOATS, x[k]);
                a0 = codes0.fma(input, a0);
                a1 = codes1.fma(input, a1);
                input = FloatVector.broadcast(FLOATS, x[k + xStride]);
                b0 = codes0.fma(input, b0);
                b1 = codes1.fma(input, b1);
                input = FloatVector.broadcast(FLOATS, x[k + 2 * xStride]);
                c0 = codes0.fma(input, c0);
                c1 = codes1.fma(input, c1);
                input = FloatVector.broadcast(FLOATS, x[k + 3 * xStride]);
                d0 = codes0.fma(input, d0);
                d1 = codes1.fma(input, d1);
                codes0 = (FloatVector) ints0.and(second).convert(VectorOperators.I2F, 0);
                codes1 = (FloatVector) ints1.and(second).convert(VectorOperators.I2F, 0);
                input = FloatVector.broadcast(FLOATS, x[k + 1]);
                a0 = codes0.fma(input, a0);
                a1 = codes1.fma(input, a1);
                input = FloatVector.broadcast(FLOATS, x[k + 1 + xStride]);
                b0 = codes0.fma(input, b0);
                b1 = codes1.fma(input, b1);
                input = FloatVector.broadcast(FLOATS, x[k + 1 + 2 * xStride]);
                c0 = codes0.fma(input, c0);
                c1 = codes1.fma(input, c1);
                input = FloatVector.broadcast(FLOATS, x[k + 1 + 3 * xStride]);
                d0 = codes0.fma(input, d0);
                d1 = codes1.fma(input, d1);
                codes0 = (FloatVector) ints0.and(third).convert(VectorOperators.I2F, 0);
                codes1 = (FloatVector) ints1.and(third).convert(VectorOperators.I2F, 0);
                input = FloatVector.broadcast(FLOATS, x[k + 2]);
                a0 = codes0.fma(input, a0);
                a1 = codes1.fma(input, a1);
                input = FloatVector.broadcast(FLOATS, x[k + 2 + xStride]);
                b0 = codes0.fma(input, b0);
                b1 = codes1.fma(input, b1);
                input = FloatVector.broadcast(FLOATS, x[k + 2 + 2 * xStride]);
                c0 = codes0.fma(input, c0);
                c1 = codes1.fma(input, c1);
                input = FloatVector.broadcast(FLOATS, x[k + 2 + 3 * xStride]);
                d0 = codes0.fma(input, d0);
                d1 = codes1.fma(input, d1);
                codes0 = (FloatVector) ints0.and(fourth).convert(VectorOperators.I2F, 0);
                codes1 = (FloatVector) ints1.and(fourth).convert(VectorOperators.I2F, 0);
                input = FloatVector.broadcast(FLOATS, x[k + 3]);
                a0 = codes0.fma(input, a0);
                a1 = codes1.fma(input, a1);
                input = FloatVector.broadcast(FLOATS, x[k + 3 + xStride]);
                b0 = codes0.fma(input, b0);
                b1 = codes1.fma(input, b1);
                input = FloatVector.broadcast(FLOATS, x[k + 3 + 2 * xStride]);
                c0 = codes0.fma(input, c0);
                c1 = codes1.fma(input, c1);
                input = FloatVector.broadcast(FLOATS, x[k + 3 + 3 * xStride]);
                d0 = codes0.fma(input, d0);
                d1 = codes1.fma(input, d1);
            }

            FloatVector scale0;
            FloatVector scale1;
            if (scaleBytes == Short.BYTES) {
                scale0 = ((IntVector) ShortVector.fromMemorySegment(HALVES, Memory.ALL, codes + scales, LITTLE)
                                .convertShape(VectorOperators.S2I, INTS, 0))
                        .lanewise(VectorOperators.LSHL, SCALE_SHIFT)
                        .and(SCALE_BITS)
                        .reinterpretAsFloats()
                        .mul(unit);
                scale1 = ((IntVector)
                                ShortVector.fromMemorySegment(HALVES, Memory.ALL, codes + scales + HALVES_BYTES, LITTLE)
                                        .convertShape(VectorOperators.S2I, INTS, 0))
                        .lanewise(VectorOperators.LSHL, SCALE_SHIFT)
                        .and(SCALE_BITS)
                        .reinterpretAsFloats()
                        .mul(unit);
            } else if (scaleBytes == Byte.BYTES) {
                scale0 = (FloatVector) ByteVector.fromMemorySegment(BYTES, Memory.ALL, codes + scales, LITTLE)
                        .convertShape(VectorOperators.B2F, FLOATS, 0);
                scale1 = (FloatVector) ByteVector.fromMemorySegment(BYTES, Memory.ALL, codes + scales + LANES, LITTLE)
                        .convertShape(VectorOperators.B2F, FLOATS, 0);
            } else {
                scale0 = FloatVector.fromMemorySegment(FLOATS, Memory.ALL, codes + scales, LITTLE);
                scale1 = FloatVector.fromMemorySegment(FLOATS, Memory.ALL, codes + scales + VECTOR_BYTES, LITTLE);
            }
            a0.fma(scale0, FloatVector.fromArray(FLOATS, sums, sumsAt)).intoArray(sums, sumsAt);
            a1.fma(scale1, FloatVector.fromArray(FLOATS, sums, sumsAt + LANES)).intoArray(sums, sumsAt + LANES);
            b0.fma(scale0, FloatVector.fromArray(FLOATS, sums, sumsAt + COLUMNS))
                    .intoArray(sums, sumsAt + COLUMNS);
            b1.fma(scale1, FloatVector.fromArray(FLOATS, sums, sumsAt + COLUMNS + LANES))
                    .intoArray(sums, sumsAt + COLUMNS + LANES);
            c0.fma(scale0, FloatVector.fromArray(FLOATS, sums, sumsAt + 2 * COLUMNS))
                    .intoArray(sums, sumsAt + 2 * COLUMNS);
            c1.fma(scale1, FloatVector.fromArray(FLOATS, sums, sumsAt + 2 * COLUMNS + LANES))
                    .intoArray(sums, sumsAt + 2 * COLUMNS + LANES);
            d0.fma(scale0, FloatVector.fromArray(FLOATS, sums, sumsAt + 3 * COLUMNS))
                    .intoArray(sums, sumsAt + 3 * COLUMNS);
            d1.fma(scale1, FloatVector.fromArray(FLOATS, sums, sumsAt + 3 * COLUMNS + LANES))
                    .intoArray(sums, sumsAt + 3 * COLUMNS + LANES);
        }
    }

    /// Bits of a quad's number that say which half of an int it is: 1 for 4-bit codes, 0 for 8-bit ones.
    private static int halved(int bits) {
        return Byte.SIZE / bits - 1;
    }

    /// Of code `place` of a quad.
    private static IntVector mask(int bits, int place) {
        return IntVector.broadcast(INTS, ((1 << bits) - 1) << bits * place);
    }
}
