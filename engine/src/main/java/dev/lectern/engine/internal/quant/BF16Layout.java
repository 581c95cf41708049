package dev.lectern.engine.internal.quant;

import java.lang.foreign.MemorySegment;

/// `BF16`: the upper half of a float32, little-endian. Every value is exact in float32.
///
/// ```
///   0                         2
///   +-------------------------+
///   | sign 1 | exp 8 | frac 7 |
///   +-------------------------+
/// ```
public final class BF16Layout {
    public static final int BYTES = 2;
    /// A weight's bits, shifted left by this, are the float32's.
    public static final int SHIFT = 16;

    private BF16Layout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        weights[at] = Float.intBitsToFloat(LittleEndian.unsignedShort(data, block) << SHIFT);
    }
}
