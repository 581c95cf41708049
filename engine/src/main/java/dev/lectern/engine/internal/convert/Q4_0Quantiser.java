package dev.lectern.engine.internal.convert;

import static dev.lectern.engine.internal.quant.Q4_0Layout.BLOCK_BYTES;
import static dev.lectern.engine.internal.quant.Q4_0Layout.BLOCK_WEIGHTS;
import static dev.lectern.engine.internal.quant.Q4_0Layout.QUANTS_OFFSET;
import static dev.lectern.engine.internal.quant.Q4_0Layout.SCALE_OFFSET;
import static dev.lectern.engine.internal.quant.Q4_0Layout.ZERO_POINT;

import java.lang.foreign.MemorySegment;

/// To `Q4_0`.
final class Q4_0Quantiser implements RowQuantiser {
    private final ScaledBlock block = new ScaledBlock(
            BLOCK_WEIGHTS, new Levels.Range(-ZERO_POINT, ZERO_POINT - 1), ScaleSearch.grid(0.85, 1.15, 8));

    @Override
    public void quantise(float[] weights, int at, int count, MemorySegment out, long offset) {
        for (int done = 0; done < count; done += BLOCK_WEIGHTS, offset += BLOCK_BYTES) {
            block.fit(weights, at + done);
            Halves.put(out, offset + SCALE_OFFSET, block.scale);
            PackedQuants.putPlane(block.quants, 0, 0, 4, BLOCK_WEIGHTS / 2, out, offset + QUANTS_OFFSET);
        }
    }
}
