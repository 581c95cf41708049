package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.LittleEndian.float16;
import static dev.lectern.engine.internal.quant.PackedBits.plane;

import java.lang.foreign.MemorySegment;

/// `Q4_1`: 32 weights in 20 bytes, one scale and one minimum (ggml `block_q4_1`).
///
/// ```
///   0        2         4                                20
///   +--------+---------+---------------------------------+
///   | scale  | minimum | quants: 16 bytes, 2 per byte    |
///   | f16    | f16     | low nibble  = weights  0 … 15   |
///   |        |         | high nibble = weights 16 … 31   |
///   +--------+---------+---------------------------------+
/// ```
///
/// A weight is `scale * nibble + minimum`, rounded twice.
public final class Q4_1Layout {
    public static final int BLOCK_WEIGHTS = 32;
    public static final int BLOCK_BYTES = 20;
    public static final int SCALE_OFFSET = 0;
    public static final int MINIMUM_OFFSET = 2;
    public static final int QUANTS_OFFSET = 4;

    private Q4_1Layout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        float scale = float16(data, block + SCALE_OFFSET);
        float minimum = float16(data, block + MINIMUM_OFFSET);
        for (int i = 0; i < BLOCK_WEIGHTS; i++) {
            weights[at + i] = scale * plane(data, block + QUANTS_OFFSET, BLOCK_WEIGHTS / 2, 4, i) + minimum;
        }
    }
}
