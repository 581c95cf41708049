package dev.lectern.engine.internal.gguf;

import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelNotFound;
import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.internal.io.FileMapping;
import dev.lectern.engine.internal.quant.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A GGUF file, version 2 or 3, little-endian (ggml's docs/gguf.md).
///
/// ```
///   +--------+---------+-------------+----------+-----------+--------------+-----+------------------+
///   | "GGUF" | version | tensorCount | keyCount | key-value | tensor infos | pad | tensor data      |
///   | 4      | u32     | u64         | u64      | pairs     |              |     | each one aligned |
///   +--------+---------+-------------+----------+-----------+--------------+-----+------------------+
///   key-value pair: key string, u32 value type, value
///   tensor info:    name string, u32 dimensions, u64 ne[] (innermost first), u32 ggml type, u64 offset in the data
///   string:         u64 bytes, UTF-8
///   array:          u32 value type, u64 count, elements
/// ```
///
/// Everything is checked when the file is read; afterwards no access can leave the mapping. Immutable and
/// thread-safe. The segments belong to the arena that [#open] was given.
public final class GgufFile {
    private static final int MAGIC = 0x46554747; // "GGUF"
    private static final int DEFAULT_ALIGNMENT = 32;
    private static final int MAX_DIMENSIONS = 4;

    /// Key: at least a length, one letter, a type and a byte of value.
    private static final long MINIMUM_KEY_BYTES = 8 + 1 + 4 + 1;
    /// Tensor: at least a name's length and a letter, the number of dimensions, a type and an offset.
    private static final long MINIMUM_TENSOR_BYTES = 8 + 1 + 4 + 4 + 8;

    private final String name;
    private final int version;
    private final Map<String, Object> metadata;
    private final List<GgufTensor> tensors;
    private final long tensorCount;
    private final MemorySegment metadataBytes;
    private final MemorySegment bytes;

    private GgufFile(
            String name,
            int version,
            Map<String, Object> metadata,
            List<GgufTensor> tensors,
            long tensorCount,
            MemorySegment metadataBytes,
            MemorySegment bytes) {
        this.name = name;
        this.version = version;
        this.metadata = Collections.unmodifiableMap(metadata);
        this.tensors = List.copyOf(tensors);
        this.tensorCount = tensorCount;
        this.metadataBytes = metadataBytes;
        this.bytes = bytes;
    }

    /// Maps and reads a file.
    ///
    /// @param arena owns the mapping; shared when several threads read
    /// @throws ModelNotFound    when there is no such file or it cannot be read
    /// @throws ModelCorrupt     when the bytes contradict the format
    /// @throws ModelUnsupported when it is another version, big-endian, or has an unknown tensor type
    public static GgufFile open(Path file, Arena arena) {
        return read(String.valueOf(file.getFileName()), FileMapping.map(file, arena));
    }

    /// Reads a file from memory.
    ///
    /// @param name  for messages
    /// @param bytes the whole file
    public static GgufFile read(String name, MemorySegment bytes) {
        GgufReader reader = new GgufReader(name, bytes);
        int version = checkMagicAndVersion(name, reader);
        long tensorCount = reader.count("tensors", MINIMUM_TENSOR_BYTES);
        long keyCount = reader.count("metadata keys", MINIMUM_KEY_BYTES);
        long metadataStart = reader.position();
        Map<String, Object> metadata = readMetadata(reader, keyCount);
        MemorySegment metadataBytes = bytes.asSlice(metadataStart, reader.position() - metadataStart);
        List<TensorInfo> infos = readTensorInfos(name, reader, tensorCount);
        long alignment = alignment(name, metadata);
        long dataStart = Math.addExact(reader.position(), Math.floorMod(-reader.position(), alignment));
        List<GgufTensor> tensors = locate(name, infos, bytes, dataStart, alignment);
        return new GgufFile(name, version, metadata, tensors, tensorCount, metadataBytes, bytes);
    }

    /// The file's name, for messages.
    public String name() {
        return name;
    }

    public int version() {
        return version;
    }

    /// Values by key, in the file's order: Long (BigInteger from 2^63 on), Double, Boolean, String or List of
    /// these. Lists are decoded when first read, which must be before the arena closes.
    public Map<String, Object> metadata() {
        return metadata;
    }

    /// Weight tensors in the file's order. Tensors of integers are not weights and are left out.
    public List<GgufTensor> tensors() {
        return tensors;
    }

    /// Tensors in the file, those of integers included.
    public long tensorCount() {
        return tensorCount;
    }

    /// The key-value pairs as stored, for fingerprints.
    public MemorySegment metadataBytes() {
        return metadataBytes;
    }

    /// The whole file; the tensors are slices of it.
    public MemorySegment bytes() {
        return bytes;
    }

    private static int checkMagicAndVersion(String name, GgufReader reader) {
        int magic = reader.int32();
        if (magic != MAGIC) {
            throw new ModelCorrupt(String.format(
                    Locale.ROOT,
                    "[%s] starts with bytes %08x; expected %08x ('GGUF'): not a GGUF file",
                    name,
                    Integer.reverseBytes(magic),
                    Integer.reverseBytes(MAGIC)));
        }
        int version = reader.int32();
        if (version == 2 || version == 3) {
            return version;
        }
        // Versions are small numbers, so a byte-swapped one has its low half empty.
        if ((version & 0xFFFF) == 0 && version != 0) {
            throw new ModelUnsupported("[" + name + "] is big-endian GGUF version " + Integer.reverseBytes(version)
                    + "; supported: little-endian. Convert it with gguf-py's gguf_convert_endian.py");
        }
        throw new ModelUnsupported("[" + name + "] is GGUF version " + Integer.toUnsignedString(version)
                + "; supported: 2 and 3. Convert the original model again with a current llama.cpp");
    }

    private static Map<String, Object> readMetadata(GgufReader reader, long count) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        for (long i = 0; i < count; i++) {
            long number = i;
            reader.subject(() -> "metadata key " + number + " of " + count);
            String key = reader.name("key");
            reader.subject(() -> "key '" + key + "'");
            if (metadata.put(key, reader.value(key)) != null) {
                throw reader.corrupt("is there twice");
            }
        }
        return metadata;
    }

    private static long alignment(String name, Map<String, Object> metadata) {
        Object value = metadata.getOrDefault("general.alignment", (long) DEFAULT_ALIGNMENT);
        if (value instanceof Long alignment && alignment > 0 && alignment <= 1 << 30 && Long.bitCount(alignment) == 1) {
            return alignment;
        }
        throw new ModelCorrupt(
                "[" + name + "] key 'general.alignment': " + value + "; expected a power of two up to 2^30 (bytes)");
    }

    private static List<TensorInfo> readTensorInfos(String name, GgufReader reader, long count) {
        List<TensorInfo> infos = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (long i = 0; i < count; i++) {
            long number = i;
            reader.subject(() -> "tensor " + number + " of " + count);
            String tensor = reader.name("tensor name");
            reader.subject(() -> "tensor '" + tensor + "'");
            if (!names.add(tensor)) {
                throw reader.corrupt("is there twice");
            }
            int dimensions = reader.int32();
            if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
                throw reader.corrupt(
                        Integer.toUnsignedString(dimensions) + " dimensions; expected 1 to " + MAX_DIMENSIONS);
            }
            List<Long> shape = new ArrayList<>();
            for (int d = 0; d < dimensions; d++) {
                long size = reader.int64();
                if (size < 0) {
                    throw reader.corrupt("dimension " + d + " is " + Long.toUnsignedString(size) + "; expected 0 to "
                            + Long.MAX_VALUE);
                }
                shape.addFirst(size);
            }
            StoredType type = storedType(name, tensor, reader.int32());
            infos.add(TensorInfo.of(reader, tensor, shape, type, reader.int64()));
        }
        return infos;
    }

    private static StoredType storedType(String name, String tensor, int ggmlId) {
        TensorType type = TensorType.fromGgmlId(ggmlId);
        if (type != null) {
            return new StoredType(type, type.blockWeights(), type.blockBytes());
        }
        int integerBytes = GgmlTypes.integerBytes(ggmlId);
        if (integerBytes > 0) {
            return new StoredType(null, 1, integerBytes);
        }
        throw new ModelUnsupported("[" + name + "] tensor '" + tensor + "': type " + GgmlTypes.describe(ggmlId)
                + " unknown; supported: " + TensorType.supportedInGguf()
                + ". Convert the model to one of these with llama-quantize");
    }

    /// Turns offsets into slices, after checking that they are aligned, in the file, and apart from each other.
    private static List<GgufTensor> locate(
            String name, List<TensorInfo> infos, MemorySegment bytes, long dataStart, long alignment) {
        long dataBytes = Math.max(0, bytes.byteSize() - dataStart);
        for (TensorInfo info : infos) {
            info.check(name, dataBytes, alignment);
        }
        // One without rows may stand anywhere.
        List<TensorInfo> ordered = new ArrayList<>(infos);
        ordered.removeIf(info -> info.bytes() == 0);
        ordered.sort(Comparator.comparingLong(TensorInfo::offset));
        for (int i = 1; i < ordered.size(); i++) {
            TensorInfo before = ordered.get(i - 1);
            TensorInfo after = ordered.get(i);
            if (after.offset() < before.offset() + before.bytes()) {
                throw new ModelCorrupt("[" + name + "] tensors '" + before.name() + "' and '" + after.name()
                        + "' overlap at byte " + (dataStart + after.offset()) + "; expected them apart");
            }
        }
        List<GgufTensor> tensors = new ArrayList<>();
        for (TensorInfo info : infos) {
            TensorType type = info.stored().weights();
            if (type != null) {
                MemorySegment data = bytes.asSlice(dataStart + info.offset(), info.bytes());
                tensors.add(new GgufTensor(info.name(), type, info.shape(), data));
            }
        }
        return tensors;
    }

    /// @param weights null for integers, which are not weights
    private record StoredType(@Nullable TensorType weights, int blockWeights, int blockBytes) {}

    /// @param shape outermost first
    /// @param bytes of the tensor; no multiple of the block, where the innermost dimension is none
    private record TensorInfo(String name, List<Long> shape, StoredType stored, long offset, long bytes) {
        static TensorInfo of(GgufReader reader, String name, List<Long> shape, StoredType stored, long offset) {
            long elements = 1;
            try {
                for (long size : shape) {
                    elements = Math.multiplyExact(elements, size);
                }
                long bytes = Math.multiplyExact(elements / stored.blockWeights(), (long) stored.blockBytes());
                return new TensorInfo(name, List.copyOf(shape), stored, offset, bytes);
            } catch (ArithmeticException e) {
                throw reader.corrupt("shape " + shape + " has more than 2^63 bytes");
            }
        }

        void check(String file, long dataBytes, long alignment) {
            if (shape.getLast() % stored.blockWeights() != 0) {
                throw new ModelCorrupt(where(file) + "innermost dimension " + shape.getLast() + " of shape " + shape
                        + "; expected a multiple of " + stored.blockWeights() + " for " + stored.weights());
            }
            if (offset < 0 || offset % alignment != 0) {
                throw new ModelCorrupt(where(file) + "offset " + Long.toUnsignedString(offset)
                        + "; expected a multiple of " + alignment + " (general.alignment)");
            }
            if (offset > dataBytes || bytes > dataBytes - offset) {
                throw new ModelCorrupt(
                        where(file) + bytes + " bytes at offset " + offset + " of the tensor data, which has "
                                + dataBytes + " bytes; the file is truncated or damaged: fetch it again");
            }
        }

        private String where(String file) {
            return "[" + file + "] tensor '" + name + "': ";
        }
    }
}
