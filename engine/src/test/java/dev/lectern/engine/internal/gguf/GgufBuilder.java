package dev.lectern.engine.internal.gguf;

import dev.lectern.engine.internal.quant.TensorType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Writes small GGUF files for tests, right ones and, with [#key(String, GgufValueType, byte[])] and [#info], wrong
/// ones.
///
/// ```java
/// new GgufBuilder().key("general.architecture", "llama").tensor("w", new long[] {2, 3}, 1, 2, 3, 4, 5, 6).write(file);
/// ```
public final class GgufBuilder {
    private final ByteArrayOutputStream keys = new ByteArrayOutputStream();
    private final ByteArrayOutputStream infos = new ByteArrayOutputStream();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private int version = 3;
    private int alignment = 32;
    private long keyCount;
    private long tensorCount;

    public GgufBuilder version(int newVersion) {
        this.version = newVersion;
        return this;
    }

    /// Aligns the tensors that follow, and writes the key that says so.
    public GgufBuilder alignment(int newAlignment) {
        this.alignment = newAlignment;
        return key("general.alignment", newAlignment);
    }

    /// A value by its Java type: Integer is UINT32, Long UINT64, Float FLOAT32, Double FLOAT64; int[] and float[]
    /// are arrays of INT32 and FLOAT32, a list is one of strings.
    public GgufBuilder key(String name, Object value) {
        return switch (value) {
            case Integer number -> key(name, GgufValueType.UINT32, int32(number));
            case Long number -> key(name, GgufValueType.UINT64, int64(number));
            case Float number -> key(name, GgufValueType.FLOAT32, int32(Float.floatToRawIntBits(number)));
            case Double number -> key(name, GgufValueType.FLOAT64, int64(Double.doubleToRawLongBits(number)));
            case Boolean flag -> key(name, GgufValueType.BOOL, new byte[] {(byte) (flag ? 1 : 0)});
            case String text -> key(name, GgufValueType.STRING, string(text));
            case int[] numbers -> {
                byte[][] elements = new byte[numbers.length][];
                for (int i = 0; i < numbers.length; i++) {
                    elements[i] = int32(numbers[i]);
                }
                yield key(name, GgufValueType.ARRAY, array(GgufValueType.INT32, elements));
            }
            case float[] numbers -> {
                byte[][] elements = new byte[numbers.length][];
                for (int i = 0; i < numbers.length; i++) {
                    elements[i] = int32(Float.floatToRawIntBits(numbers[i]));
                }
                yield key(name, GgufValueType.ARRAY, array(GgufValueType.FLOAT32, elements));
            }
            case List<?> texts -> {
                byte[][] elements =
                        texts.stream().map(text -> string(text.toString())).toArray(byte[][]::new);
                yield key(name, GgufValueType.ARRAY, array(GgufValueType.STRING, elements));
            }
            default -> throw new IllegalArgumentException("no value type for " + value.getClass());
        };
    }

    /// A value as it is to stand in the file.
    GgufBuilder key(String name, GgufValueType type, byte[] value) {
        keys.writeBytes(string(name));
        keys.writeBytes(int32(type.ordinal()));
        keys.writeBytes(value);
        keyCount++;
        return this;
    }

    /// An F32 tensor.
    ///
    /// @param shape outermost dimension first
    public GgufBuilder tensor(String name, long[] shape, float... weights) {
        byte[][] elements = new byte[weights.length][];
        for (int i = 0; i < weights.length; i++) {
            elements[i] = int32(Float.floatToRawIntBits(weights[i]));
        }
        return tensor(name, TensorType.F32.ggmlId(), shape, concat(elements));
    }

    /// A tensor of any type, its bytes as they are to stand in the file.
    ///
    /// @param shape outermost dimension first
    public GgufBuilder tensor(String name, int ggmlType, long[] shape, byte[] bytes) {
        while (data.size() % alignment != 0) {
            data.write(0);
        }
        info(name, ggmlType, shape, data.size());
        data.writeBytes(bytes);
        return this;
    }

    /// A tensor's entry in the directory without any bytes for it.
    public GgufBuilder info(String name, int ggmlType, long[] shape, long offset) {
        infos.writeBytes(string(name));
        infos.writeBytes(int32(shape.length));
        for (int d = shape.length - 1; d >= 0; d--) {
            infos.writeBytes(int64(shape[d]));
        }
        infos.writeBytes(int32(ggmlType));
        infos.writeBytes(int64(offset));
        tensorCount++;
        return this;
    }

    public byte[] bytes() {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        file.writeBytes(int32(version));
        file.writeBytes(int64(tensorCount));
        file.writeBytes(int64(keyCount));
        file.writeBytes(keys.toByteArray());
        file.writeBytes(infos.toByteArray());
        while (file.size() % alignment != 0) {
            file.write(0);
        }
        file.writeBytes(data.toByteArray());
        return file.toByteArray();
    }

    public Path write(Path file) {
        try {
            return Files.write(file, bytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] string(String text) {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        return concat(int64(encoded.length), encoded);
    }

    static byte[] array(GgufValueType elementType, byte[]... elements) {
        return concat(int32(elementType.ordinal()), int64(elements.length), concat(elements));
    }

    static byte[] int32(int value) {
        return ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }

    static byte[] int64(long value) {
        return ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
