package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.Q8_0Layout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Panels of `Q8_0`: 8 ints a group and output, the codes of 4 weights each as they are stored, but that those of
/// the lower 3 bytes have 128 added, so that a mask takes them out.
final class Q8_0Panels extends VectorPanels {
    private static final int BITS = 8;
    /// Of an int.
    private static final int CODES = 4;

    private static final int ZERO_POINT = 128;
    /// Turns the lower three codes to those with a zero point and back.
    private static final int ZERO_POINTS = 0x00808080;

    Q8_0Panels() {
        super(BITS, Short.BYTES);
    }

    @Override
    public int multiple() {
        return Q8_0Layout.BLOCK_WEIGHTS;
    }

    @Override
    boolean packBlock(Weight weight, int output, int input, long to, int column, int exponent) {
        long stored = stored(weight, output, input);
        return packGroup(stored, Q8_0Layout.SCALE_OFFSET, Q8_0Layout.QUANTS_OFFSET, ZERO_POINTS, to, column, exponent);
    }

    @Override
    void prepareGroup(long from, float[] out, int at) {
        float biased = 0;
        float sum = 0;
        for (int i = 0; i < GROUP; i += CODES) {
            float first = Memory.getFloat(from + 4L * i);
            float second = Memory.getFloat(from + 4L * i + 4);
            float third = Memory.getFloat(from + 4L * i + 8);
            float fourth = Memory.getFloat(from + 4L * i + 12);
            out[at + i] = first;
            out[at + i + 1] = second * 0x1p-8f;
            out[at + i + 2] = third * 0x1p-16f;
            out[at + i + 3] = fourth * 0x1p-24f;
            biased += first + second + third;
            sum += fourth;
        }
        out[at + START] = -ZERO_POINT * biased;
        out[at + SUM] = biased + sum;
    }

    @Override
    void decodeBlock(long block, float unit, long to) {
        for (int c = 0; c < TILE_COLUMNS; c += LANES) {
            long codes = block + (long) Integer.BYTES * c;
            FloatVector scale = scales(block + codeBytes() + (long) Short.BYTES * c, unit);
            for (int i = 0; i < GROUP; i++) {
                int above = (CODES - 1 - i % CODES) * Byte.SIZE;
                IntVector ints = ints(codes + (long) STEP_BYTES * (i / CODES));
                long at = to + (long) TILE_STEP_BYTES * i + (long) Float.BYTES * c;
                Memory.store(signed(ints, above).mul(scale), at);
            }
        }
    }

    private static FloatVector signed(IntVector ints, int above) {
        return StoredCodes.floats(ints.lanewise(VectorOperators.XOR, ZERO_POINTS)
                .lanewise(VectorOperators.LSHL, above)
                .lanewise(VectorOperators.ASHR, Integer.SIZE - Byte.SIZE));
    }
}
