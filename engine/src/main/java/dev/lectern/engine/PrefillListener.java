package dev.lectern.engine;

/// Told how far a prefill is. Called on the working thread: must be cheap and must not block.
@FunctionalInterface
public interface PrefillListener {
    PrefillListener NONE = tokensDone -> {};

    /// @param tokensDone tokens of the context whose keys and values are cached
    void progress(long tokensDone);
}
