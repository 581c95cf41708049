package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.LittleEndian.float16;
import static dev.lectern.engine.internal.quant.LittleEndian.signedByte;

import java.lang.foreign.MemorySegment;

/// `Q8_0`: 32 weights in 34 bytes, one scale, no offset (ggml `block_q8_0`).
///
/// ```
///   0        2                       34
///   +--------+------------------------+
///   | scale  | quants: 32 signed      |
///   | f16    | bytes, weights 0 … 31  |
///   +--------+------------------------+
/// ```
///
/// A weight is `scale * quant`.
public final class Q8_0Layout {
    public static final int BLOCK_WEIGHTS = 32;
    public static final int BLOCK_BYTES = 34;
    public static final int SCALE_OFFSET = 0;
    public static final int QUANTS_OFFSET = 2;

    private Q8_0Layout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        float scale = float16(data, block + SCALE_OFFSET);
        for (int i = 0; i < BLOCK_WEIGHTS; i++) {
            weights[at + i] = scale * signedByte(data, block + QUANTS_OFFSET + i);
        }
    }
}
