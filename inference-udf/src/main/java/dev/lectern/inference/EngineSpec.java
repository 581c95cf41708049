package dev.lectern.inference;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/// A recipe for an engine. It travels to the executors; the engine itself never does.
///
/// @param model         a GGUF file or a Hugging Face folder: a path or any Hadoop URI
/// @param backend       `auto`, `cpu`, `scalar` or `cuda`
/// @param threads       0 for all cores
/// @param kvMemoryBytes most bytes of cached keys and values; 0 for what the machine has left
/// @param speculation   whether tokens are guessed and verified several in one pass: faster, and the same to the
///                      last token
/// @param fingerprint   of the model that the driver saw; an executor that finds another one fails. Null accepts any
/// @param cacheFolder   local folder for copies of remote models; null for one in the machine's temporary folder
public record EngineSpec(
        String model,
        String backend,
        int threads,
        long kvMemoryBytes,
        boolean speculation,
        @Nullable String fingerprint,
        @Nullable String cacheFolder)
        implements Serializable {
    public static EngineSpec of(String model, String backend, int threads, boolean speculation) {
        return new EngineSpec(model, backend, threads, 0, speculation, null, null);
    }

    public EngineSpec withFingerprint(String newFingerprint) {
        return new EngineSpec(model, backend, threads, kvMemoryBytes, speculation, newFingerprint, cacheFolder);
    }

    /// Whether an engine opened by one serves the other.
    boolean sameEngine(EngineSpec other) {
        return model.equals(other.model)
                && backend.equals(other.backend)
                && threads == other.threads
                && kvMemoryBytes == other.kvMemoryBytes
                && speculation == other.speculation;
    }
}
