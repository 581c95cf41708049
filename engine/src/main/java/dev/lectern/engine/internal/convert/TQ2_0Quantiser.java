package dev.lectern.engine.internal.convert;

import static dev.lectern.engine.internal.quant.TQ2_0Layout.BLOCK_BYTES;
import static dev.lectern.engine.internal.quant.TQ2_0Layout.BLOCK_WEIGHTS;
import static dev.lectern.engine.internal.quant.TQ2_0Layout.PLANE_BYTES;
import static dev.lectern.engine.internal.quant.TQ2_0Layout.QUANTS_OFFSET;
import static dev.lectern.engine.internal.quant.TQ2_0Layout.SCALE_OFFSET;

import java.lang.foreign.MemorySegment;

/// To `TQ2_0`. ggml scales by the largest weight, which suits models trained with ternary weights; here the scale is
/// the best one, which for those is the same.
final class TQ2_0Quantiser implements RowQuantiser {
    private static final int PLANE_WEIGHTS = 4 * PLANE_BYTES;

    private final ScaledBlock block =
            new ScaledBlock(BLOCK_WEIGHTS, new Levels.Range(-1, 1), ScaleSearch.grid(0.8, 4, 32));

    @Override
    public void quantise(float[] weights, int at, int count, MemorySegment out, long offset) {
        for (int done = 0; done < count; done += BLOCK_WEIGHTS, offset += BLOCK_BYTES) {
            block.fit(weights, at + done);
            Halves.put(out, offset + SCALE_OFFSET, block.scale);
            for (int plane = 0; plane < BLOCK_WEIGHTS / PLANE_WEIGHTS; plane++) {
                long quants = offset + QUANTS_OFFSET + plane * PLANE_BYTES;
                PackedQuants.putPlane(block.quants, plane * PLANE_WEIGHTS, 0, 2, PLANE_BYTES, out, quants);
            }
        }
    }
}
