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
    boolean read(long stored, int groups, int[] ints) {
        return readGroups(
                stored, groups, Q4_0Layout.BLOCK_BYTES, Q4_0Layout.SCALE_OFFSET, Q4_0Layout.QUANTS_OFFSET, 0, ints);
    }
}
