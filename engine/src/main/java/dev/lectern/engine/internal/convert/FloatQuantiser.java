package dev.lectern.engine.internal.convert;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.lectern.engine.internal.quant.BF16Layout;
import dev.lectern.engine.internal.quant.F16Layout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Floating point of three widths, rounded to nearest, ties to even.
enum FloatQuantiser implements RowQuantiser {
    F32 {
        @Override
        public void quantise(float[] weights, int at, int count, MemorySegment out, long offset) {
            MemorySegment.copy(weights, at, out, FLOAT, offset, count);
        }
    },
    F16 {
        @Override
        public void quantise(float[] weights, int at, int count, MemorySegment out, long offset) {
            for (int i = 0; i < count; i++) {
                out.set(SHORT, offset + (long) i * F16Layout.BYTES, Float.floatToFloat16(weights[at + i]));
            }
        }
    },
    BF16 {
        @Override
        public void quantise(float[] weights, int at, int count, MemorySegment out, long offset) {
            for (int i = 0; i < count; i++) {
                int bits = Float.floatToRawIntBits(weights[at + i]);
                // Half a unit of the last place, less when the lower half is a tie and the upper one even.
                int rounded = bits + 0x7FFF + ((bits >>> BF16Layout.SHIFT) & 1);
                out.set(SHORT, offset + (long) i * BF16Layout.BYTES, (short) (rounded >>> BF16Layout.SHIFT));
            }
        }
    };

    private static final ValueLayout.OfFloat FLOAT = JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
}
