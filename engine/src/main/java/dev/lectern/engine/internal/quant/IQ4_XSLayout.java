package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.LittleEndian.float16;
import static dev.lectern.engine.internal.quant.PackedBits.field;
import static dev.lectern.engine.internal.quant.PackedBits.plane;

import java.lang.foreign.MemorySegment;

/// `IQ4_XS`: 256 weights in 136 bytes, 8 groups of 32 with a scale each (ggml `block_iq4_xs`).
///
/// ```
///   0        2                4                8                              136
///   +--------+----------------+----------------+--------------------------------+
///   | scale  | high 2 bits of | low nibbles of | codes: 8 planes of 4 bits,     |
///   | f16    | group scales,  | group scales,  | 16 bytes each: weights 0 … 31, |
///   |        | side by side   | side by side   | 32 … 63, …                     |
///   +--------+----------------+----------------+--------------------------------+
/// ```
///
/// A weight is `scale * (groupScale - 32) * level(code)`, with the levels of [IQ4_NLLayout].
public final class IQ4_XSLayout {
    public static final int BLOCK_WEIGHTS = 256;
    public static final int BLOCK_BYTES = 136;
    public static final int GROUP_WEIGHTS = 32;
    public static final int SCALE_OFFSET = 0;
    public static final int GROUPS_HIGH_OFFSET = 2;
    public static final int GROUPS_LOW_OFFSET = 4;
    public static final int QUANTS_OFFSET = 8;
    public static final int GROUP_ZERO_POINT = 32;

    /// Bytes of a plane of 32 weights.
    public static final int PLANE_BYTES = 16;

    private IQ4_XSLayout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        float scale = float16(data, block + SCALE_OFFSET);
        for (int i = 0; i < BLOCK_WEIGHTS; i++) {
            int group = i / GROUP_WEIGHTS;
            long codes = block + QUANTS_OFFSET + group * PLANE_BYTES;
            int level = IQ4_NLLayout.level(plane(data, codes, PLANE_BYTES, 4, i % GROUP_WEIGHTS));
            weights[at + i] = scale * groupScale(data, block, group) * level;
        }
    }

    /// Scale of a group of the block, -32 to 31.
    static int groupScale(MemorySegment data, long block, int group) {
        int stored = field(data, block + GROUPS_LOW_OFFSET, 4, group)
                | field(data, block + GROUPS_HIGH_OFFSET, 2, group) << 4;
        return stored - GROUP_ZERO_POINT;
    }
}
