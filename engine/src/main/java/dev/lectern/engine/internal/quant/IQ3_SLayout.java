package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.LittleEndian.float16;
import static dev.lectern.engine.internal.quant.LittleEndian.unsignedByte;
import static dev.lectern.engine.internal.quant.PackedBits.field;

import java.lang.foreign.MemorySegment;

/// `IQ3_S`: 256 weights in 110 bytes, 8 groups of 32 with a scale each (ggml `block_iq3_s`).
///
/// ```
///   0        2                 66              74               106               110
///   +--------+-----------------+---------------+----------------+-----------------+
///   | scale  | grid entries of | ninth bits of | signs of       | group scales:   |
///   | f16    | 4 weights each, | grid entries, | 8 weights each | nibbles, side by|
///   |        | low 8 bits      | side by side  |                | side            |
///   +--------+-----------------+---------------+----------------+-----------------+
/// ```
///
/// A weight is `scale * (2 * groupScale + 1)` times its magnitude in [CodeGrid#IQ3_S], with its sign.
public final class IQ3_SLayout {
    public static final int BLOCK_WEIGHTS = 256;
    public static final int BLOCK_BYTES = 110;
    public static final int GROUP_WEIGHTS = 32;
    public static final int SCALE_OFFSET = 0;
    public static final int QUANTS_OFFSET = 2;
    public static final int HIGH_OFFSET = 66;
    public static final int SIGNS_OFFSET = 74;
    public static final int GROUPS_OFFSET = 106;

    private IQ3_SLayout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        float scale = float16(data, block + SCALE_OFFSET);
        for (int i = 0; i < BLOCK_WEIGHTS; i++) {
            float groupScale = scale * (1 + 2 * field(data, block + GROUPS_OFFSET, 4, i / GROUP_WEIGHTS));
            int entry =
                    unsignedByte(data, block + QUANTS_OFFSET + i / 4) | field(data, block + HIGH_OFFSET, 1, i / 4) << 8;
            int signs = unsignedByte(data, block + SIGNS_OFFSET + i / 8);
            weights[at + i] = GridSigns.apply(signs, i % 8, groupScale * CodeGrid.IQ3_S.value(entry, i % 4));
        }
    }
}
