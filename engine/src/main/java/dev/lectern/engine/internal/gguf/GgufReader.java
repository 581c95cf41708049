package dev.lectern.engine.internal.gguf;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.lectern.engine.EngineException.ModelCorrupt;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/// A cursor over GGUF bytes that believes nothing: every length is compared with what is left before it is used, so
/// that no read leaves the mapping and no allocation is larger than the file accounts for.
final class GgufReader {
    static final ValueLayout.OfShort SHORT = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// Longest key that docs/gguf.md allows; tensor names are shorter.
    private static final int MAX_NAME_BYTES = 65_535;
    /// No known key nests arrays at all; the bound keeps hostile files off the stack.
    private static final int MAX_ARRAY_DEPTH = 4;

    private static final int STRING_HEADER_BYTES = 8;
    private static final int ARRAY_HEADER_BYTES = 12;

    private final String file;
    private final MemorySegment bytes;
    private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
    private long position;
    private Supplier<String> subject = () -> "the header";

    GgufReader(String file, MemorySegment bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    /// What is being read, for messages: `key 'general.name'`.
    void subject(Supplier<String> newSubject) {
        this.subject = newSubject;
    }

    long position() {
        return position;
    }

    long remaining() {
        return bytes.byteSize() - position;
    }

    int int32() {
        need(Integer.BYTES);
        int value = bytes.get(INT, position);
        position += Integer.BYTES;
        return value;
    }

    long int64() {
        need(Long.BYTES);
        long value = bytes.get(LONG, position);
        position += Long.BYTES;
        return value;
    }

    /// A number of things that take at least `minimumBytes` each, of which the rest of the file must have room.
    long count(String what, long minimumBytes) {
        long count = int64();
        if (count < 0 || count > remaining() / minimumBytes) {
            throw corrupt(Long.toUnsignedString(count) + " " + what + ", but only " + remaining()
                    + " bytes follow; the file is truncated or damaged: fetch it again");
        }
        return count;
    }

    /// A key or a tensor's name: UTF-8, checked.
    String name(String what) {
        long length = count("bytes of " + what, 1);
        if (length == 0 || length > MAX_NAME_BYTES) {
            throw corrupt("a " + what + " of " + length + " bytes; expected 1 to " + MAX_NAME_BYTES);
        }
        byte[] encoded = new byte[(int) length];
        MemorySegment.copy(bytes, JAVA_BYTE, position, encoded, 0, encoded.length);
        try {
            String name = utf8.decode(ByteBuffer.wrap(encoded)).toString();
            position += length;
            return name;
        } catch (CharacterCodingException e) {
            throw new ModelCorrupt(message("a " + what + " at byte " + position + " that is not UTF-8"), e);
        }
    }

    /// A string value. Bytes that are not UTF-8 become U+FFFD: descriptions in the wild have them, and no weight
    /// depends on them.
    String string() {
        long length = count("bytes of text", 1);
        if (length > Integer.MAX_VALUE - 8) {
            throw corrupt("text of " + length + " bytes; expected less than 2 GiB");
        }
        byte[] encoded = bytes.asSlice(position, length).toArray(JAVA_BYTE);
        position += length;
        return new String(encoded, StandardCharsets.UTF_8);
    }

    /// A metadata value as Long, BigInteger, Double, Boolean, String or List.
    Object value(String key) {
        GgufValueType type = valueType();
        return switch (type) {
            case STRING -> string();
            case ARRAY -> array(key);
            case BOOL -> bool();
            case UINT8, INT8, UINT16, INT16, UINT32, INT32, FLOAT32, UINT64, INT64, FLOAT64 -> {
                need(type.bytes());
                Object value = type.read(bytes, position);
                position += type.bytes();
                yield value;
            }
        };
    }

    GgufArray array(String key) {
        GgufValueType elementType = valueType();
        long count = elementCount(elementType);
        if (count > Integer.MAX_VALUE) {
            throw corrupt("an array of " + count + " elements; expected at most " + Integer.MAX_VALUE);
        }
        long start = position;
        skip(elementType, count, 1);
        return new GgufArray(file, key, elementType, (int) count, bytes.asSlice(start, position - start));
    }

    ModelCorrupt corrupt(String found) {
        return new ModelCorrupt(message(found));
    }

    /// Moves past an array's elements, checking every length among them.
    private void skip(GgufValueType elementType, long count, int depth) {
        if (depth > MAX_ARRAY_DEPTH) {
            throw corrupt("arrays nested more than " + MAX_ARRAY_DEPTH + " deep");
        }
        switch (elementType) {
            case STRING -> {
                for (long i = 0; i < count; i++) {
                    long length = count("bytes of text", 1);
                    position += length;
                }
            }
            case ARRAY -> {
                for (long i = 0; i < count; i++) {
                    GgufValueType inner = valueType();
                    skip(inner, elementCount(inner), depth + 1);
                }
            }
            case UINT8, INT8, UINT16, INT16, UINT32, INT32, FLOAT32, BOOL, UINT64, INT64, FLOAT64 ->
                position += count * elementType.bytes();
        }
    }

    private long elementCount(GgufValueType elementType) {
        long minimumBytes = switch (elementType) {
            case STRING -> STRING_HEADER_BYTES;
            case ARRAY -> ARRAY_HEADER_BYTES;
            case UINT8, INT8, UINT16, INT16, UINT32, INT32, FLOAT32, BOOL, UINT64, INT64, FLOAT64 ->
                elementType.bytes();
        };
        return count("array elements", minimumBytes);
    }

    private GgufValueType valueType() {
        int number = int32();
        GgufValueType type = GgufValueType.of(number);
        if (type == null) {
            throw corrupt("value type " + Integer.toUnsignedString(number) + "; expected 0 to "
                    + GgufValueType.FLOAT64.ordinal());
        }
        return type;
    }

    private boolean bool() {
        need(1);
        byte value = bytes.get(JAVA_BYTE, position++);
        if (value != 0 && value != 1) {
            throw corrupt("boolean " + value + "; expected 0 or 1");
        }
        return value == 1;
    }

    private void need(int count) {
        if (remaining() < count) {
            throw corrupt("the file ends at byte " + bytes.byteSize() + ", where " + count
                    + " more bytes are expected from byte " + position
                    + "; the file is truncated or damaged: fetch it again");
        }
    }

    private String message(String found) {
        return "[" + file + "] " + subject.get() + ": " + found;
    }
}
