package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.quant.Q4_KLayout;
import dev.lectern.engine.internal.quant.SixBitScales;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Panels of `Q4_K`. Stored bytes hold codes of two groups; here they hold those of one. The scales of a block of 8
/// groups are 5 ints an output: one of the block's scale, in the low half, and minimum, two of the groups' 6-bit
/// scales, a byte each, and two of their minima.
final class Q4_KPanels extends NibblePanels {
    private static final int GROUPS = Q4_KLayout.BLOCK_WEIGHTS / Q4_KLayout.GROUP_WEIGHTS;
    private static final int SCALE_INTS = 5;
    private static final int GROUPS_AN_INT = 4;
    private static final int LOW_NIBBLES = 0x0F0F0F0F;

    Q4_KPanels() {
        super(0);
    }

    @Override
    public int multiple() {
        return Q4_KLayout.BLOCK_WEIGHTS;
    }

    @Override
    int scaleInts(int groups) {
        return SCALE_INTS * (groups / GROUPS);
    }

    @Override
    boolean hasMinima() {
        return true;
    }

    @Override
    boolean read(long stored, int groups, int[] ints) {
        boolean finite = true;
        for (int b = 0; b < groups / GROUPS; b++) {
            long block = Memory.pointer(stored + (long) Q4_KLayout.BLOCK_BYTES * b);
            for (int pair = 0; pair < GROUPS / 2; pair++) {
                long plane = block + Q4_KLayout.QUANTS_OFFSET + (long) Q4_KLayout.PLANE_BYTES * pair;
                int first = scaleInts(groups) + (GROUPS * b + 2 * pair) * codeInts();
                for (int i = 0; i < codeInts(); i++) {
                    int low = StoredCodes.int32(plane + Integer.BYTES * i);
                    int high = StoredCodes.int32(plane + Integer.BYTES * (i + codeInts()));
                    ints[first + i] = low & LOW_NIBBLES | (high & LOW_NIBBLES) << 4;
                    ints[first + codeInts() + i] = low >>> 4 & LOW_NIBBLES | high & ~LOW_NIBBLES;
                }
            }
            finite &= readScales(block, ints, b * SCALE_INTS);
        }
        return finite;
    }

    private static boolean readScales(long block, int[] ints, int at) {
        int scale = StoredCodes.unsigned16(block + Q4_KLayout.SCALE_OFFSET);
        int minimum = StoredCodes.unsigned16(block + Q4_KLayout.MINIMUM_OFFSET);
        ints[at] = scale | minimum << Short.SIZE;
        for (int i = 1; i < SCALE_INTS; i++) {
            ints[at + i] = 0;
        }
        for (int g = 0; g < GROUPS; g++) {
            int shift = g % GROUPS_AN_INT * Byte.SIZE;
            long groups = block + Q4_KLayout.GROUPS_OFFSET;
            ints[at + 1 + g / GROUPS_AN_INT] |= SixBitScales.scale(Memory.ALL, groups, g) << shift;
            ints[at + 3 + g / GROUPS_AN_INT] |= SixBitScales.minimum(Memory.ALL, groups, g) << shift;
        }
        return isFinite(scale) && isFinite(minimum);
    }

    @Override
    void loadFactors(long scales, int groups, float[] factors) {
        for (int b = 0; b < groups / GROUPS; b++) {
            for (int side = 0; side < 2; side++) {
                long block = Memory.pointer(scales + (long) STEP_BYTES * SCALE_INTS * b) + side * VECTOR_BYTES;
                int to = GROUPS * COLUMNS * b + side * LANES;
                IntVector both = ints(block);
                FloatVector scale = float16(both.lanewise(VectorOperators.LSHL, Short.SIZE));
                loadGroups(block + STEP_BYTES, scale, factors, to);
                FloatVector minimum = float16(both);
                loadGroups(block + 3 * STEP_BYTES, minimum, factors, MINIMA + to);
            }
        }
    }

    private static void loadGroups(long codes, FloatVector factor, float[] factors, int to) {
        for (int g = 0; g < GROUPS; g++) {
            IntVector four = ints(codes + (long) STEP_BYTES * (g / GROUPS_AN_INT));
            IntVector code = four.lanewise(VectorOperators.LSHR, g % GROUPS_AN_INT * Byte.SIZE)
                    .and(0xFF);
            StoredCodes.floats(code).mul(factor).intoArray(factors, to + g * COLUMNS);
        }
    }
}
