package dev.lectern.engine.internal.source;

import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelNotFound;
import java.io.IOException;
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
    /// Metadata is digested in pieces, because a byte buffer ends at 2 GiB.
    private static final long PIECE_BYTES = 1 << 20;

    private final Path location;
    private final String format;
    private final String architecture;
    private final Metadata metadata;
    private final MemorySegment metadataBytes;
    private final Map<String, TensorData> tensors;
    private final Map<Path, MemorySegment> files;
    private final Arena arena;
    private final AtomicBoolean closed = new AtomicBoolean();

    /// Computed when first asked for. Two threads may compute it twice, to equal values.
    private volatile @Nullable String fingerprint;

    /// @param metadataBytes the metadata as stored, for the fingerprint
    /// @param files         the weight files' mappings, of which all tensors are slices
    /// @param arena         of the mappings; closed by [#close]
    MappedModel(
            Path location,
            String format,
            String architecture,
            Metadata metadata,
            MemorySegment metadataBytes,
            List<TensorData> tensors,
            Map<Path, MemorySegment> files,
            Arena arena) {
        this.location = location;
        this.format = format;
        this.architecture = architecture;
        this.metadata = metadata;
        this.metadataBytes = metadataBytes;
        Map<String, TensorData> byName = new LinkedHashMap<>();
        tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
        this.tensors = Collections.unmodifiableMap(byName);
        this.files = Map.copyOf(files);
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
        return files.values().stream().mapToLong(MemorySegment::byteSize).sum();
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
        try (FileSampler sampler = new FileSampler(files)) {
            for (TensorData tensor : new TreeMap<>(tensors).values()) {
                digest.update(tensor.toString().getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
                sampler.sample(tensor.data(), digest);
                TensorScales scales = tensor.scales();
                if (scales != null) {
                    sampler.sample(scales.data(), digest);
                }
            }
        } catch (IOException e) {
            throw new ModelNotFound("[" + location + "] can no longer be read: " + e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
