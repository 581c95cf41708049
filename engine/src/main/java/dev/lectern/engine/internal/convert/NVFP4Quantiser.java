package dev.lectern.engine.internal.convert;

import static dev.lectern.engine.internal.quant.NVFP4Layout.BLOCK_BYTES;
import static dev.lectern.engine.internal.quant.NVFP4Layout.BLOCK_WEIGHTS;
import static dev.lectern.engine.internal.quant.NVFP4Layout.GROUP_WEIGHTS;
import static dev.lectern.engine.internal.quant.NVFP4Layout.PLANE_BYTES;
import static dev.lectern.engine.internal.quant.NVFP4Layout.QUANTS_OFFSET;
import static dev.lectern.engine.internal.quant.NVFP4Layout.SCALES_OFFSET;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.lectern.engine.internal.quant.E2M1;
import dev.lectern.engine.internal.quant.NVFP4Layout;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// To `NVFP4`: each group tries the scales around the one that makes its largest weight the largest value.
final class NVFP4Quantiser implements RowQuantiser {
    private static final int HIGHEST_SCALE = 0x7E;
    private static final int NEIGHBOURS = 4;

    private final Levels.Table levels = new Levels.Table(E2M1.doubledValues());
    private final float[] halfScales = new float[HIGHEST_SCALE + 1];
    private final int[] quants = new int[GROUP_WEIGHTS];

    NVFP4Quantiser() {
        for (int code = 0; code < halfScales.length; code++) {
            halfScales[code] = NVFP4Layout.halfScale(code);
        }
    }

    @Override
    public void quantise(float[] weights, int at, int count, MemorySegment out, long offset) {
        for (int done = 0; done < count; done += BLOCK_WEIGHTS, offset += BLOCK_BYTES) {
            for (int group = 0; group < BLOCK_WEIGHTS / GROUP_WEIGHTS; group++) {
                int from = at + done + group * GROUP_WEIGHTS;
                int scale = bestScale(weights, from);
                float inverse = halfScales[scale] == 0 ? 0 : 1 / halfScales[scale];
                levels.nearest(weights, from, GROUP_WEIGHTS, inverse, quants, 0);
                levels.encode(quants);
                out.set(JAVA_BYTE, offset + SCALES_OFFSET + group, (byte) scale);
                PackedQuants.putPlane(quants, 0, 0, 4, PLANE_BYTES, out, offset + QUANTS_OFFSET + group * PLANE_BYTES);
            }
        }
    }

    private int bestScale(float[] weights, int from) {
        float wanted = Math.abs(ScaleSearch.extreme(weights, from, GROUP_WEIGHTS)) / levels.highest();
        int usual = Arrays.binarySearch(halfScales, wanted);
        usual = usual < 0 ? -usual - 1 : usual;
        int best = 0;
        float bestError = Float.POSITIVE_INFINITY;
        for (int scale = Math.max(0, usual - NEIGHBOURS);
                scale <= Math.min(HIGHEST_SCALE, usual + NEIGHBOURS);
                scale++) {
            float half = halfScales[scale];
            float error = levels.error(weights, from, GROUP_WEIGHTS, half == 0 ? 0 : 1 / half, half);
            if (error < bestError) {
                bestError = error;
                best = scale;
            }
        }
        return best;
    }
}
