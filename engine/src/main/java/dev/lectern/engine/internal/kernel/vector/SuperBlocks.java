package dev.lectern.engine.internal.kernel.vector;

import static dev.lectern.engine.internal.kernel.vector.Codes.bytes;
import static dev.lectern.engine.internal.kernel.vector.Codes.float16;
import static dev.lectern.engine.internal.kernel.vector.Codes.highNibbles;
import static dev.lectern.engine.internal.kernel.vector.Codes.int32;
import static dev.lectern.engine.internal.kernel.vector.Codes.int64;
import static dev.lectern.engine.internal.kernel.vector.Codes.lowNibbles;
import static dev.lectern.engine.internal.kernel.vector.Codes.shiftLeft;
import static dev.lectern.engine.internal.kernel.vector.Codes.shiftRight;

import dev.lectern.engine.internal.quant.IQ4_XSLayout;
import dev.lectern.engine.internal.quant.Q2_KLayout;
import dev.lectern.engine.internal.quant.Q3_KLayout;
import dev.lectern.engine.internal.quant.Q4_KLayout;
import dev.lectern.engine.internal.quant.Q5_KLayout;
import dev.lectern.engine.internal.quant.Q6_KLayout;
import dev.lectern.engine.internal.quant.TQ1_0Layout;
import dev.lectern.engine.internal.quant.TQ2_0Layout;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.VectorOperators;

/// Super-blocks of 256 weights with scales of groups. Each method unpacks the block that begins at `at`, of the type
/// that it is named after.
final class SuperBlocks {
    private static final byte TWO_BITS = 3;

    /// The second two bits of a code.
    private static final byte HIGH_BITS = 0x30;

    private static final long HIGH_BITS_OF_ALL = HIGH_BITS * Codes.ONES;

    /// Numbers 0 to 7, twice each: the scales of groups of 32 weights as those of groups of 16.
    private static final ByteVector TWICE = ByteVector.fromArray(
            ByteVector.SPECIES_128, new byte[] {0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7}, 0);

    private SuperBlocks() {}

    static void q2k(byte[] stored, int at, Unpacked to) {
        ByteVector groups = bytes(stored, at + Q2_KLayout.GROUPS_OFFSET);
        lowNibbles(groups).intoArray(to.groups, 0);
        to.scaleGroups(float16(stored, at + Q2_KLayout.SCALE_OFFSET), to.scales);
        highNibbles(groups).intoArray(to.groups, 0);
        to.scaleGroups(float16(stored, at + Q2_KLayout.MINIMUM_OFFSET), to.minima);
        planes(stored, at + Q2_KLayout.QUANTS_OFFSET, to.codes, 0, 0);
        planes(stored, at + Q2_KLayout.QUANTS_OFFSET + Q2_KLayout.PLANE_BYTES, to.codes, 128, 0);
    }

    /// Four numbers of 2 bits from each of 32 bytes.
    private static void planes(byte[] stored, int at, byte[] codes, int to, int zeroPoint) {
        byte zero = (byte) zeroPoint;
        for (int i = 0; i < 32; i += Codes.COUNT) {
            ByteVector quants = bytes(stored, at + i);
            quants.and(TWO_BITS).sub(zero).intoArray(codes, to + i);
            shiftRight(quants, 2).and(TWO_BITS).sub(zero).intoArray(codes, to + i + 32);
            shiftRight(quants, 4).and(TWO_BITS).sub(zero).intoArray(codes, to + i + 64);
            shiftRight(quants, 6).and(TWO_BITS).sub(zero).intoArray(codes, to + i + 96);
        }
    }

    static void q3k(byte[] stored, int at, Unpacked to) {
        long low = int64(stored, at + Q3_KLayout.GROUPS_OFFSET);
        int high = int32(stored, at + Q3_KLayout.GROUPS_OFFSET + Long.BYTES);
        long first = low & 0x0F0F_0F0F_0F0F_0F0FL | pair(high << 4, high << 2) & HIGH_BITS_OF_ALL;
        long second = low >>> 4 & 0x0F0F_0F0F_0F0F_0F0FL | pair(high, high >>> 2) & HIGH_BITS_OF_ALL;
        bytes(first, second).sub((byte) Q3_KLayout.GROUP_ZERO_POINT).intoArray(to.groups, 0);
        to.scaleGroups(float16(stored, at + Q3_KLayout.SCALE_OFFSET), to.scales);
        int quants = at + Q3_KLayout.QUANTS_OFFSET;
        int thirds = at + Q3_KLayout.HIGH_OFFSET;
        for (int group = 0; group < 8; group++) {
            int plane = quants + group / 4 * Q3_KLayout.PLANE_BYTES;
            int shift = group % 4 * 2;
            for (int i = 0; i < Q3_KLayout.PLANE_BYTES; i += Codes.COUNT) {
                ByteVector two = shiftRight(bytes(stored, plane + i), shift).and(TWO_BITS);
                // Bit g of a byte is the third bit of its weight in group g of 32 weights.
                ByteVector third = shiftRight(bytes(stored, thirds + i), group).and((byte) 1);
                two.or(shiftLeft(third, 2))
                        .sub((byte) Q3_KLayout.ZERO_POINT)
                        .intoArray(to.codes, group * Q3_KLayout.PLANE_BYTES + i);
            }
        }
    }

