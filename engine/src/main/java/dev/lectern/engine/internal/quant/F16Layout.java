package dev.lectern.engine.internal.quant;

import java.lang.foreign.MemorySegment;

/// `F16`: IEEE 754 binary16, little-endian. Every value is exact in float32.
///
/// ```
///   0                          2
///   +--------------------------+
///   | sign 1 | exp 5 | frac 10 |
///   +--------------------------+
/// ```
public final class F16Layout {
    public static final int BYTES = 2;

    private F16Layout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        weights[at] = LittleEndian.float16(data, block);
    }
}
