package dev.lectern.engine.internal.convert;

import static dev.lectern.engine.internal.quant.MXFP4Layout.BLOCK_BYTES;
import static dev.lectern.engine.internal.quant.MXFP4Layout.BLOCK_WEIGHTS;
import static dev.lectern.engine.internal.quant.MXFP4Layout.QUANTS_OFFSET;
import static dev.lectern.engine.internal.quant.MXFP4Layout.SCALE_OFFSET;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.lectern.engine.internal.quant.E2M1;
import dev.lectern.engine.internal.quant.MXFP4Layout;
import java.lang.foreign.MemorySegment;

/// To `MXFP4`: of the powers of two around the one that takes the largest weight into the range, the best. One step
/// finer than the range clips that weight, which often costs less than a coarser step for all others.
final class MXFP4Quantiser implements RowQuantiser {
    /// The lowest whose inverse is a float32.
    private static final int LOWEST_SCALE = 2;

    private static final int HIGHEST_SCALE = 254;
    private static final int FIRST_ATTEMPT = -1;
    private static final int LAST_ATTEMPT = 2;

    private final Levels.Table levels = new Levels.Table(E2M1.doubledValues());
    private final int[] quants = new int[BLOCK_WEIGHTS];

    @Override
    public void quantise(float[] weights, int at, int count, MemorySegment out, long offset) {
        for (int done = 0; done < count; done += BLOCK_WEIGHTS, offset += BLOCK_BYTES) {
            int scale = bestScale(weights, at + done);
            float inverse = 1 / MXFP4Layout.halfScale(scale);
            levels.nearest(weights, at + done, BLOCK_WEIGHTS, inverse, quants, 0);
            levels.encode(quants);
            out.set(JAVA_BYTE, offset + SCALE_OFFSET, (byte) scale);
            PackedQuants.putPlane(quants, 0, 0, 4, BLOCK_WEIGHTS / 2, out, offset + QUANTS_OFFSET);
        }
    }

    private int bestScale(float[] weights, int at) {
        float largest = Math.abs(ScaleSearch.extreme(weights, at, BLOCK_WEIGHTS));
        if (largest == 0) {
            return LOWEST_SCALE;
        }
        // With this scale the largest weight is from 4 to 8 of them; the largest value is 6.
        int usual = Math.getExponent(largest) - 2 + Float.MAX_EXPONENT;
        int best = LOWEST_SCALE;
        float bestError = Float.POSITIVE_INFINITY;
        for (int attempt = FIRST_ATTEMPT; attempt <= LAST_ATTEMPT; attempt++) {
            int scale = Math.clamp(usual + attempt, LOWEST_SCALE, HIGHEST_SCALE);
            float half = MXFP4Layout.halfScale(scale);
            float error = levels.error(weights, at, BLOCK_WEIGHTS, 1 / half, half);
            if (error < bestError) {
                bestError = error;
                best = scale;
            }
        }
        return best;
    }
}
