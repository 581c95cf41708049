package dev.lectern.engine.internal.kernel.vector;

/// Panels of 4-bit codes. A group has 4 ints an output; int q's byte i holds the code of weight `4 * q + i` in the
/// low nibble and of weight `4 * q + i + 16` in the high one.
abstract class NibblePanels extends VectorPanels {
    static final int BITS = 4;
    static final int HALF = GROUP / 2;

    private final int zeroPoint;

    /// @param zeroPoint the code that stands for 0
    /// @param scaleBytes an output's in a group
    NibblePanels(int zeroPoint, int scaleBytes) {
        super(BITS, scaleBytes);
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
}
