package dev.lectern.engine.internal.convert;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Key-value pairs for a GGUF file (ggml's docs/gguf.md), in the order in which they were first set. Values are kept as
/// the bytes that the file will hold, so that what is copied from another file keeps its exact type: llama.cpp refuses
/// a number of another width than it expects.
final class GgufMetadata {
    static final ValueLayout.OfInt INT = JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    // Numbers of `gguf_metadata_value_type`.
    private static final int UINT32 = 4;
    private static final int INT32 = 5;
    private static final int FLOAT32 = 6;
    private static final int BOOL = 7;
    private static final int STRING = 8;
    private static final int ARRAY = 9;
    /// Bytes of a value by its type's number; 0 where that varies.
    private static final int[] WIDTHS = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

    private final Map<String, byte[]> values = new LinkedHashMap<>();
    private final Map<String, Object> readable = new LinkedHashMap<>();

    /// Copies the pairs of a file that has been read, and so checked, before.
    ///
    /// @param stored exactly the pairs' bytes, little-endian
    static GgufMetadata copyOf(MemorySegment stored) {
        GgufMetadata metadata = new GgufMetadata();
        for (long at = 0; at < stored.byteSize(); ) {
            long keyBytes = stored.get(LONG, at);
            String key =
                    new String(stored.asSlice(at + Long.BYTES, keyBytes).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
            long value = at + Long.BYTES + keyBytes;
            long end = end(stored, value + Integer.BYTES, stored.get(INT, value));
            metadata.values.put(key, stored.asSlice(value, end - value).toArray(JAVA_BYTE));
            at = end;
        }
        return metadata;
    }

    private static long end(MemorySegment stored, long at, int type) {
        if (type == STRING) {
            return at + Long.BYTES + stored.get(LONG, at);
        }
        if (type != ARRAY) {
            return at + WIDTHS[type];
        }
        int elementType = stored.get(INT, at);
        long count = stored.get(LONG, at + Integer.BYTES);
        long element = at + Integer.BYTES + Long.BYTES;
        if (WIDTHS[elementType] > 0) {
            return element + count * WIDTHS[elementType];
        }
        for (long i = 0; i < count; i++) {
            element = end(stored, element, elementType);
        }
        return element;
    }

    void remove(String key) {
        values.remove(key);
        readable.remove(key);
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    /// What was put (not what was copied), as a reader will see it.
    Map<String, Object> values() {
        return Collections.unmodifiableMap(readable);
    }

    /// A value by its Java type: Integer is UINT32, Float FLOAT32; int[] and float[] are arrays of INT32 and
    /// FLOAT32, a list is one of strings.
    void put(String key, Object value) {
        switch (value) {
            case String text -> putString(key, text);
            case Integer number -> putUint32(key, number);
            case Float number -> putFloat32(key, number);
            case Boolean flag -> putBool(key, flag);
            case int[] elements -> putInt32s(key, elements);
            case float[] elements -> putFloat32s(key, elements);
            case List<?> elements ->
                putStrings(key, elements.stream().map(String::valueOf).toList());
            default -> throw new IllegalArgumentException("key '" + key + "': no value type for " + value.getClass());
        }
    }

    void putString(String key, String value) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        readable.put(key, value);
        values.put(
                key,
                value(STRING, Long.BYTES + text.length)
                        .putLong(text.length)
                        .put(text)
                        .array());
    }

    void putUint32(String key, long value) {
        readable.put(key, value);
        values.put(
                key, value(UINT32, Integer.BYTES).putInt(Math.toIntExact(value)).array());
    }

    void putFloat32(String key, float value) {
        readable.put(key, (double) value);
        values.put(key, value(FLOAT32, Float.BYTES).putFloat(value).array());
    }

    void putBool(String key, boolean value) {
        readable.put(key, value);
        values.put(key, value(BOOL, 1).put((byte) (value ? 1 : 0)).array());
    }

    void putInt32s(String key, int[] elements) {
        ByteBuffer array = array(INT32, elements.length, elements.length * Integer.BYTES);
        for (int element : elements) {
            array.putInt(element);
        }
        values.put(key, array.array());
    }

    void putFloat32s(String key, float[] elements) {
        ByteBuffer array = array(FLOAT32, elements.length, elements.length * Float.BYTES);
        for (float element : elements) {
            array.putFloat(element);
        }
        values.put(key, array.array());
    }

    void putStrings(String key, List<String> elements) {
        List<byte[]> texts = elements.stream()
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList();
        int bytes = texts.stream().mapToInt(text -> Long.BYTES + text.length).reduce(0, Math::addExact);
        ByteBuffer array = array(STRING, texts.size(), bytes);
        texts.forEach(text -> array.putLong(text.length).put(text));
        values.put(key, array.array());
    }

    int size() {
        return values.size();
    }

    void writeTo(ByteArrayOutputStream out) {
        values.forEach((key, value) -> {
            writeText(out, key);
            out.writeBytes(value);
        });
    }

    static void writeText(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeBytes(littleEndian(Long.BYTES).putLong(bytes.length).array());
        out.writeBytes(bytes);
    }

    static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static ByteBuffer value(int type, int bytes) {
        return littleEndian(Math.addExact(Integer.BYTES, bytes)).putInt(type);
    }

    private static ByteBuffer array(int elementType, int count, int bytes) {
        return value(ARRAY, Math.addExact(Integer.BYTES + Long.BYTES, bytes))
                .putInt(elementType)
                .putLong(count);
    }
}
