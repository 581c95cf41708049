package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.quant.Q4_0Layout;

/// Panels of `Q4_0`.
final class Q4_0Panels extends NibblePanels {
    Q4_0Panels() {
        super(Q4_0Layout.ZERO_POINT);
    }

    @Override
    public int multiple() {
        return Q4_0Layout.BLOCK_WEIGHTS;
    }

    @Override
    int scaleInts(int groups) {
        return float16Ints(groups);
    }

    @Override
    boolean hasMinima() {
        return false;
    }

    @Override
    boolean read(long stored, int groups, int[] ints) {
        boolean finite = true;
        int codes = scaleInts(groups);
        for (int g = 0; g < groups; g++) {
            long block = Memory.pointer(stored + (long) Q4_0Layout.BLOCK_BYTES * g);
            for (int i = 0; i < codeInts(); i++) {
                ints[codes + codeInts() * g + i] =
                        StoredCodes.int32(block + Q4_0Layout.QUANTS_OFFSET + Integer.BYTES * i);
            }
            int scale = StoredCodes.unsigned16(block + Q4_0Layout.SCALE_OFFSET);
            finite &= addFloat16(scale, g, ints);
        }
        return finite;
    }

    @Override
    void loadFactors(long scales, int groups, float[] factors) {
        loadFloat16Factors(scales, groups, factors);
    }
}
