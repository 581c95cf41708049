package dev.lectern.engine.internal.quant;

import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

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

    private static final ValueLayout.OfShort SHORT = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private BF16Layout() {}

    /// Decodes `count` weights from `offset` (bytes) on to `weights[weightsOffset]` and after.
    static void decode(MemorySegment data, long offset, float[] weights, int weightsOffset, int count) {
        for (int i = 0; i < count; i++) {
            weights[weightsOffset + i] = Float.intBitsToFloat(data.get(SHORT, offset + (long) i * BYTES) << SHIFT);
        }
    }
}
