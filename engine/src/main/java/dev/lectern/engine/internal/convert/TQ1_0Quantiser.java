package dev.lectern.engine.internal.convert;

import static dev.lectern.engine.internal.quant.TQ1_0Layout.BLOCK_BYTES;
import static dev.lectern.engine.internal.quant.TQ1_0Layout.BLOCK_WEIGHTS;
import static dev.lectern.engine.internal.quant.TQ1_0Layout.QUANTS_OFFSET;
import static dev.lectern.engine.internal.quant.TQ1_0Layout.SCALE_OFFSET;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/// To `TQ1_0`; the scale as in [TQ2_0Quantiser].
final class TQ1_0Quantiser implements RowQuantiser {
    private static final int DIGITS = 5;
    private static final int NUMBERS = 243;

    private final ScaledBlock block =
            new ScaledBlock(BLOCK_WEIGHTS, new Levels.Range(-1, 1), ScaleSearch.grid(0.8, 4, 32));

    @Override
    public void quantise(float[] weights, int at, int count, MemorySegment out, long offset) {
        for (int done = 0; done < count; done += BLOCK_WEIGHTS, offset += BLOCK_BYTES) {
            block.fit(weights, at + done);
            Halves.put(out, offset + SCALE_OFFSET, block.scale);
            putSection(0, 32, DIGITS, out, offset + QUANTS_OFFSET);
            putSection(160, 16, DIGITS, out, offset + QUANTS_OFFSET + 32);
            putSection(240, 4, DIGITS - 1, out, offset + QUANTS_OFFSET + 48);
        }
    }

    /// The first digits of all bytes are the section's first weights, then come all second ones.
    private void putSection(int from, int bytes, int digits, MemorySegment out, long offset) {
        for (int b = 0; b < bytes; b++) {
            int number = 0;
            for (int digit = 0; digit < DIGITS; digit++) {
                number = number * 3 + (digit < digits ? block.quants[from + digit * bytes + b] : 0);
            }
            out.set(JAVA_BYTE, offset + b, (byte) Math.ceilDiv(number << Byte.SIZE, NUMBERS));
        }
    }
}
