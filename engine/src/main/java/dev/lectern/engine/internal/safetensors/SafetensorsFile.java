package dev.lectern.engine.internal.safetensors;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelNotFound;
import dev.lectern.engine.internal.io.FileMapping;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A safetensors file (github.com/huggingface/safetensors, 'Format').
///
/// ```
///   0              8                    8 + N
///   +--------------+--------------------+------------------------------+
///   | N: u64 LE    | JSON header        | tensors, without holes       |
///   +--------------+--------------------+------------------------------+
///   header: {"NAME": {"dtype": "BF16", "shape": [2, 3], "data_offsets": [begin, end]}, …, "__metadata__": {"k": "v"}}
/// ```
///
/// Everything is checked when the file is read: the offsets cover the data exactly once, and each tensor's are as
/// long as its shape and type say. Immutable and thread-safe. The segments belong to the arena that [#open] was
/// given.
public final class SafetensorsFile {
    /// The format's own limit on the header.
    private static final long MAX_HEADER_BYTES = 100_000_000;

    private static final int LENGTH_BYTES = 8;
    private static final ValueLayout.OfLong LONG = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final String name;
    private final Map<String, SafetensorsTensor> tensors;
    private final MemorySegment bytes;

    private SafetensorsFile(String name, Map<String, SafetensorsTensor> tensors, MemorySegment bytes) {
        this.name = name;
        this.tensors = Collections.unmodifiableMap(tensors);
        this.bytes = bytes;
    }

    /// Maps and reads a file.
    ///
    /// @param arena owns the mapping; shared when several threads read
    /// @throws ModelNotFound when there is no such file or it cannot be read
    /// @throws ModelCorrupt  when the bytes contradict the format
    public static SafetensorsFile open(Path file, Arena arena) {
        return read(String.valueOf(file.getFileName()), FileMapping.map(file, arena));
    }

    /// Reads a file from memory.
    ///
    /// @param name  for messages
    /// @param bytes the whole file
    public static SafetensorsFile read(String name, MemorySegment bytes) {
        if (bytes.byteSize() < LENGTH_BYTES) {
            throw new ModelCorrupt("[" + name + "] has " + bytes.byteSize() + " bytes; expected at least "
                    + LENGTH_BYTES + ": not a safetensors file, or truncated");
        }
        long headerBytes = bytes.get(LONG, 0);
        if (headerBytes < 2 || headerBytes > MAX_HEADER_BYTES) {
            throw new ModelCorrupt("[" + name + "] header of " + Long.toUnsignedString(headerBytes)
                    + " bytes; expected 2 to " + MAX_HEADER_BYTES + ": not a safetensors file");
        }
        if (headerBytes > bytes.byteSize() - LENGTH_BYTES) {
            throw new ModelCorrupt("[" + name + "] header of " + headerBytes + " bytes, but only "
                    + (bytes.byteSize() - LENGTH_BYTES) + " follow; the file is truncated: fetch it again");
        }
        byte[] header = bytes.asSlice(LENGTH_BYTES, headerBytes).toArray(JAVA_BYTE);
        List<SafetensorsHeader.Entry> entries = SafetensorsHeader.parse(name, header);
        MemorySegment data = bytes.asSlice(LENGTH_BYTES + headerBytes);
        checkCoverage(name, entries, data.byteSize());
        Map<String, SafetensorsTensor> tensors = new LinkedHashMap<>();
        for (SafetensorsHeader.Entry entry : entries) {
            entry.checkLength(name);
            MemorySegment slice = data.asSlice(entry.begin(), entry.end() - entry.begin());
            tensors.put(entry.name(), new SafetensorsTensor(entry.name(), entry.dtype(), entry.shape(), slice));
        }
        return new SafetensorsFile(name, tensors, bytes);
    }

    /// The file's name, for messages.
    public String name() {
        return name;
    }

    /// Tensors by name, in the order of their data.
    public Map<String, SafetensorsTensor> tensors() {
        return tensors;
    }

    public @Nullable SafetensorsTensor find(String tensor) {
        return tensors.get(tensor);
    }

    /// The whole file; the tensors are slices of it.
    public MemorySegment bytes() {
        return bytes;
    }

    /// Sorts the entries by their place and checks that they cover the data exactly once.
    private static void checkCoverage(String name, List<SafetensorsHeader.Entry> entries, long dataBytes) {
        entries.sort(Comparator.comparingLong(SafetensorsHeader.Entry::begin)
                .thenComparingLong(SafetensorsHeader.Entry::end));
        long covered = 0;
        for (SafetensorsHeader.Entry entry : entries) {
            String where = "[" + name + "] tensor '" + entry.name() + "': data_offsets [" + entry.begin() + ", "
                    + entry.end() + "]; ";
            if (entry.begin() < 0 || entry.end() < entry.begin()) {
                throw new ModelCorrupt(where + "expected 0 <= begin <= end");
            }
            if (entry.end() > dataBytes) {
                throw new ModelCorrupt(where + "the file has " + dataBytes
                        + " bytes of tensors and is truncated or damaged: fetch it again");
            }
            if (entry.begin() != covered) {
                String problem = entry.begin() < covered ? "overlaps the tensor before it" : "leaves a hole before it";
                throw new ModelCorrupt(where + problem + "; expected to begin at " + covered);
            }
            covered = entry.end();
        }
        if (covered != dataBytes) {
            throw new ModelCorrupt("[" + name + "] tensors end at byte " + covered + " of " + dataBytes
                    + "; expected no bytes after them");
        }
    }
}
