package dev.lectern.engine.internal.source;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A model's files, mapped: metadata, and tensors by name. Owns the mappings, which end with [#close]. Thread-safe.
public interface ModelSource extends AutoCloseable {
    Path location();

    /// `huggingface` or `gguf`.
    String format();

    /// `model_type` of config.json, `general.architecture` of GGUF.
    String architecture();

    Metadata metadata();

    @Nullable
    TensorData find(String name);

    /// @throws dev.lectern.engine.EngineException.ModelCorrupt naming file and tensor when it is missing
    TensorData require(String name);

    List<TensorData> tensors();

    /// Bytes of all weight files.
    long fileBytes();

    /// Hex SHA-256 over metadata, tensor directory and a sample of each tensor's bytes (reading all of a 200 GB
    /// file at each start would be too slow).
    String fingerprint();

    @Override
    void close();
}
