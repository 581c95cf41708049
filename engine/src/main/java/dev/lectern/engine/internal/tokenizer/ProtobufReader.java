package dev.lectern.engine.internal.tokenizer;

import dev.lectern.engine.EngineException.ModelCorrupt;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/// Reads the fields of one protobuf message (protobuf.dev/programming-guides/encoding). Every length is
/// checked against the bytes that are there. Not thread-safe.
///
/// ```
/// field:  key (varint: number << 3 | wire type)  value
/// value:  0 varint, 1 eight bytes, 2 length (varint) and bytes, 5 four bytes
/// ```
final class ProtobufReader {
    private static final int VARINT = 0;
    private static final int EIGHT_BYTES = 1;
    private static final int BYTES = 2;
    private static final int FOUR_BYTES = 5;
    private static final int LONGEST_VARINT = 10;

    private final String origin;
    private final byte[] bytes;
    private final int end;
    private int at;
    private int field;
    private int wireType;

    ProtobufReader(String origin, byte[] bytes) {
        this(origin, bytes, 0, bytes.length);
    }

    private ProtobufReader(String origin, byte[] bytes, int from, int to) {
        this.origin = origin;
        this.bytes = bytes;
        this.at = from;
        this.end = to;
    }

    /// Goes to the next field; its value must be read or skipped before the next call.
    boolean next() {
        if (at == end) {
            return false;
        }
        long key = varint();
        field = (int) (key >>> 3);
        wireType = (int) (key & 7);
        if (key >>> 32 != 0 || field == 0) {
            throw corrupt("field number " + (key >>> 3));
        }
        return true;
    }

    int field() {
        return field;
    }

    /// An integer or an enumeration's value.
    int integer() {
        require(VARINT);
        return (int) varint();
    }

    boolean flag() {
        require(VARINT);
        return varint() != 0;
    }

    float number() {
        require(FOUR_BYTES);
        int from = advance(Float.BYTES);
        return ByteBuffer.wrap(bytes, from, Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .getFloat();
    }

    String text() {
        int length = length();
        int from = advance(length);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes, from, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ModelCorrupt("[" + origin + "] at byte " + from + ": a text that is no UTF-8", e);
        }
    }

    /// Number of bytes of a value that is skipped.
    int skippedLength() {
        int length = length();
        advance(length);
        return length;
    }

    ProtobufReader message() {
        int length = length();
        int from = advance(length);
        return new ProtobufReader(origin, bytes, from, from + length);
    }

    void skip() {
        switch (wireType) {
            case VARINT -> varint();
            case EIGHT_BYTES -> advance(Long.BYTES);
            case BYTES -> advance(length());
            case FOUR_BYTES -> advance(Integer.BYTES);
            default -> throw corrupt("wire type " + wireType + " of field " + field + "; expected 0, 1, 2 or 5");
        }
    }

    private int length() {
        require(BYTES);
        long length = varint();
        if (length < 0 || length > end - at) {
            throw corrupt("field " + field + " of " + Long.toUnsignedString(length) + " bytes, of which " + (end - at)
                    + " are there");
        }
        return (int) length;
    }

    private void require(int expected) {
        if (wireType != expected) {
            throw corrupt("field " + field + " has wire type " + wireType + "; expected " + expected);
        }
    }

    private int advance(int count) {
        if (count > end - at) {
            throw corrupt("field " + field + " of " + count + " bytes, of which " + (end - at) + " are there");
        }
        int from = at;
        at += count;
        return from;
    }

    private long varint() {
        long value = 0;
        for (int i = 0; i < LONGEST_VARINT; i++) {
            byte part = bytes[advance(1)];
            value |= (long) (part & 0x7F) << (7 * i);
            if (part >= 0) {
                return value;
            }
        }
        throw corrupt("a varint of more than " + LONGEST_VARINT + " bytes");
    }

    private ModelCorrupt corrupt(String what) {
        return new ModelCorrupt("[" + origin + "] at byte " + at + ": " + what);
    }
}
