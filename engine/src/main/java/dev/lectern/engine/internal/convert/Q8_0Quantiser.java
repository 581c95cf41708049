package dev.lectern.engine.internal.convert;

import static dev.lectern.engine.internal.quant.Q8_0Layout.BLOCK_BYTES;
import static dev.lectern.engine.internal.quant.Q8_0Layout.BLOCK_WEIGHTS;
import static dev.lectern.engine.internal.quant.Q8_0Layout.QUANTS_OFFSET;
import static dev.lectern.engine.internal.quant.Q8_0Layout.SCALE_OFFSET;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/// To `Q8_0`. With 255 levels the best scale is nearly the one that puts the largest weight on the last of them, but
/// a slightly larger one may by chance round better: a tenth less error for ten attempts.
final class Q8_0Quantiser implements RowQuantiser {
    // -128 is left out, as by everybody: kernels negate quants.
    private static final int LAST = 127;

    private final ScaledBlock block =
            new ScaledBlock(BLOCK_WEIGHTS, new Levels.Range(-LAST, LAST), ScaleSearch.grid(0.95, 1, 10));

    @Override
    public void quantise(float[] weights, int at, int count, MemorySegment out, long offset) {
        for (int done = 0; done < count; done += BLOCK_WEIGHTS, offset += BLOCK_BYTES) {
            block.fit(weights, at + done);
            Halves.put(out, offset + SCALE_OFFSET, block.scale);
            for (int i = 0; i < BLOCK_WEIGHTS; i++) {
                out.set(JAVA_BYTE, offset + QUANTS_OFFSET + i, (byte) (block.quants[i] - LAST));
            }
        }
    }
}
