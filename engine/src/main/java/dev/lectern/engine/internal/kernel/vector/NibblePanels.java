package dev.lectern.engine.internal.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Panels of 4-bit codes. A group has 4 ints an output; int q's byte i holds the code of weight `4 * q + i` in the
/// low nibble and of weight `4 * q + i + 16` in the high one.
abstract class NibblePanels extends VectorPanels {
    private static final int BITS = 4;
    private static final int HALF = GROUP / 2;

    private final int zeroPoint;

    /// @param zeroPoint the code that stands for 0
    NibblePanels(int zeroPoint) {
        super(BITS);
        this.zeroPoint = zeroPoint;
    }

    @Override
    final void prepareGroup(long from, float[] out, int at) {
        float sum = 0;
        for (int i = 0; i < HALF; i += 2) {
            long lows = from + (long) Float.BYTES * i;
            long highs = lows + Float.BYTES * HALF;
            float low = Memory.getFloat(lows);
            float high = Memory.getFloat(highs);
            float nextLow = Memory.getFloat(lows + Float.BYTES);
            float nextHigh = Memory.getFloat(highs + Float.BYTES);
            out[at + 2 * i] = low;
            out[at + 2 * i + 1] = high * 0x1p-4f;
            out[at + 2 * i + 2] = nextLow * 0x1p-8f;
            out[at + 2 * i + 3] = nextHigh * 0x1p-12f;
            sum += low + high + (nextLow + nextHigh);
        }
        out[at + START] = -zeroPoint * sum;
        out[at + SUM] = sum;
    }

    @Override
    final void decodeGroup(long codes, FloatVector leftScale, FloatVector rightScale, float[] weights, int at) {
        float zero = zeroPoint;
        for (int i = 0; i < GROUP; i++) {
            int shift = i % 4 * Byte.SIZE + i / HALF * BITS;
            long from = codes + (long) STEP_BYTES * (i % HALF / 4);
            FloatVector left = code(ints(from), shift);
            FloatVector right = code(ints(from + VECTOR_BYTES), shift);
            left.sub(zero).mul(leftScale).intoArray(weights, at + i * COLUMNS);
            right.sub(zero).mul(rightScale).intoArray(weights, at + i * COLUMNS + LANES);
        }
    }

    private static FloatVector code(IntVector ints, int shift) {
        return StoredCodes.floats(ints.lanewise(VectorOperators.LSHR, shift).and(0xF));
    }
}
