package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.LittleEndian.float16;
import static dev.lectern.engine.internal.quant.PackedBits.plane;

import java.lang.foreign.MemorySegment;

/// `Q3_K`: 256 weights in 110 bytes, 16 groups of 16 with a scale each (ggml `block_q3_K`).
///
/// ```
///   0                32                            96                    108      110
///   +----------------+-----------------------------+---------------------+--------+
///   | third bits:    | low bits: 2 planes of       | group scales, 6 bits| scale  |
///   | 1 plane of     | 2 bits, 32 bytes each:      | 8 bytes low nibbles,| f16    |
///   | 1 bit,         | weights 0 … 127             | 4 bytes high 2 bits |        |
///   | weights 0 … 255| and 128 … 255               | (both planes)       |        |
///   +----------------+-----------------------------+---------------------+--------+
/// ```
///
/// A weight is `scale * (groupScale - 32) * (threeBits - 4)`.
public final class Q3_KLayout {
    public static final int BLOCK_WEIGHTS = 256;
    public static final int BLOCK_BYTES = 110;
    public static final int GROUP_WEIGHTS = 16;
    public static final int HIGH_OFFSET = 0;
    public static final int QUANTS_OFFSET = 32;
    public static final int GROUPS_OFFSET = 96;
    public static final int SCALE_OFFSET = 108;
    public static final int ZERO_POINT = 4;
    public static final int GROUP_ZERO_POINT = 32;

    /// Bytes of a plane, of 256 weights for the third bits and 128 for the low ones.
    public static final int PLANE_BYTES = 32;

    private Q3_KLayout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        float scale = float16(data, block + SCALE_OFFSET);
        for (int i = 0; i < BLOCK_WEIGHTS; i++) {
            long quants = block + QUANTS_OFFSET + i / 128 * PLANE_BYTES;
            int quant = plane(data, quants, PLANE_BYTES, 2, i % 128)
                    | plane(data, block + HIGH_OFFSET, PLANE_BYTES, 1, i) << 2;
            int groupScale = groupScale(data, block + GROUPS_OFFSET, i / GROUP_WEIGHTS);
            weights[at + i] = scale * (groupScale - GROUP_ZERO_POINT) * (quant - ZERO_POINT);
        }
    }

    private static int groupScale(MemorySegment data, long groups, int group) {
        return plane(data, groups, 8, 4, group) | plane(data, groups + 8, 4, 2, group) << 4;
    }
}
