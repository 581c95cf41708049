package dev.lectern.engine.internal.kernel.vector;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Floats to the bytes that integer matrix products work on.
///
/// A float of a group is `scale * (code - offset)`, where code is a whole number of one or two unsigned bytes. With
/// two, each byte is a row of its own, the high one first: the product with a matrix is that of both rows, the high
/// one's taken 256 times.
public final class IntegerPlanes {
    /// Weights that share a scale.
    public static final int WEIGHT_GROUP = 32;

    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final int LANES = FLOATS.length();
    private static final VectorSpecies<Integer> INTS = FLOATS.vectorShape().withLanes(int.class);
    private static final VectorSpecies<Byte> BYTES = LANES == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    /// Added to a float of at most 22 bits, it leaves the nearest whole number in the low bits.
    private static final float ROUNDING = 0x1.8p23f;

    private static final int ROUNDING_BITS = Float.floatToRawIntBits(ROUNDING);

    /// Below it a group counts as zeros: the reciprocal of its scale would overflow.
    private static final float SMALLEST = 0x1p-100f;

    private static final int BITS = 8;

    private IntegerPlanes() {}

    /// What stands for zero: codes lie symmetrically around it.
    ///
    /// @param planes bytes a code, 1 or 2
    public static int offset(int planes) {
        return 1 << (BITS * planes - 1);
    }

    /// Splits one row of `inputs` floats.
    ///
    /// @param group   floats that share a scale, a multiple of 32 that divides `inputs`
    /// @param planes  bytes a code, 1 or 2
    /// @param codes   `planes` rows of `inputs` bytes, from `codesAt` on
    /// @param scales  `planes` rows of a float32 a group: what a byte counts, from `scalesAt` on
    /// @param terms   a float32 a group: `-offset * scale`; then one for 32 floats: minus their sum; from
    ///                `termsAt` on
    public static void splitRow(
            MemorySegment in,
            long offset,
            int inputs,
            int group,
            int planes,
            MemorySegment codes,
            long codesAt,
            MemorySegment scales,
            long scalesAt,
            MemorySegment terms,
            long termsAt) {
        int groups = inputs / group;
        int zero = offset(planes);
        for (int g = 0; g < groups; g++) {
            long from = offset + 4L * g * group;
            float largest = largest(in, from, group);
            boolean empty = largest < SMALLEST;
            float scale = empty ? 0 : largest / (zero - 1);
            float inverse = empty ? 0 : (zero - 1) / largest;
            long to = codesAt + (long) g * group;
            if (LANES == 4) {
                encodeScalar(in, from, group, inverse, zero, planes, codes, to, inputs);
            } else if (planes == 1) {
                encodeByte(in, from, group, inverse, codes, to);
            } else {
                encodeTwoBytes(in, from, group, inverse, codes, to, to + inputs);
            }
            if (planes == 1) {
                scales.set(JAVA_FLOAT_UNALIGNED, scalesAt + 4L * g, scale);
            } else {
                scales.set(JAVA_FLOAT_UNALIGNED, scalesAt + 4L * g, scale * (1 << BITS));
                scales.set(JAVA_FLOAT_UNALIGNED, scalesAt + 4L * (groups + g), scale);
            }
            terms.set(JAVA_FLOAT_UNALIGNED, termsAt + 4L * g, -zero * scale);
        }
        long sumsAt = termsAt + 4L * groups;
        for (int i = 0; i < inputs; i += WEIGHT_GROUP) {
            terms.set(JAVA_FLOAT_UNALIGNED, sumsAt + 4L * (i / WEIGHT_GROUP), -sum(in, offset + 4L * i));
        }
    }

    private static float largest(MemorySegment in, long from, int count) {
        FloatVector largest = FloatVector.zero(FLOATS);
        for (int i = 0; i < count; i += LANES) {
            largest = largest.max(FloatVector.fromMemorySegment(FLOATS, in, from + 4L * i, ORDER)
                    .abs());
        }
        return largest.reduceLanes(VectorOperators.MAX);
    }

    private static float sum(MemorySegment in, long from) {
        FloatVector sum = FloatVector.fromMemorySegment(FLOATS, in, from, ORDER);
        for (int i = LANES; i < WEIGHT_GROUP; i += LANES) {
            sum = sum.add(FloatVector.fromMemorySegment(FLOATS, in, from + 4L * i, ORDER));
        }
        return Lanes.sum(sum);
    }

    private static void encodeTwoBytes(
            MemorySegment in, long from, int count, float inverse, MemorySegment codes, long high, long low) {
        FloatVector factor = FloatVector.broadcast(FLOATS, inverse);
        FloatVector rounding = FloatVector.broadcast(FLOATS, ROUNDING);
        int base = ROUNDING_BITS - offset(2);
        for (int i = 0; i < count; i += LANES) {
            IntVector code = FloatVector.fromMemorySegment(FLOATS, in, from + 4L * i, ORDER)
                    .fma(factor, rounding)
                    .reinterpretAsInts()
                    .sub(base);
            ((ByteVector) code.lanewise(VectorOperators.LSHR, BITS).convertShape(VectorOperators.I2B, BYTES, 0))
                    .intoMemorySegment(codes, high + i, ORDER);
            ((ByteVector) code.convertShape(VectorOperators.I2B, BYTES, 0)).intoMemorySegment(codes, low + i, ORDER);
        }
    }

