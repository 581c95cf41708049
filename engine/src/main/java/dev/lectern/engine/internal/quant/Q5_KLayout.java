package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.LittleEndian.float16;
import static dev.lectern.engine.internal.quant.PackedBits.plane;

import java.lang.foreign.MemorySegment;

/// `Q5_K`: 256 weights in 176 bytes, 8 groups of 32 with a scale and a minimum each (ggml `block_q5_K`).
///
/// ```
///   0        2         4                16               48                               176
///   +--------+---------+----------------+----------------+----------------------------------+
///   | scale  | minimum | group scales   | fifth bits:    | low bits: 4 planes of 4 bits,    |
///   | f16    | f16     | and minima,    | 1 plane of     | 32 bytes each: weights 0 … 63,   |
///   |        |         | [SixBitScales] | 1 bit          | 64 … 127, 128 … 191, 192 … 255   |
///   +--------+---------+----------------+----------------+----------------------------------+
/// ```
///
/// A weight is `scale * groupScale * fiveBits - minimum * groupMinimum`, each product rounded.
public final class Q5_KLayout {
    public static final int BLOCK_WEIGHTS = 256;
    public static final int BLOCK_BYTES = 176;
    public static final int GROUP_WEIGHTS = 32;
    public static final int SCALE_OFFSET = 0;
    public static final int MINIMUM_OFFSET = 2;
    public static final int GROUPS_OFFSET = 4;
    public static final int HIGH_OFFSET = 16;
    public static final int QUANTS_OFFSET = 48;

    /// Bytes of a plane, of 256 weights for the fifth bits and 64 for the low ones.
    public static final int PLANE_BYTES = 32;

    private Q5_KLayout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        float scale = float16(data, block + SCALE_OFFSET);
        float minimum = float16(data, block + MINIMUM_OFFSET);
        for (int i = 0; i < BLOCK_WEIGHTS; i++) {
            float groupScale = scale * SixBitScales.scale(data, block + GROUPS_OFFSET, i / GROUP_WEIGHTS);
            float groupMinimum = minimum * SixBitScales.minimum(data, block + GROUPS_OFFSET, i / GROUP_WEIGHTS);
            long quants = block + QUANTS_OFFSET + i / 64 * PLANE_BYTES;
            int quant = plane(data, quants, PLANE_BYTES, 4, i % 64)
                    | plane(data, block + HIGH_OFFSET, PLANE_BYTES, 1, i) << 4;
            weights[at + i] = groupScale * quant - groupMinimum;
        }
    }
}
