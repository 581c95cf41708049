package dev.lectern.engine.internal.convert;

import static dev.lectern.engine.internal.quant.IQ4_XSLayout.BLOCK_BYTES;
import static dev.lectern.engine.internal.quant.IQ4_XSLayout.BLOCK_WEIGHTS;
import static dev.lectern.engine.internal.quant.IQ4_XSLayout.GROUPS_HIGH_OFFSET;
import static dev.lectern.engine.internal.quant.IQ4_XSLayout.GROUPS_LOW_OFFSET;
import static dev.lectern.engine.internal.quant.IQ4_XSLayout.GROUP_WEIGHTS;
import static dev.lectern.engine.internal.quant.IQ4_XSLayout.GROUP_ZERO_POINT;
import static dev.lectern.engine.internal.quant.IQ4_XSLayout.PLANE_BYTES;
import static dev.lectern.engine.internal.quant.IQ4_XSLayout.QUANTS_OFFSET;
import static dev.lectern.engine.internal.quant.IQ4_XSLayout.SCALE_OFFSET;

import dev.lectern.engine.internal.quant.IQ4_NLLayout;
import java.lang.foreign.MemorySegment;

/// To `IQ4_XS`.
final class IQ4_XSQuantiser implements RowQuantiser {
    private static final int GROUPS = BLOCK_WEIGHTS / GROUP_WEIGHTS;

    private final SuperBlock block = new SuperBlock(
            new Levels.Table(IQ4_NLLayout.levels()),
            GROUPS,
            GROUP_WEIGHTS,
            GROUP_ZERO_POINT,
            ScaleSearch.grid(0.85, 1.15, 6));

    @Override
    public void quantise(float[] weights, int at, int count, MemorySegment out, long offset) {
        for (int done = 0; done < count; done += BLOCK_WEIGHTS, offset += BLOCK_BYTES) {
            block.fit(weights, at + done);
            Halves.put(out, offset + SCALE_OFFSET, block.scale);
            PackedQuants.putField(block.scales, 0, 4, GROUPS, out, offset + GROUPS_LOW_OFFSET);
            PackedQuants.putField(block.scales, 4, 2, GROUPS, out, offset + GROUPS_HIGH_OFFSET);
            for (int group = 0; group < GROUPS; group++) {
                long quants = offset + QUANTS_OFFSET + group * PLANE_BYTES;
                PackedQuants.putPlane(block.quants, group * GROUP_WEIGHTS, 0, 4, PLANE_BYTES, out, quants);
            }
        }
    }
}
