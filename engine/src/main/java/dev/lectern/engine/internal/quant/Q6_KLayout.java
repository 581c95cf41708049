package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.LittleEndian.float16;
import static dev.lectern.engine.internal.quant.LittleEndian.signedByte;
import static dev.lectern.engine.internal.quant.PackedBits.plane;

import java.lang.foreign.MemorySegment;

/// `Q6_K`: 256 weights in 210 bytes, 16 groups of 16 with a scale each (ggml `block_q6_K`).
///
/// ```
///   0                            128                           192              208      210
///   +----------------------------+-----------------------------+----------------+--------+
///   | low bits: 2 planes of      | high bits: 2 planes of      | group scales:  | scale  |
///   | 4 bits, 64 bytes each:     | 2 bits, 32 bytes each:      | 16 signed      | f16    |
///   | weights 0 … 127, 128 … 255 | weights 0 … 127, 128 … 255  | bytes          |        |
///   +----------------------------+-----------------------------+----------------+--------+
/// ```
///
/// A weight is `scale * groupScale * (sixBits - 32)`.
public final class Q6_KLayout {
    public static final int BLOCK_WEIGHTS = 256;
    public static final int BLOCK_BYTES = 210;
    public static final int GROUP_WEIGHTS = 16;
    public static final int QUANTS_OFFSET = 0;
    public static final int HIGH_OFFSET = 128;
    public static final int GROUPS_OFFSET = 192;
    public static final int SCALE_OFFSET = 208;
    public static final int ZERO_POINT = 32;

    /// Bytes of the low bits of 128 weights.
    public static final int PLANE_BYTES = 64;
    /// Bytes of the high bits of 128 weights.
    public static final int HIGH_PLANE_BYTES = 32;

    private Q6_KLayout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        float scale = float16(data, block + SCALE_OFFSET);
        for (int i = 0; i < BLOCK_WEIGHTS; i++) {
            long quants = block + QUANTS_OFFSET + i / 128 * PLANE_BYTES;
            long high = block + HIGH_OFFSET + i / 128 * HIGH_PLANE_BYTES;
            int quant =
                    plane(data, quants, PLANE_BYTES, 4, i % 128) | plane(data, high, HIGH_PLANE_BYTES, 2, i % 128) << 4;
            float groupScale = scale * signedByte(data, block + GROUPS_OFFSET + i / GROUP_WEIGHTS);
            weights[at + i] = groupScale * (quant - ZERO_POINT);
        }
    }
}
