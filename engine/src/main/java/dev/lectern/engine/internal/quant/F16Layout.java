package dev.lectern.engine.internal.quant;

import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

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
    private static final ValueLayout.OfShort SHORT = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private F16Layout() {}

    /// Decodes `count` weights from `offset` (bytes) on to `weights[weightsOffset]` and after.
    static void decode(MemorySegment data, long offset, float[] weights, int weightsOffset, int count) {
        for (int i = 0; i < count; i++) {
            weights[weightsOffset + i] = Float.float16ToFloat(data.get(SHORT, offset + (long) i * BYTES));
        }
    }
}
