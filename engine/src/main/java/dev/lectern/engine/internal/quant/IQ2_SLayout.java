package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.LittleEndian.float16;
import static dev.lectern.engine.internal.quant.LittleEndian.unsignedByte;
import static dev.lectern.engine.internal.quant.PackedBits.field;

import java.lang.foreign.MemorySegment;

/// `IQ2_S`: 256 weights in 82 bytes, 16 groups of 16 with a scale each (ggml `block_iq2_s`).
///
/// ```
///   0        2                 34               66               74                82
///   +--------+-----------------+----------------+----------------+-----------------+
///   | scale  | grid entries of | signs of       | high 2 bits of | group scales:   |
///   | f16    | 8 weights each, | 8 weights each | grid entries,  | nibbles, side by|
///   |        | low 8 bits      |                | side by side   | side            |
///   +--------+-----------------+----------------+----------------+-----------------+
/// ```
///
/// A weight is `scale * (groupScale + 1/2) / 4` times its magnitude in [CodeGrid#IQ2_S], with its sign.
public final class IQ2_SLayout {
    public static final int BLOCK_WEIGHTS = 256;
    public static final int BLOCK_BYTES = 82;
    public static final int GROUP_WEIGHTS = 16;
    public static final int SCALE_OFFSET = 0;
    public static final int QUANTS_OFFSET = 2;
    public static final int SIGNS_OFFSET = 34;
    public static final int HIGH_OFFSET = 66;
    public static final int GROUPS_OFFSET = 74;

    private IQ2_SLayout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        float scale = float16(data, block + SCALE_OFFSET);
        for (int i = 0; i < BLOCK_WEIGHTS; i++) {
            float groupScale = scale * (0.5f + field(data, block + GROUPS_OFFSET, 4, i / GROUP_WEIGHTS)) * 0.25f;
            int entry =
                    unsignedByte(data, block + QUANTS_OFFSET + i / 8) | field(data, block + HIGH_OFFSET, 2, i / 8) << 8;
            int signs = unsignedByte(data, block + SIGNS_OFFSET + i / 8);
            weights[at + i] = GridSigns.apply(signs, i % 8, groupScale * CodeGrid.IQ2_S.value(entry, i % 8));
        }
    }
}
