package dev.lectern.engine.internal.convert;

import static dev.lectern.engine.internal.quant.Q4_KLayout.BLOCK_BYTES;
import static dev.lectern.engine.internal.quant.Q4_KLayout.BLOCK_WEIGHTS;
import static dev.lectern.engine.internal.quant.Q4_KLayout.GROUPS_OFFSET;
import static dev.lectern.engine.internal.quant.Q4_KLayout.GROUP_WEIGHTS;
import static dev.lectern.engine.internal.quant.Q4_KLayout.MINIMUM_OFFSET;
import static dev.lectern.engine.internal.quant.Q4_KLayout.PLANE_BYTES;
import static dev.lectern.engine.internal.quant.Q4_KLayout.QUANTS_OFFSET;
import static dev.lectern.engine.internal.quant.Q4_KLayout.SCALE_OFFSET;

import java.lang.foreign.MemorySegment;

/// To `Q4_K`.
final class Q4_KQuantiser implements RowQuantiser {
    private static final int HIGHEST = 15;
    private static final int HIGHEST_SCALE = 63;
    private static final int PLANE_WEIGHTS = 2 * PLANE_BYTES;

    private final OffsetSuperBlock block = new OffsetSuperBlock(
            BLOCK_WEIGHTS / GROUP_WEIGHTS, GROUP_WEIGHTS, HIGHEST, HIGHEST_SCALE, ScaleSearch.grid(-1, 1, 10));

    @Override
    public void quantise(float[] weights, int at, int count, MemorySegment out, long offset) {
        for (int done = 0; done < count; done += BLOCK_WEIGHTS, offset += BLOCK_BYTES) {
            block.fit(weights, at + done);
            Halves.put(out, offset + SCALE_OFFSET, block.scale);
            Halves.put(out, offset + MINIMUM_OFFSET, block.offset);
            SixBits.put(block.scales, block.offsets, out, offset + GROUPS_OFFSET);
            for (int plane = 0; plane < BLOCK_WEIGHTS / PLANE_WEIGHTS; plane++) {
                long quants = offset + QUANTS_OFFSET + plane * PLANE_BYTES;
                PackedQuants.putPlane(block.quants, plane * PLANE_WEIGHTS, 0, 4, PLANE_BYTES, out, quants);
            }
        }
    }
}
