package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.LittleEndian.float16;
import static dev.lectern.engine.internal.quant.LittleEndian.unsignedShort;
import static dev.lectern.engine.internal.quant.PackedBits.field;

import java.lang.foreign.MemorySegment;

/// `IQ2_XS`: 256 weights in 74 bytes, 16 groups of 16 with a scale each (ggml `block_iq2_xs`).
///
/// ```
///   0        2                                       66                74
///   +--------+---------------------------------------+-----------------+
///   | scale  | 32 times u16, for 8 weights each:     | group scales:   |
///   | f16    | 7 bits of signs above 9 of grid entry | nibbles, side by|
///   |        |                                       | side            |
///   +--------+---------------------------------------+-----------------+
/// ```
///
/// A weight is `scale * (groupScale + 1/2) / 4` times its magnitude in [CodeGrid#IQ2_XS], with its sign of
/// [GridSigns#ofSeven].
public final class IQ2_XSLayout {
    public static final int BLOCK_WEIGHTS = 256;
    public static final int BLOCK_BYTES = 74;
    public static final int GROUP_WEIGHTS = 16;
    public static final int SCALE_OFFSET = 0;
    public static final int QUANTS_OFFSET = 2;
    public static final int GROUPS_OFFSET = 66;

    private IQ2_XSLayout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        float scale = float16(data, block + SCALE_OFFSET);
        for (int i = 0; i < BLOCK_WEIGHTS; i++) {
            float groupScale = scale * (0.5f + field(data, block + GROUPS_OFFSET, 4, i / GROUP_WEIGHTS)) * 0.25f;
            int code = unsignedShort(data, block + QUANTS_OFFSET + i / 8 * 2);
            int magnitude = CodeGrid.IQ2_XS.value(code & 0x1FF, i % 8);
            weights[at + i] = GridSigns.apply(GridSigns.ofSeven(code >>> 9), i % 8, groupScale * magnitude);
        }
    }
}
