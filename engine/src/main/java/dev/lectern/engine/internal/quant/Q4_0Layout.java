package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.LittleEndian.float16;
import static dev.lectern.engine.internal.quant.PackedBits.plane;

import java.lang.foreign.MemorySegment;

/// `Q4_0`: 32 weights in 18 bytes, one scale, no offset (ggml `block_q4_0`).
///
/// ```
///   0        2                                18
///   +--------+---------------------------------+
///   | scale  | quants: 16 bytes, 2 per byte    |
///   | f16    | low nibble  = weights  0 … 15   |
///   |        | high nibble = weights 16 … 31   |
///   +--------+---------------------------------+
/// ```
///
/// A weight is `scale * (nibble - 8)`. This class is the only place that knows the layout: the vector kernels take
/// their offsets from here, and [WeightDecoder#decode] is the oracle that they are tested against. So it is with all
/// Layout classes; numbers of several bytes are little-endian in all of them.
public final class Q4_0Layout {
    public static final int BLOCK_WEIGHTS = 32;
    public static final int BLOCK_BYTES = 18;
    public static final int SCALE_OFFSET = 0;
    public static final int QUANTS_OFFSET = 2;
    public static final int ZERO_POINT = 8;

    private Q4_0Layout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        float scale = float16(data, block + SCALE_OFFSET);
        for (int i = 0; i < BLOCK_WEIGHTS; i++) {
            weights[at + i] = scale * (plane(data, block + QUANTS_OFFSET, BLOCK_WEIGHTS / 2, 4, i) - ZERO_POINT);
        }
    }
}
