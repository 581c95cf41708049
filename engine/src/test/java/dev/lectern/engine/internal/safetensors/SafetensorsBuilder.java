package dev.lectern.engine.internal.safetensors;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.StringJoiner;

/// Writes small safetensors files for tests, right ones and, with [#file], wrong ones.
public final class SafetensorsBuilder {
    private final StringJoiner header = new StringJoiner(",", "{", "}");
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();

    public SafetensorsBuilder metadata(String key, String value) {
        header.add("\"__metadata__\":{\"" + key + "\":\"" + value + "\"}");
        return this;
    }

    /// An F32 tensor.
    public SafetensorsBuilder floats(String name, long[] shape, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return tensor(name, "F32", shape, bytes.array());
    }

    /// An I32 tensor of one dimension.
    public SafetensorsBuilder ints(String name, int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(values);
        return tensor(name, "I32", new long[] {values.length}, bytes.array());
    }

    /// A tensor of any type, its bytes as they are to stand in the file.
    ///
    /// @param name without characters that JSON escapes
    public SafetensorsBuilder tensor(String name, String dtype, long[] shape, byte[] bytes) {
        header.add("\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                .formatted(name, dtype, Arrays.toString(shape), data.size(), data.size() + bytes.length));
        data.writeBytes(bytes);
        return this;
    }

    public byte[] bytes() {
        return file(header.toString(), data.toByteArray());
    }

    public Path write(Path file) {
        try {
            return Files.write(file, bytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A file of any header and data.
    public static byte[] file(String header, byte[] data) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Long.BYTES + json.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .put(data)
                .array();
    }
}
