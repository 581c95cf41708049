package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.Q4_0Layout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Panels of `Q4_0`.
final class Q4_0Panels extends NibblePanels {
    Q4_0Panels() {
        super(Q4_0Layout.ZERO_POINT, Short.BYTES);
    }

    @Override
    public int multiple() {
        return Q4_0Layout.BLOCK_WEIGHTS;
    }

    @Override
    boolean packBlock(Weight weight, int output, int input, long to, int column, int exponent) {
        long stored = stored(weight, output, input);
        return packGroup(stored, Q4_0Layout.SCALE_OFFSET, Q4_0Layout.QUANTS_OFFSET, 0, to, column, exponent);
    }

    @Override
    void decodeBlock(long block, float unit, long to) {
        float zero = Q4_0Layout.ZERO_POINT;
        for (int c = 0; c < TILE_COLUMNS; c += LANES) {
            long codes = block + (long) Integer.BYTES * c;
            FloatVector scale = scales(block + codeBytes() + (long) Short.BYTES * c, unit);
            for (int i = 0; i < HALF; i++) {
                IntVector ints =
                        ints(codes + (long) STEP_BYTES * (i >> 2)).lanewise(VectorOperators.LSHR, (i & 3) * Byte.SIZE);
                FloatVector low = StoredCodes.floats(ints.and(0xF));
                FloatVector high = StoredCodes.floats(
                        ints.lanewise(VectorOperators.LSHR, BITS).and(0xF));
                long at = to + (long) TILE_STEP_BYTES * i + (long) Float.BYTES * c;
                Memory.store(low.sub(zero).mul(scale), at);
                Memory.store(high.sub(zero).mul(scale), at + HALF * TILE_STEP_BYTES);
            }
        }
    }
}
