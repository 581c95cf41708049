package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.LittleEndian.float16;
import static dev.lectern.engine.internal.quant.PackedBits.field;
import static dev.lectern.engine.internal.quant.PackedBits.plane;

import java.lang.foreign.MemorySegment;

/// `Q5_0`: 32 weights in 22 bytes, one scale, no offset (ggml `block_q5_0`).
///
/// ```
///   0        2              6                                22
///   +--------+--------------+---------------------------------+
///   | scale  | fifth bits   | low bits: 16 bytes, 2 per byte  |
///   | f16    | u32, bit i = | low nibble  = weights  0 … 15   |
///   |        | weight i     | high nibble = weights 16 … 31   |
///   +--------+--------------+---------------------------------+
/// ```
///
/// A weight is `scale * (fiveBits - 16)`.
public final class Q5_0Layout {
    public static final int BLOCK_WEIGHTS = 32;
    public static final int BLOCK_BYTES = 22;
    public static final int SCALE_OFFSET = 0;
    public static final int HIGH_OFFSET = 2;
    public static final int QUANTS_OFFSET = 6;
    public static final int ZERO_POINT = 16;

    private Q5_0Layout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        float scale = float16(data, block + SCALE_OFFSET);
        for (int i = 0; i < BLOCK_WEIGHTS; i++) {
            int quant = plane(data, block + QUANTS_OFFSET, BLOCK_WEIGHTS / 2, 4, i)
                    | field(data, block + HIGH_OFFSET, 1, i) << 4;
            weights[at + i] = scale * (quant - ZERO_POINT);
        }
    }
}
