package dev.lectern.engine;

import java.nio.file.Path;
import java.util.Set;

/// How an engine is opened.
///
/// @param model         a GGUF file or a Hugging Face folder, local
/// @param backend       `auto` (the best that runs here), `cpu`, `scalar` or `cuda`; one that is named and cannot
///                      run fails
/// @param threads       of the CPU backend; 0 for all cores
/// @param kvMemoryBytes most bytes of cached keys and values; 0 for what the machine has left beside heap and
///                      weights
/// @param speculation   whether tokens are guessed from what context, prompt and answer hold already, to be verified
///                      several in one pass: faster where answers quote, and the same to the last token
public record EngineConfig(Path model, String backend, int threads, long kvMemoryBytes, boolean speculation) {
    private static final Set<String> BACKENDS = Set.of("auto", "cpu", "scalar", "cuda");

    /// With speculation.
    public EngineConfig(Path model, String backend, int threads, long kvMemoryBytes) {
        this(model, backend, threads, kvMemoryBytes, true);
    }

    public EngineConfig {
        if (!BACKENDS.contains(backend)) {
            throw new EngineException.InvalidRequest(
                    "backend '" + backend + "' unknown; supported: auto, cpu, scalar, cuda");
        }
        if (threads < 0 || kvMemoryBytes < 0) {
            throw new EngineException.InvalidRequest(
                    "threads " + threads + ", kvMemoryBytes " + kvMemoryBytes + ": expected at least 0 (0 chooses)");
        }
    }

    public static EngineConfig of(Path model) {
        return new EngineConfig(model, "auto", 0, 0);
    }

    public EngineConfig withThreads(int newThreads) {
        return new EngineConfig(model, backend, newThreads, kvMemoryBytes, speculation);
    }

    public EngineConfig withSpeculation(boolean newSpeculation) {
        return new EngineConfig(model, backend, threads, kvMemoryBytes, newSpeculation);
    }
}
