package dev.lectern.engine;

/// Why a generation ended.
public enum FinishReason {
    /// A stop token was produced (it is not part of the tokens).
    STOP,
    /// The request's `maxTokens` were produced, or the answer was closed so that it would not need more.
    LENGTH,
    /// The model's context length was reached, or the answer was closed so that it would not exceed it.
    CONTEXT_FULL,
    /// No token continues the answer, and it is not yet a whole value of its schema: a vocabulary that cannot
    /// spell it, or a schema whose names have run out.
    DEAD_END
}
