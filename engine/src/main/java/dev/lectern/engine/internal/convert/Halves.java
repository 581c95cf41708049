package dev.lectern.engine.internal.convert;

import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// F16 scales, as blocks store them.
final class Halves {
    /// The smallest that is not zero.
    static final float SMALLEST = 0x1p-24f;

    private static final ValueLayout.OfShort SHORT = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Halves() {}

    /// The nearest value that an F16 can hold.
    static float nearest(float value) {
        return Float.float16ToFloat(Float.floatToFloat16(value));
    }

    /// As [#nearest], but never zero for what is not: integer scales beside it can still make something of it.
    static float nearestBesideZero(float value) {
        float nearest = nearest(value);
        return nearest == 0 && value != 0 ? Math.copySign(SMALLEST, value) : nearest;
    }

    static void put(MemorySegment out, long offset, float value) {
        out.set(SHORT, offset, Float.floatToFloat16(value));
    }
}
