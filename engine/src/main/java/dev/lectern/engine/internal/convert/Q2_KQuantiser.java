package dev.lectern.engine.internal.convert;

import static dev.lectern.engine.internal.quant.Q2_KLayout.BLOCK_BYTES;
import static dev.lectern.engine.internal.quant.Q2_KLayout.BLOCK_WEIGHTS;
import static dev.lectern.engine.internal.quant.Q2_KLayout.GROUPS_OFFSET;
import static dev.lectern.engine.internal.quant.Q2_KLayout.GROUP_WEIGHTS;
import static dev.lectern.engine.internal.quant.Q2_KLayout.MINIMUM_OFFSET;
import static dev.lectern.engine.internal.quant.Q2_KLayout.PLANE_BYTES;
import static dev.lectern.engine.internal.quant.Q2_KLayout.QUANTS_OFFSET;
import static dev.lectern.engine.internal.quant.Q2_KLayout.SCALE_OFFSET;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/// To `Q2_K`.
final class Q2_KQuantiser implements RowQuantiser {
    private static final int HIGHEST = 3;
    private static final int HIGHEST_SCALE = 15;
    private static final int PLANE_WEIGHTS = 4 * PLANE_BYTES;

    private final OffsetSuperBlock block = new OffsetSuperBlock(
            BLOCK_WEIGHTS / GROUP_WEIGHTS, GROUP_WEIGHTS, HIGHEST, HIGHEST_SCALE, ScaleSearch.grid(-0.5, 1.5, 20));

    @Override
    public void quantise(float[] weights, int at, int count, MemorySegment out, long offset) {
        for (int done = 0; done < count; done += BLOCK_WEIGHTS, offset += BLOCK_BYTES) {
            block.fit(weights, at + done);
            Halves.put(out, offset + SCALE_OFFSET, block.scale);
            Halves.put(out, offset + MINIMUM_OFFSET, block.offset);
            for (int group = 0; group < block.scales.length; group++) {
                out.set(JAVA_BYTE, offset + GROUPS_OFFSET + group, (byte)
                        (block.scales[group] | block.offsets[group] << 4));
            }
            for (int plane = 0; plane < BLOCK_WEIGHTS / PLANE_WEIGHTS; plane++) {
                long quants = offset + QUANTS_OFFSET + plane * PLANE_BYTES;
                PackedQuants.putPlane(block.quants, plane * PLANE_WEIGHTS, 0, 2, PLANE_BYTES, out, quants);
            }
        }
    }
}
