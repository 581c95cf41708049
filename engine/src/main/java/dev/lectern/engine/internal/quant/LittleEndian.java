package dev.lectern.engine.internal.quant;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Numbers as all weight formats store them: little-endian, at any address.
final class LittleEndian {
    private static final ValueLayout.OfShort SHORT = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfFloat FLOAT = JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private LittleEndian() {}

    static int unsignedByte(MemorySegment data, long at) {
        return data.get(JAVA_BYTE, at) & 0xFF;
    }

    static int signedByte(MemorySegment data, long at) {
        return data.get(JAVA_BYTE, at);
    }

    static int unsignedShort(MemorySegment data, long at) {
        return data.get(SHORT, at) & 0xFFFF;
    }

    static int int32(MemorySegment data, long at) {
        return data.get(INT, at);
    }

    static float float16(MemorySegment data, long at) {
        return Float.float16ToFloat(data.get(SHORT, at));
    }
}
