package dev.lectern.engine.internal.convert;

import static dev.lectern.engine.internal.quant.Q3_KLayout.BLOCK_BYTES;
import static dev.lectern.engine.internal.quant.Q3_KLayout.BLOCK_WEIGHTS;
import static dev.lectern.engine.internal.quant.Q3_KLayout.GROUPS_OFFSET;
import static dev.lectern.engine.internal.quant.Q3_KLayout.GROUP_WEIGHTS;
import static dev.lectern.engine.internal.quant.Q3_KLayout.GROUP_ZERO_POINT;
import static dev.lectern.engine.internal.quant.Q3_KLayout.HIGH_OFFSET;
import static dev.lectern.engine.internal.quant.Q3_KLayout.PLANE_BYTES;
import static dev.lectern.engine.internal.quant.Q3_KLayout.QUANTS_OFFSET;
import static dev.lectern.engine.internal.quant.Q3_KLayout.SCALE_OFFSET;
import static dev.lectern.engine.internal.quant.Q3_KLayout.ZERO_POINT;

import java.lang.foreign.MemorySegment;

/// To `Q3_K`.
final class Q3_KQuantiser implements RowQuantiser {
    private static final int PLANE_WEIGHTS = 4 * PLANE_BYTES;
    private static final int LOW_SCALE_BYTES = 8;
    private static final int HIGH_SCALE_BYTES = 4;

    private final SuperBlock block = new SuperBlock(
            new Levels.Range(-ZERO_POINT, ZERO_POINT - 1),
            BLOCK_WEIGHTS / GROUP_WEIGHTS,
            GROUP_WEIGHTS,
            GROUP_ZERO_POINT,
            ScaleSearch.grid(0.8, 1.3, 10));

    @Override
    public void quantise(float[] weights, int at, int count, MemorySegment out, long offset) {
        for (int done = 0; done < count; done += BLOCK_WEIGHTS, offset += BLOCK_BYTES) {
            block.fit(weights, at + done);
            Halves.put(out, offset + SCALE_OFFSET, block.scale);
            long groups = offset + GROUPS_OFFSET;
            PackedQuants.putPlane(block.scales, 0, 0, 4, LOW_SCALE_BYTES, out, groups);
            PackedQuants.putPlane(block.scales, 0, 4, 2, HIGH_SCALE_BYTES, out, groups + LOW_SCALE_BYTES);
            PackedQuants.putPlane(block.quants, 0, 2, 1, PLANE_BYTES, out, offset + HIGH_OFFSET);
            for (int plane = 0; plane < BLOCK_WEIGHTS / PLANE_WEIGHTS; plane++) {
                long quants = offset + QUANTS_OFFSET + plane * PLANE_BYTES;
                PackedQuants.putPlane(block.quants, plane * PLANE_WEIGHTS, 0, 2, PLANE_BYTES, out, quants);
            }
        }
    }
}
