package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.LittleEndian.unsignedByte;
import static dev.lectern.engine.internal.quant.PackedBits.plane;

import java.lang.foreign.MemorySegment;

/// `NVFP4`: 64 floats of 4 bits in 36 bytes, 4 groups of 16 with a scale each (ggml `block_nvfp4`).
///
/// ```
///   0              4                                                     36
///   +--------------+------------------------------------------------------+
///   | group scales | codes: 4 planes of 4 bits, 8 bytes each: weights     |
///   | 4 bytes UE4M3| 0 … 15, 16 … 31, 32 … 47, 48 … 63                    |
///   +--------------+------------------------------------------------------+
/// ```
///
/// A weight is its group's scale, an unsigned float of 4 bits of exponent (bias 7) and 3 of mantissa, times the [E2M1]
/// value of its code. The scale 0x7F is zero.
public final class NVFP4Layout {
    public static final int BLOCK_WEIGHTS = 64;
    public static final int BLOCK_BYTES = 36;
    public static final int GROUP_WEIGHTS = 16;
    public static final int SCALES_OFFSET = 0;
    public static final int QUANTS_OFFSET = 4;

    /// Bytes of a plane of 16 weights.
    public static final int PLANE_BYTES = 8;

    private NVFP4Layout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        for (int i = 0; i < BLOCK_WEIGHTS; i++) {
            int group = i / GROUP_WEIGHTS;
            float halfScale = halfScale(unsignedByte(data, block + SCALES_OFFSET + group));
            long codes = block + QUANTS_OFFSET + group * PLANE_BYTES;
            weights[at + i] = halfScale * E2M1.doubled(plane(data, codes, PLANE_BYTES, 4, i % GROUP_WEIGHTS));
        }
    }

    /// Half of what a group's scale stands for.
    public static float halfScale(int ue4m3) {
        if (ue4m3 == 0x7F) {
            return 0;
        }
        int exponent = ue4m3 >>> 3 & 0xF;
        int mantissa = ue4m3 & 7;
        return exponent == 0 ? mantissa * 0x1p-10f : Math.scalb(8f + mantissa, exponent - 11);
    }
}
