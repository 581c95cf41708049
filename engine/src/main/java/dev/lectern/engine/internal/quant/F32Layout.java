package dev.lectern.engine.internal.quant;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

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
    private static final ValueLayout.OfFloat FLOAT = JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private F32Layout() {}

    /// Copies `count` weights from `offset` (bytes) on to `weights[weightsOffset]` and after.
    static void decode(MemorySegment data, long offset, float[] weights, int weightsOffset, int count) {
        MemorySegment.copy(data, FLOAT, offset, weights, weightsOffset, count);
    }
}
