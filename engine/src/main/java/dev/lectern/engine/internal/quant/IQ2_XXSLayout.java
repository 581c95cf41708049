package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.LittleEndian.float16;
import static dev.lectern.engine.internal.quant.LittleEndian.int32;
import static dev.lectern.engine.internal.quant.LittleEndian.unsignedByte;

import java.lang.foreign.MemorySegment;

/// `IQ2_XXS`: 256 weights in 66 bytes, 8 groups of 32 of 8 bytes each (ggml `block_iq2_xxs`).
///
/// ```
///   0        2                                 66
///   +--------+-------+-------+-----+-----------+        group: 4 bytes, the grid entries of 8 weights each;
///   | scale  | group | group |  …  | group     |               u32, 4 times 7 bits of signs, then in the
///   | f16    | 0     | 1     |     | 7         |               highest 4 bits the group's scale
///   +--------+-------+-------+-----+-----------+
/// ```
///
/// A weight is `scale * (groupScale + 1/2) / 4` times its magnitude in [CodeGrid#IQ2_XXS], with its sign of
/// [GridSigns#ofSeven].
public final class IQ2_XXSLayout {
    public static final int BLOCK_WEIGHTS = 256;
    public static final int BLOCK_BYTES = 66;
    public static final int GROUP_WEIGHTS = 32;
    public static final int GROUP_BYTES = 8;
    public static final int SCALE_OFFSET = 0;
    public static final int GROUPS_OFFSET = 2;

    private IQ2_XXSLayout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        float scale = float16(data, block + SCALE_OFFSET);
        for (int i = 0; i < BLOCK_WEIGHTS; i++) {
            long group = block + GROUPS_OFFSET + i / GROUP_WEIGHTS * GROUP_BYTES;
            int octet = i % GROUP_WEIGHTS / 8;
            int scaleAndSigns = int32(data, group + 4);
            float groupScale = scale * (0.5f + (scaleAndSigns >>> 28)) * 0.25f;
            int magnitude = CodeGrid.IQ2_XXS.value(unsignedByte(data, group + octet), i % 8);
            weights[at + i] =
                    GridSigns.apply(GridSigns.ofSeven(scaleAndSigns >>> 7 * octet), i % 8, groupScale * magnitude);
        }
    }
}
