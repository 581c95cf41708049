package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.LittleEndian.float16;
import static dev.lectern.engine.internal.quant.PackedBits.plane;

import java.lang.foreign.MemorySegment;

/// `IQ4_NL`: 32 weights in 18 bytes, one scale, levels that are not evenly spaced (ggml `block_iq4_nl`).
///
/// ```
///   0        2                                18
///   +--------+---------------------------------+
///   | scale  | codes: 16 bytes, 2 per byte     |
///   | f16    | low nibble  = weights  0 … 15   |
///   |        | high nibble = weights 16 … 31   |
///   +--------+---------------------------------+
/// ```
///
/// A weight is `scale * level(code)`.
public final class IQ4_NLLayout {
    public static final int BLOCK_WEIGHTS = 32;
    public static final int BLOCK_BYTES = 18;
    public static final int SCALE_OFFSET = 0;
    public static final int QUANTS_OFFSET = 2;

    private static final byte[] LEVELS = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

    private IQ4_NLLayout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        float scale = float16(data, block + SCALE_OFFSET);
        for (int i = 0; i < BLOCK_WEIGHTS; i++) {
            weights[at + i] = scale * level(plane(data, block + QUANTS_OFFSET, BLOCK_WEIGHTS / 2, 4, i));
        }
    }

    /// What a code from 0 to 15 stands for; also in `IQ4_XS` (ggml `kvalues_iq4nl`).
    static int level(int code) {
        return LEVELS[code];
    }

    /// All codes' levels.
    public static byte[] levels() {
        return LEVELS.clone();
    }
}
