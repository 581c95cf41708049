package dev.lectern.pipeline.infer;

/// Told how far inference is, from a thread of Spark: must be quick and must not throw.
@FunctionalInterface
public interface InferProgress {
    InferProgress NONE = state -> {};

    void update(State state);

    /// @param contextsDone   contexts whose parts are written
    /// @param tokensRead     prefilled so far
    /// @param questionsDone  questions with a row
    record State(long contextsDone, long contexts, long tokensRead, long tokens, long questionsDone, long questions) {}
}
