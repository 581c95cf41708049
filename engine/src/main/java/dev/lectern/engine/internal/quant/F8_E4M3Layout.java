package dev.lectern.engine.internal.quant;

import java.lang.foreign.MemorySegment;

/// `F8_E4M3`: floats of 8 bits without infinities (OCP 8-bit Floating Point 1.0; torch's `float8_e4m3fn`). Every
/// value is exact in float32.
///
/// ```
///   0                        1
///   +------------------------+
///   | sign 1 | exp 4 | frac 3 |      bias 7; all bits of exponent and fraction set: NaN
///   +------------------------+
/// ```
///
/// Checkpoints keep scales beside it, in a tensor of their own.
public final class F8_E4M3Layout {
    public static final int BYTES = 1;
    /// Exponent and fraction, shifted left by this, are a float32's whose exponent is biased by 120 too little.
    public static final int SHIFT = 20;
    /// Makes up for it.
    public static final float BIAS = 0x1p120f;

    /// Exponent and fraction of NaN.
    public static final int NAN = 0x7F;

    private F8_E4M3Layout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        int bits = LittleEndian.unsignedByte(data, block);
        int magnitude = bits & NAN;
        float value = magnitude == NAN ? Float.NaN : Float.intBitsToFloat(magnitude << SHIFT) * BIAS;
        weights[at] = bits == magnitude ? value : -value;
    }
}
