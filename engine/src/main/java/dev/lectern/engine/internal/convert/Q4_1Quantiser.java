package dev.lectern.engine.internal.convert;

import static dev.lectern.engine.internal.quant.Q4_1Layout.BLOCK_BYTES;
import static dev.lectern.engine.internal.quant.Q4_1Layout.BLOCK_WEIGHTS;
import static dev.lectern.engine.internal.quant.Q4_1Layout.MINIMUM_OFFSET;
import static dev.lectern.engine.internal.quant.Q4_1Layout.QUANTS_OFFSET;
import static dev.lectern.engine.internal.quant.Q4_1Layout.SCALE_OFFSET;

import java.lang.foreign.MemorySegment;

/// To `Q4_1`.
final class Q4_1Quantiser implements RowQuantiser {
    private static final int HIGHEST = 15;

    private final OffsetBlock block = new OffsetBlock(BLOCK_WEIGHTS, HIGHEST, ScaleSearch.grid(-1, 1, 10));

    @Override
    public void quantise(float[] weights, int at, int count, MemorySegment out, long offset) {
        for (int done = 0; done < count; done += BLOCK_WEIGHTS, offset += BLOCK_BYTES) {
            block.fit(weights, at + done);
            Halves.put(out, offset + SCALE_OFFSET, block.scale);
            Halves.put(out, offset + MINIMUM_OFFSET, block.offset);
            PackedQuants.putPlane(block.quants, 0, 0, 4, BLOCK_WEIGHTS / 2, out, offset + QUANTS_OFFSET);
        }
    }
}
