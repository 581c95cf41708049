package dev.lectern.engine.internal.convert;

import static dev.lectern.engine.internal.quant.IQ4_NLLayout.BLOCK_BYTES;
import static dev.lectern.engine.internal.quant.IQ4_NLLayout.BLOCK_WEIGHTS;
import static dev.lectern.engine.internal.quant.IQ4_NLLayout.QUANTS_OFFSET;
import static dev.lectern.engine.internal.quant.IQ4_NLLayout.SCALE_OFFSET;

import dev.lectern.engine.internal.quant.IQ4_NLLayout;
import java.lang.foreign.MemorySegment;

/// To `IQ4_NL`.
final class IQ4_NLQuantiser implements RowQuantiser {
    private final ScaledBlock block =
            new ScaledBlock(BLOCK_WEIGHTS, new Levels.Table(IQ4_NLLayout.levels()), ScaleSearch.grid(0.85, 1.15, 6));

    @Override
    public void quantise(float[] weights, int at, int count, MemorySegment out, long offset) {
        for (int done = 0; done < count; done += BLOCK_WEIGHTS, offset += BLOCK_BYTES) {
            block.fit(weights, at + done);
            Halves.put(out, offset + SCALE_OFFSET, block.scale);
            PackedQuants.putPlane(block.quants, 0, 0, 4, BLOCK_WEIGHTS / 2, out, offset + QUANTS_OFFSET);
        }
    }
}