    private static long pair(int first, int second) {
        return ((long) second << Integer.SIZE | first & 0xFFFF_FFFFL);
    }

    static void q4k(byte[] stored, int at, Unpacked to) {
        sixBitScales(stored, at + Q4_KLayout.GROUPS_OFFSET, at + Q4_KLayout.SCALE_OFFSET, to);
        for (int plane = 0; plane < 4; plane++) {
            int quants = at + Q4_KLayout.QUANTS_OFFSET + plane * Q4_KLayout.PLANE_BYTES;
            int first = plane * 2 * Q4_KLayout.GROUP_WEIGHTS;
            for (int i = 0; i < Q4_KLayout.PLANE_BYTES; i += Codes.COUNT) {
                ByteVector pairs = bytes(stored, quants + i);
                lowNibbles(pairs).intoArray(to.codes, first + i);
                highNibbles(pairs).intoArray(to.codes, first + Q4_KLayout.GROUP_WEIGHTS + i);
            }
        }
    }

    static void q5k(byte[] stored, int at, Unpacked to) {
        sixBitScales(stored, at + Q5_KLayout.GROUPS_OFFSET, at + Q5_KLayout.SCALE_OFFSET, to);
        for (int plane = 0; plane < 4; plane++) {
            int quants = at + Q5_KLayout.QUANTS_OFFSET + plane * Q5_KLayout.PLANE_BYTES;
            int first = plane * 2 * Q5_KLayout.GROUP_WEIGHTS;
            for (int i = 0; i < Q5_KLayout.PLANE_BYTES; i += Codes.COUNT) {
                ByteVector pairs = bytes(stored, quants + i);
                // Bit g of a byte is the fifth bit of its weight in group g.
                ByteVector fifths = shiftRight(bytes(stored, at + Q5_KLayout.HIGH_OFFSET + i), plane * 2);
                ByteVector low = shiftLeft(fifths.and((byte) 1), 4);
                ByteVector high = shiftLeft(fifths.and((byte) 2), 3);
                lowNibbles(pairs).or(low).intoArray(to.codes, first + i);
                highNibbles(pairs).or(high).intoArray(to.codes, first + Q5_KLayout.GROUP_WEIGHTS + i);
            }
        }
    }

    /// Scales and minima of `Q4_K` and `Q5_K`: see [dev.lectern.engine.internal.quant.SixBitScales].
    ///
    /// @param scale index of the block's scale, after which its minimum comes
    private static void sixBitScales(byte[] stored, int groups, int scale, Unpacked to) {
        int first = int32(stored, groups);
        int second = int32(stored, groups + 4);
        int third = int32(stored, groups + 8);
        long scales = first & 0x3F3F_3F3FL | (third & 0x0F0F_0F0FL | first >>> 2 & 0x3030_3030L) << Integer.SIZE;
        long minima =
                second & 0x3F3F_3F3FL | (third >>> 4 & 0x0F0F_0F0FL | second >>> 2 & 0x3030_3030L) << Integer.SIZE;
        TWICE.selectFrom(bytes(scales, 0)).intoArray(to.groups, 0);
        to.scaleGroups(float16(stored, scale), to.scales);
        TWICE.selectFrom(bytes(minima, 0)).intoArray(to.groups, 0);
        to.scaleGroups(float16(stored, scale + Short.BYTES), to.minima);
    }

