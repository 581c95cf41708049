package dev.lectern.engine.internal.family;

/// What a tensor is for. A family maps roles to names in the file; `{layer}` and `{expert}` in a name are replaced.
public enum TensorRole {
    EMBEDDING,
    OUTPUT_NORM,
    /// Absent in files whose output matrix is the embedding.
    OUTPUT,
    /// GGUF: one divisor per rotary pair; absent without frequency scaling.
    ROPE_DIVISORS,

    ATTENTION_NORM,
    QUERY,
    KEY,
    VALUE,
    ATTENTION_OUTPUT,

    MLP_NORM,
    GATE,
    UP,
    DOWN,

    ROUTER,
    SHARED_GATE,
    SHARED_UP,
    SHARED_DOWN,
    /// All experts, `(experts, outputs, inputs)`.
    EXPERTS_GATE,
    EXPERTS_UP,
    EXPERTS_DOWN,
    /// All experts, gate and up side by side, used as `x @ W`: `(experts, inputs, 2 * intermediateSize)`.
    EXPERTS_GATE_UP_TRANSPOSED,
    /// All experts, used as `x @ W`: `(experts, inputs, outputs)`.
    EXPERTS_DOWN_TRANSPOSED,
    /// One expert a tensor, `(outputs, inputs)`.
    EXPERT_GATE,
    EXPERT_UP,
    EXPERT_DOWN
}
