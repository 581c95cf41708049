package dev.lectern.engine.internal.gguf;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/// Types of metadata values, in the order of their numbers (`gguf_metadata_value_type` of ggml's docs/gguf.md).
enum GgufValueType {
    UINT8(1),
    INT8(1),
    UINT16(2),
    INT16(2),
    UINT32(4),
    INT32(4),
    FLOAT32(4),
    BOOL(1),
    STRING(0),
    ARRAY(0),
    UINT64(8),
    INT64(8),
    FLOAT64(8);

    private static final GgufValueType[] BY_NUMBER = values();

    private final int bytes;

    GgufValueType(int bytes) {
        this.bytes = bytes;
    }

    static @Nullable GgufValueType of(int number) {
        return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
    }

    /// Width of a value; 0 for those of variable length.
    int bytes() {
        return bytes;
    }

    /// Reads a value of fixed width as Long (BigInteger from 2^63 on), Double or Boolean.
    Object read(MemorySegment data, long at) {
        return switch (this) {
            case UINT8 -> (long) (data.get(JAVA_BYTE, at) & 0xFF);
            case INT8 -> (long) data.get(JAVA_BYTE, at);
            case UINT16 -> (long) (data.get(GgufReader.SHORT, at) & 0xFFFF);
            case INT16 -> (long) data.get(GgufReader.SHORT, at);
            case UINT32 -> data.get(GgufReader.INT, at) & 0xFFFF_FFFFL;
            case INT32 -> (long) data.get(GgufReader.INT, at);
            case FLOAT32 -> (double) Float.intBitsToFloat(data.get(GgufReader.INT, at));
            case BOOL -> data.get(JAVA_BYTE, at) != 0;
            case UINT64 -> {
                long value = data.get(GgufReader.LONG, at);
                yield value >= 0 ? (Object) value : new BigInteger(Long.toUnsignedString(value));
            }
            case INT64 -> data.get(GgufReader.LONG, at);
            case FLOAT64 -> Double.longBitsToDouble(data.get(GgufReader.LONG, at));
            case STRING, ARRAY -> throw new IllegalStateException(this + " has no fixed width");
        };
    }
}
