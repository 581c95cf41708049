package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.LittleEndian.float16;
import static dev.lectern.engine.internal.quant.LittleEndian.unsignedByte;
import static dev.lectern.engine.internal.quant.PackedBits.plane;

import java.lang.foreign.MemorySegment;

/// `Q2_K`: 256 weights in 84 bytes, 16 groups of 16 with a scale and a minimum each (ggml `block_q2_K`).
///
/// ```
///   0                    16                            80       82       84
///   +--------------------+-----------------------------+--------+--------+
///   | groups: 16 bytes,  | quants: 2 planes of 2 bits, | scale  | minimum|
///   | low nibble scale,  | 32 bytes each: weights      | f16    | f16    |
///   | high nibble minimum| 0 … 127 and 128 … 255       |        |        |
///   +--------------------+-----------------------------+--------+--------+
/// ```
///
/// A weight is `scale * groupScale * quant - minimum * groupMinimum`, each product rounded.
public final class Q2_KLayout {
    public static final int BLOCK_WEIGHTS = 256;
    public static final int BLOCK_BYTES = 84;
    public static final int GROUP_WEIGHTS = 16;
    public static final int GROUPS_OFFSET = 0;
    public static final int QUANTS_OFFSET = 16;
    public static final int SCALE_OFFSET = 80;
    public static final int MINIMUM_OFFSET = 82;

    /// Bytes of a plane of 128 weights.
    public static final int PLANE_BYTES = 32;

    private Q2_KLayout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        float scale = float16(data, block + SCALE_OFFSET);
        float minimum = float16(data, block + MINIMUM_OFFSET);
        for (int i = 0; i < BLOCK_WEIGHTS; i++) {
            int group = unsignedByte(data, block + GROUPS_OFFSET + i / GROUP_WEIGHTS);
            long quants = block + QUANTS_OFFSET + i / 128 * PLANE_BYTES;
            int quant = plane(data, quants, PLANE_BYTES, 2, i % 128);
            weights[at + i] = scale * (group & 0xF) * quant - minimum * (group >>> 4);
        }
    }
}
