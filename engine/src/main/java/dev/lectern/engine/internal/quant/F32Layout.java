package dev.lectern.engine.internal.quant;

import java.lang.foreign.MemorySegment;

/// `F32`: IEEE 754 binary32, little-endian.
///
/// ```
///   0                          4
///   +--------------------------+
///   | sign 1 | exp 8 | frac 23 |
///   +--------------------------+
/// ```
public final class F32Layout {
    public static final int BYTES = 4;

    private F32Layout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        weights[at] = data.get(LittleEndian.FLOAT, block);
    }
}