    private static void encodeByte(
            MemorySegment in, long from, int count, float inverse, MemorySegment codes, long to) {
        FloatVector factor = FloatVector.broadcast(FLOATS, inverse);
        FloatVector rounding = FloatVector.broadcast(FLOATS, ROUNDING);
        int base = ROUNDING_BITS - offset(1);
        for (int i = 0; i < count; i += LANES) {
            IntVector code = FloatVector.fromMemorySegment(FLOATS, in, from + 4L * i, ORDER)
                    .fma(factor, rounding)
                    .reinterpretAsInts()
                    .sub(base);
            ((ByteVector) code.convertShape(VectorOperators.I2B, BYTES, 0)).intoMemorySegment(codes, to + i, ORDER);
        }
    }

    private static void encodeScalar(
            MemorySegment in,
            long from,
            int count,
            float inverse,
            int zero,
            int planes,
            MemorySegment codes,
            long to,
            int planeBytes) {
        for (int i = 0; i < count; i++) {
            int code = nearest(in.get(JAVA_FLOAT_UNALIGNED, from + 4L * i), inverse) + zero;
            if (planes == 2) {
                codes.set(JAVA_BYTE, to + planeBytes + i, (byte) code);
                code >>>= BITS;
            }
            codes.set(JAVA_BYTE, to + i, (byte) code);
        }
    }

    private static int nearest(float value, float inverse) {
        return Float.floatToRawIntBits(Math.fma(value, inverse, ROUNDING)) - ROUNDING_BITS;
    }

    /// Decoded weights of a row back to their whole numbers: `weight = scale * quant - minimum`.
    ///
    /// @param weights  from `at` on
    /// @param count    weights, a multiple of `group`
    /// @param group    floats of the other matrix that share a scale, a multiple of 32
    /// @param scales   of weight group g at `scalesAt + g * stride`
    /// @param minima   likewise
    /// @param quants   signed bytes, from `quantsAt` on
    /// @param sums     `sum(weight + minimum)` of group i to `scalesAt + i * stride`
    public static void recoverRow(
            float[] weights,
            int at,
            int count,
            int group,
            float[] scales,
            float[] minima,
            int scalesAt,
            int stride,
            MemorySegment quants,
            long quantsAt,
            float[] sums) {
        FloatVector rounding = FloatVector.broadcast(FLOATS, ROUNDING);
        for (int first = 0; first < count; first += group) {
            FloatVector sum = FloatVector.zero(FLOATS);
            for (int i = first; i < first + group; i += WEIGHT_GROUP) {
                int scaleAt = scalesAt + i / WEIGHT_GROUP * stride;
                float inverse = inverse(scales[scaleAt]);
                float minimum = minima[scaleAt];
                for (int j = i; j < i + WEIGHT_GROUP; j += LANES) {
                    FloatVector weight =
                            FloatVector.fromArray(FLOATS, weights, at + j).add(minimum);
                    sum = sum.add(weight);
                    IntVector quant = weight.fma(FloatVector.broadcast(FLOATS, inverse), rounding)
                            .reinterpretAsInts();
                    if (LANES == 4) {
                        for (int lane = 0; lane < LANES; lane++) {
                            quants.set(JAVA_BYTE, quantsAt + j + lane, (byte) quant.lane(lane));
                        }
                    } else {
                        // The bits of what was added for rounding are not among the lowest
                        // eight.
                        ((ByteVector) quant.convertShape(VectorOperators.I2B, BYTES, 0))
                                .intoMemorySegment(quants, quantsAt + j, ORDER);
                    }
                }
            }
            sums[scalesAt + first / group * stride] = Lanes.sum(sum);
        }
    }

    /// Zero where there is none.
    private static float inverse(float scale) {
        float inverse = 1 / scale;
        return Float.isInfinite(inverse) ? 0 : inverse;
    }

    /// Adds up the planes' products and that of the terms: `out[i] = high[i] + low[i] + terms[i]`.
    ///
    /// @param planes   products of one row, `planes` rows of `stride` floats from `planesAt` on
    /// @param count    floats to write
    public static void joinRow(
            MemorySegment products,
            long productsAt,
            int planes,
            int stride,
            MemorySegment terms,
            long termsAt,
            MemorySegment out,
            long outAt,
            int count) {
        int whole = FLOATS.loopBound(count);
        long lowAt = productsAt + 4L * stride;
        for (int i = 0; i < whole; i += LANES) {
            FloatVector sum = FloatVector.fromMemorySegment(FLOATS, terms, termsAt + 4L * i, ORDER)
                    .add(FloatVector.fromMemorySegment(FLOATS, products, productsAt + 4L * i, ORDER));
            if (planes == 2) {
                sum = sum.add(FloatVector.fromMemorySegment(FLOATS, products, lowAt + 4L * i, ORDER));
            }
            sum.intoMemorySegment(out, outAt + 4L * i, ORDER);
        }
        for (int i = whole; i < count; i++) {
            float sum = terms.get(JAVA_FLOAT_UNALIGNED, termsAt + 4L * i)
                    + products.get(JAVA_FLOAT_UNALIGNED, productsAt + 4L * i);
            if (planes == 2) {
                sum += products.get(JAVA_FLOAT_UNALIGNED, lowAt + 4L * i);
            }
            out.set(JAVA_FLOAT_UNALIGNED, outAt + 4L * i, sum);
        }
    }
}
