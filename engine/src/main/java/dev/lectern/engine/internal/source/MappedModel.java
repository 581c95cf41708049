package dev.lectern.engine.internal.source;

import dev.lectern.engine.EngineException.ModelCorrupt;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// A model's mapped files, whatever their format. Owns the arena of the mappings.
final class MappedModel implements ModelSource {
    /// Tensors up to this size enter the fingerprint whole: all norms, and all of a test model.
    private static final long WHOLE_TENSOR_BYTES = 64 << 10;
    /// Of larger ones this many windows, evenly spread, first and last bytes included.
    private static final int WINDOWS = 8;

    private static final int WINDOW_BYTES = 4096;
    /// Metadata is digested in pieces, because a byte buffer ends at 2 GiB.
    private static final long PIECE_BYTES = 1 << 20;

    private final Path location;
    private final String format;
    private final String architecture;
    private final Metadata metadata;
    private final MemorySegment metadataBytes;
    private final Map<String, TensorData> tensors;
    private final long fileBytes;
    private final Arena arena;
    private final AtomicBoolean closed = new AtomicBoolean();

    /// Computed when first asked for. Two threads may compute it twice, to equal values.
    private volatile @Nullable String fingerprint;

    /// @param metadataBytes the metadata as stored, for the fingerprint
    /// @param arena         of all the tensors' segments; closed by [#close]
    MappedModel(
            Path location,
            String format,
            String architecture,
            Metadata metadata,
            MemorySegment metadataBytes,
            List<TensorData> tensors,
            long fileBytes,
            Arena arena) {
        this.location = location;
        this.format = format;
        this.architecture = architecture;
        this.metadata = metadata;
        this.metadataBytes = metadataBytes;
        Map<String, TensorData> byName = new LinkedHashMap<>();
        tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
        this.tensors = Collections.unmodifiableMap(byName);
        this.fileBytes = fileBytes;
        this.arena = arena;
    }

    @Override
    public Path location() {
        return location;
    }

    @Override
    public String format() {
        return format;
    }

    @Override
    public String architecture() {
        return architecture;
    }

    @Override
    public Metadata metadata() {
        return metadata;
    }

    @Override
    public @Nullable TensorData find(String name) {
        return tensors.get(name);
    }

    @Override
    public TensorData require(String name) {
        TensorData tensor = tensors.get(name);
        if (tensor == null) {
            throw new ModelCorrupt(
                    "[" + location.getFileName() + "] tensor '" + name + "' is missing; there are " + tensors.size()
                            + " others: the model is incomplete or not of architecture '" + architecture + "'");
        }
        return tensor;
    }

    @Override
    public List<TensorData> tensors() {
        return List.copyOf(tensors.values());
    }

    @Override
    public long fileBytes() {
        return fileBytes;
    }

    @Override
    public String fingerprint() {
        String known = fingerprint;
        if (known == null) {
            known = computeFingerprint();
            fingerprint = known;
        }
        return known;
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            arena.close();
        }
    }

    /// The order of tensors, and their distribution over shards, do not enter.
    private String computeFingerprint() {
        MessageDigest digest = sha256();
        long metadataSize = metadataBytes.byteSize();
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(metadataSize).flip());
        for (long at = 0; at < metadataSize; at += PIECE_BYTES) {
            long piece = Math.min(PIECE_BYTES, metadataSize - at);
            digest.update(metadataBytes.asSlice(at, piece).asByteBuffer());
        }
        new TreeMap<>(tensors).values().forEach(tensor -> {
            digest.update(tensor.toString().getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            sample(tensor.data(), digest);
        });
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void sample(MemorySegment data, MessageDigest digest) {
        long size = data.byteSize();
        if (size <= WHOLE_TENSOR_BYTES) {
            digest.update(data.asByteBuffer());
            return;
        }
        for (int i = 0; i < WINDOWS; i++) {
            long start = (size - WINDOW_BYTES) / (WINDOWS - 1) * i;
            if (i == WINDOWS - 1) {
                start = size - WINDOW_BYTES;
            }
            digest.update(data.asSlice(start, WINDOW_BYTES).asByteBuffer());
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
