package dev.lectern.engine.internal.kernel.vector;

import static dev.lectern.engine.internal.kernel.vector.Codes.LANES;
import static dev.lectern.engine.internal.kernel.vector.Codes.bytes;
import static dev.lectern.engine.internal.kernel.vector.Codes.float16;
import static dev.lectern.engine.internal.kernel.vector.Codes.floats;

import dev.lectern.engine.internal.quant.Q4_KLayout;
import dev.lectern.engine.internal.quant.Q5_KLayout;
import dev.lectern.engine.internal.quant.Q6_KLayout;
import dev.lectern.engine.internal.quant.SixBitScales;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Super-blocks of 256 weights with scales of groups. Each method is a [BlockKernel] of the type that it is named
/// after.
final class SuperBlocks {
    private SuperBlocks() {}

    static void q4k(MemorySegment data, long block, float[] weights, int at) {
        float scale = float16(data, block + Q4_KLayout.SCALE_OFFSET);
        float minimum = float16(data, block + Q4_KLayout.MINIMUM_OFFSET);
        long groups = block + Q4_KLayout.GROUPS_OFFSET;
        // A plane of 32 bytes is two groups of 32 weights.
        for (int group = 0; group < Q4_KLayout.BLOCK_WEIGHTS / Q4_KLayout.GROUP_WEIGHTS; group += 2) {
            float lowScale = scale * SixBitScales.scale(data, groups, group);
            float lowMinimum = minimum * SixBitScales.minimum(data, groups, group);
            float highScale = scale * SixBitScales.scale(data, groups, group + 1);
            float highMinimum = minimum * SixBitScales.minimum(data, groups, group + 1);
            long quants = block + Q4_KLayout.QUANTS_OFFSET + (long) group / 2 * Q4_KLayout.PLANE_BYTES;
            int to = at + group * Q4_KLayout.GROUP_WEIGHTS;
            for (int i = 0; i < Q4_KLayout.PLANE_BYTES; i += LANES) {
                IntVector pairs = bytes(data, quants + i);
                floats(pairs.and(0xF)).mul(lowScale).sub(lowMinimum).intoArray(weights, to + i);
                floats(pairs.lanewise(VectorOperators.LSHR, 4))
                        .mul(highScale)
                        .sub(highMinimum)
                        .intoArray(weights, to + i + Q4_KLayout.GROUP_WEIGHTS);
            }
        }
    }

    static void q5k(MemorySegment data, long block, float[] weights, int at) {
        float scale = float16(data, block + Q5_KLayout.SCALE_OFFSET);
        float minimum = float16(data, block + Q5_KLayout.MINIMUM_OFFSET);
        long groups = block + Q5_KLayout.GROUPS_OFFSET;
        for (int group = 0; group < Q5_KLayout.BLOCK_WEIGHTS / Q5_KLayout.GROUP_WEIGHTS; group += 2) {
            float lowScale = scale * SixBitScales.scale(data, groups, group);
            float lowMinimum = minimum * SixBitScales.minimum(data, groups, group);
            float highScale = scale * SixBitScales.scale(data, groups, group + 1);
            float highMinimum = minimum * SixBitScales.minimum(data, groups, group + 1);
            long quants = block + Q5_KLayout.QUANTS_OFFSET + (long) group / 2 * Q5_KLayout.PLANE_BYTES;
            int to = at + group * Q5_KLayout.GROUP_WEIGHTS;
            for (int i = 0; i < Q5_KLayout.PLANE_BYTES; i += LANES) {
                IntVector pairs = bytes(data, quants + i);
                // Bit g of a byte is the fifth bit of its weight in group g.
                IntVector fifths =
                        bytes(data, block + Q5_KLayout.HIGH_OFFSET + i).lanewise(VectorOperators.LSHR, group);
                IntVector low = pairs.and(0xF).or(fifths.and(1).lanewise(VectorOperators.LSHL, 4));
                IntVector high =
                        pairs.lanewise(VectorOperators.LSHR, 4).or(fifths.and(2).lanewise(VectorOperators.LSHL, 3));
                floats(low).mul(lowScale).sub(lowMinimum).intoArray(weights, to + i);
                floats(high).mul(highScale).sub(highMinimum).intoArray(weights, to + i + Q5_KLayout.GROUP_WEIGHTS);
            }
        }
    }

    static void q6k(MemorySegment data, long block, float[] weights, int at) {
        float scale = float16(data, block + Q6_KLayout.SCALE_OFFSET);
        // A quarter of a half is 32 weights: two groups of 16.
        for (int quarter = 0; quarter < 8; quarter++) {
            int half = quarter / 4;
            int inHalf = quarter % 4;
            long quants = block + Q6_KLayout.QUANTS_OFFSET + half * Q6_KLayout.PLANE_BYTES + inHalf % 2 * 32L;
            int shift = inHalf / 2 * 4;
            long high = block + Q6_KLayout.HIGH_OFFSET + (long) half * Q6_KLayout.HIGH_PLANE_BYTES;
            long groups = block + Q6_KLayout.GROUPS_OFFSET + quarter * 2L;
            for (int i = 0; i < 32; i += LANES) {
                float groupScale = scale * data.get(ValueLayout.JAVA_BYTE, groups + i / Q6_KLayout.GROUP_WEIGHTS);
                IntVector low = bytes(data, quants + i)
                        .lanewise(VectorOperators.LSHR, shift)
                        .and(0xF);
                IntVector top = bytes(data, high + i)
                        .lanewise(VectorOperators.LSHR, inHalf * 2)
                        .and(3);
                IntVector quant = low.or(top.lanewise(VectorOperators.LSHL, 4)).sub(Q6_KLayout.ZERO_POINT);
                floats(quant).mul(groupScale).intoArray(weights, at + quarter * 32 + i);
            }
        }
    }
}
