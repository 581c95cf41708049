package dev.lectern.engine.internal.convert;

import static dev.lectern.engine.internal.quant.Q6_KLayout.BLOCK_BYTES;
import static dev.lectern.engine.internal.quant.Q6_KLayout.BLOCK_WEIGHTS;
import static dev.lectern.engine.internal.quant.Q6_KLayout.GROUPS_OFFSET;
import static dev.lectern.engine.internal.quant.Q6_KLayout.GROUP_WEIGHTS;
import static dev.lectern.engine.internal.quant.Q6_KLayout.HIGH_OFFSET;
import static dev.lectern.engine.internal.quant.Q6_KLayout.HIGH_PLANE_BYTES;
import static dev.lectern.engine.internal.quant.Q6_KLayout.PLANE_BYTES;
import static dev.lectern.engine.internal.quant.Q6_KLayout.QUANTS_OFFSET;
import static dev.lectern.engine.internal.quant.Q6_KLayout.SCALE_OFFSET;
import static dev.lectern.engine.internal.quant.Q6_KLayout.ZERO_POINT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/// To `Q6_K`.
final class Q6_KQuantiser implements RowQuantiser {
    private static final int SCALE_ZERO_POINT = 128;
    private static final int PLANE_WEIGHTS = 2 * PLANE_BYTES;

    private final SuperBlock block = new SuperBlock(
            new Levels.Range(-ZERO_POINT, ZERO_POINT - 1),
            BLOCK_WEIGHTS / GROUP_WEIGHTS,
            GROUP_WEIGHTS,
            SCALE_ZERO_POINT,
            ScaleSearch.grid(0.95, 1.02, 10));

    @Override
    public void quantise(float[] weights, int at, int count, MemorySegment out, long offset) {
        for (int done = 0; done < count; done += BLOCK_WEIGHTS, offset += BLOCK_BYTES) {
            block.fit(weights, at + done);
            Halves.put(out, offset + SCALE_OFFSET, block.scale);
            for (int group = 0; group < block.scales.length; group++) {
                out.set(JAVA_BYTE, offset + GROUPS_OFFSET + group, (byte) (block.scales[group] - SCALE_ZERO_POINT));
            }
            for (int plane = 0; plane < BLOCK_WEIGHTS / PLANE_WEIGHTS; plane++) {
                int first = plane * PLANE_WEIGHTS;
                long quants = offset + QUANTS_OFFSET + plane * PLANE_BYTES;
                long high = offset + HIGH_OFFSET + plane * HIGH_PLANE_BYTES;
                PackedQuants.putPlane(block.quants, first, 0, 4, PLANE_BYTES, out, quants);
                PackedQuants.putPlane(block.quants, first, 4, 2, HIGH_PLANE_BYTES, out, high);
            }
        }
    }
}