    static void q6k(byte[] stored, int at, Unpacked to) {
        Unpacked.scaleGroups(
                stored, at + Q6_KLayout.GROUPS_OFFSET, float16(stored, at + Q6_KLayout.SCALE_OFFSET), to.scales);
        for (int half = 0; half < 2; half++) {
            int quants = at + Q6_KLayout.QUANTS_OFFSET + half * Q6_KLayout.PLANE_BYTES;
            int tops = at + Q6_KLayout.HIGH_OFFSET + half * Q6_KLayout.HIGH_PLANE_BYTES;
            int first = half * 128;
            for (int i = 0; i < Q6_KLayout.HIGH_PLANE_BYTES; i += Codes.COUNT) {
                ByteVector top = bytes(stored, tops + i);
                ByteVector pairs = bytes(stored, quants + i);
                sixBits(lowNibbles(pairs), shiftLeft(top, 4)).intoArray(to.codes, first + i);
                sixBits(highNibbles(pairs), top).intoArray(to.codes, first + i + 64);
                ByteVector others = bytes(stored, quants + Q6_KLayout.HIGH_PLANE_BYTES + i);
                sixBits(lowNibbles(others), shiftLeft(top, 2)).intoArray(to.codes, first + i + 32);
                sixBits(highNibbles(others), shiftRight(top, 2)).intoArray(to.codes, first + i + 96);
            }
        }
    }

    private static ByteVector sixBits(ByteVector low, ByteVector high) {
        return low.or(high.and(HIGH_BITS)).sub((byte) Q6_KLayout.ZERO_POINT);
    }

    static void iq4xs(byte[] stored, int at, Unpacked to) {
        float scale = float16(stored, at + IQ4_XSLayout.SCALE_OFFSET);
        int low = int32(stored, at + IQ4_XSLayout.GROUPS_LOW_OFFSET);
        int high = Codes.unsigned16(stored, at + IQ4_XSLayout.GROUPS_HIGH_OFFSET);
        for (int group = 0; group < 8; group++) {
            int groupScale = low >>> 4 * group & 0xF | (high >>> 2 * group & 3) << 4;
            to.scale32(group * IQ4_XSLayout.GROUP_WEIGHTS, scale * (groupScale - IQ4_XSLayout.GROUP_ZERO_POINT));
            ByteVector pairs = bytes(stored, at + IQ4_XSLayout.QUANTS_OFFSET + group * IQ4_XSLayout.PLANE_BYTES);
            Blocks.level(lowNibbles(pairs)).intoArray(to.codes, group * IQ4_XSLayout.GROUP_WEIGHTS);
            Blocks.level(highNibbles(pairs))
                    .intoArray(to.codes, group * IQ4_XSLayout.GROUP_WEIGHTS + IQ4_XSLayout.PLANE_BYTES);
        }
    }

    static void tq2x0(byte[] stored, int at, Unpacked to) {
        Arrays.fill(to.scales, float16(stored, at + TQ2_0Layout.SCALE_OFFSET));
        planes(stored, at + TQ2_0Layout.QUANTS_OFFSET, to.codes, 0, TQ2_0Layout.ZERO_POINT);
        planes(stored, at + TQ2_0Layout.QUANTS_OFFSET + TQ2_0Layout.PLANE_BYTES, to.codes, 128, TQ2_0Layout.ZERO_POINT);
    }

    static void tq1x0(byte[] stored, int at, Unpacked to) {
        Arrays.fill(to.scales, float16(stored, at + TQ1_0Layout.SCALE_OFFSET));
        int quants = at + TQ1_0Layout.QUANTS_OFFSET;
        digits(stored, quants, 32, to.codes, 0);
        digits(stored, quants + Codes.COUNT, 32, to.codes, Codes.COUNT);
        digits(stored, quants + 32, 16, to.codes, 160);
        // The last four bytes hold four digits each.
        int first = int32(stored, quants + 48);
        int second = triple(first);
        int third = triple(second);
        topDigits(bytes(pair(first, second), pair(third, triple(third)))).intoArray(to.codes, 240);
    }

    /// Five digits from each of 16 bytes.
    private static void digits(byte[] stored, int at, int stride, byte[] codes, int to) {
        ByteVector rest = bytes(stored, at);
        for (int digit = 0; digit < 5; digit++) {
            topDigits(rest).intoArray(codes, to + digit * stride);
            rest = rest.add(rest).add(rest);
        }
    }

    /// What overflows of three times each byte, less one.
    private static ByteVector topDigits(ByteVector rest) {
        return ByteVector.broadcast(ByteVector.SPECIES_128, -1)
                .add((byte) 1, rest.compare(VectorOperators.UGE, (byte) 86))
                .add((byte) 1, rest.compare(VectorOperators.UGE, (byte) 171));
    }

    /// Three times each byte, without what overflows.
    private static int triple(int bytes) {
        int even = (bytes & 0x00FF_00FF) * 3 & 0x00FF_00FF;
        int odd = (bytes >>> Byte.SIZE & 0x00FF_00FF) * 3 & 0x00FF_00FF;
        return odd << Byte.SIZE | even;
    }
}
