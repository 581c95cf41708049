package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.LittleEndian.unsignedByte;
import static dev.lectern.engine.internal.quant.PackedBits.plane;

import java.lang.foreign.MemorySegment;

/// `MXFP4`: 32 floats of 4 bits in 17 bytes, with a power of two as scale (ggml `block_mxfp4`; OCP Microscaling
/// Formats 1.0).
///
/// ```
///   0      1                                17
///   +------+---------------------------------+
///   | e8m0 | codes: 16 bytes, 2 per byte     |
///   | u8   | low nibble  = weights  0 … 15   |
///   |      | high nibble = weights 16 … 31   |
///   +------+---------------------------------+
/// ```
///
/// A weight is `2^(e8m0 - 127)` times the [E2M1] value of its code; computed as half the scale times twice the value,
/// since both are exact. ggml takes the exponent 255, the standard's NaN, as a number too.
public final class MXFP4Layout {
    public static final int BLOCK_WEIGHTS = 32;
    public static final int BLOCK_BYTES = 17;
    public static final int SCALE_OFFSET = 0;
    public static final int QUANTS_OFFSET = 1;

    private MXFP4Layout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        float halfScale = halfScale(unsignedByte(data, block + SCALE_OFFSET));
        for (int i = 0; i < BLOCK_WEIGHTS; i++) {
            int code = plane(data, block + QUANTS_OFFSET, BLOCK_WEIGHTS / 2, 4, i);
            weights[at + i] = halfScale * E2M1.doubled(code);
        }
    }

    /// `2^(e8m0 - 128)`; the smallest two are subnormal.
    public static float halfScale(int e8m0) {
        return Float.intBitsToFloat(e8m0 < 2 ? 0x0020_0000 << e8m0 : e8m0 - 1 << 23);
    }
}
