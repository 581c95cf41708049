package dev.lectern.engine.internal.quant;

import java.lang.foreign.MemorySegment;

/// `E8M0`: a power of two in a byte, the scale of microscaling formats (OCP Microscaling Formats 1.0).
///
/// ```
///   0       1
///   +-------+
///   | exp 8 |      2^(exp - 127); 255: NaN
///   +-------+
/// ```
public final class E8M0Layout {
    public static final int BYTES = 1;

    private static final int NAN = 0xFF;

    private E8M0Layout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        int exponent = LittleEndian.unsignedByte(data, block);
        weights[at] = exponent == NAN ? Float.NaN : 2 * MXFP4Layout.halfScale(exponent);
    }
}
