package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.LittleEndian.float16;
import static dev.lectern.engine.internal.quant.PackedBits.plane;

import java.lang.foreign.MemorySegment;

/// `TQ2_0`: 256 weights of -1, 0 or 1, four a byte, in 66 bytes with one scale (ggml `block_tq2_0`).
///
/// ```
///   0                                              64       66
///   +----------------------------------------------+--------+
///   | quants: 2 planes of 2 bits, 32 bytes each:   | scale  |
///   | weights 0 … 127 and 128 … 255                | f16    |
///   +----------------------------------------------+--------+
/// ```
///
/// A weight is `scale * (quant - 1)`.
public final class TQ2_0Layout {
    public static final int BLOCK_WEIGHTS = 256;
    public static final int BLOCK_BYTES = 66;
    public static final int QUANTS_OFFSET = 0;
    public static final int SCALE_OFFSET = 64;
    public static final int ZERO_POINT = 1;

    /// Bytes of a plane of 128 weights.
    public static final int PLANE_BYTES = 32;

    private TQ2_0Layout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        float scale = float16(data, block + SCALE_OFFSET);
        for (int i = 0; i < BLOCK_WEIGHTS; i++) {
            long quants = block + QUANTS_OFFSET + i / 128 * PLANE_BYTES;
            weights[at + i] = scale * (plane(data, quants, PLANE_BYTES, 2, i % 128) - ZERO_POINT);
        }
    }
}
