package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.LittleEndian.float16;
import static dev.lectern.engine.internal.quant.LittleEndian.int32;
import static dev.lectern.engine.internal.quant.LittleEndian.unsignedByte;

import java.lang.foreign.MemorySegment;

/// `IQ3_XXS`: 256 weights in 98 bytes, 8 groups of 32 with a scale each (ggml `block_iq3_xxs`).
///
/// ```
///   0        2                    66                                 98
///   +--------+--------------------+-----------------------------------+
///   | scale  | grid entries of    | 8 times u32, for 32 weights each: |
///   | f16    | 4 weights each     | 4 times 7 bits of signs, then in  |
///   |        |                    | the highest 4 bits the scale      |
///   +--------+--------------------+-----------------------------------+
/// ```
///
/// A weight is `scale * (groupScale + 1/2) / 2` times its magnitude in [CodeGrid#IQ3_XXS], with its sign of
/// [GridSigns#ofSeven].
public final class IQ3_XXSLayout {
    public static final int BLOCK_WEIGHTS = 256;
    public static final int BLOCK_BYTES = 98;
    public static final int GROUP_WEIGHTS = 32;
    public static final int SCALE_OFFSET = 0;
    public static final int QUANTS_OFFSET = 2;
    public static final int GROUPS_OFFSET = 66;

    private IQ3_XXSLayout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        float scale = float16(data, block + SCALE_OFFSET);
        for (int i = 0; i < BLOCK_WEIGHTS; i++) {
            int scaleAndSigns = int32(data, block + GROUPS_OFFSET + i / GROUP_WEIGHTS * Integer.BYTES);
            float groupScale = scale * (0.5f + (scaleAndSigns >>> 28)) * 0.5f;
            int signs = GridSigns.ofSeven(scaleAndSigns >>> 7 * (i % GROUP_WEIGHTS / 8));
            int magnitude = CodeGrid.IQ3_XXS.value(unsignedByte(data, block + QUANTS_OFFSET + i / 4), i % 4);
            weights[at + i] = GridSigns.apply(signs, i % 8, groupScale * magnitude);
        }
    }
}
