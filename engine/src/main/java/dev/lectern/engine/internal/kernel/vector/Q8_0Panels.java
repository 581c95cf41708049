package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.Q8_0Layout;
import jdk.incubator.vector.FloatVector;

/// Panels of `Q8_0`: 8 ints a group and output, the codes of 4 weights each as they are stored.
final class Q8_0Panels extends BytePanels {
    private static final int ZERO_POINT = 128;
    /// Adds it to the lower three codes of an int.
    private static final int ZERO_POINTS = 0x00808080;

    Q8_0Panels() {
        super(Short.BYTES, GROUP, ZERO_POINT);
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
    void decodeBlock(long block, float unit, long to) {
        for (int c = 0; c < TILE_COLUMNS; c += LANES) {
            long group = block + (long) Integer.BYTES * c;
            FloatVector scale = scales(block + codeBytes() + (long) Short.BYTES * c, unit);
            for (int i = 0; i < GROUP; i++) {
                long at = to + (long) TILE_STEP_BYTES * i + (long) Float.BYTES * c;
                Memory.store(code(group, i).mul(scale), at);
            }
        }
    }
}
