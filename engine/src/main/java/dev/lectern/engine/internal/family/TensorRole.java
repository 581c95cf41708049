package dev.lectern.engine.internal.family;

/// What a tensor is for. A family says for each role where the file keeps it ([TensorMap]).
public enum TensorRole {
    EMBEDDING,
    OUTPUT_NORM,
    /// Absent in files whose output matrix is the embedding.
    OUTPUT,
    /// GGUF: one divisor per rotary pair; absent without frequency scaling.
    ROPE_DIVISORS,
    /// GGUF: the divisors of LongRoPE for sequences beyond the original context, and within it.
    ROPE_DIVISORS_LONG,
    ROPE_DIVISORS_SHORT,

    ATTENTION_NORM,
    QUERY,
    KEY,
    VALUE,
    ATTENTION_OUTPUT,
    QUERY_BIAS,
    KEY_BIAS,
    VALUE_BIAS,
    ATTENTION_OUTPUT_BIAS,
    QUERY_NORM,
    KEY_NORM,
    SINKS,
    ATTENTION_POST_NORM,

    /// Latent attention: see [dev.lectern.engine.internal.decoder.DecoderWeights.Latent].
    QUERY_DOWN,
    QUERY_DOWN_NORM,
    QUERY_UP,
    LATENT_DOWN,
    LATENT_NORM,
    /// `(heads, latentDim, noPeDim)`.
    KEY_UP,
    /// `(heads, valueDim, latentDim)`.
    VALUE_UP,
    /// Both as one: `(heads * (noPeDim + valueDim), latentDim)`, each head's key rows before its value rows.
    KEY_VALUE_UP,

    MLP_NORM,
    GATE,
    UP,
    DOWN,
    MLP_POST_NORM,

    ROUTER,
    ROUTER_BIAS,
    SELECTION_BIAS,
    SHARED_GATE,
    SHARED_UP,
    SHARED_DOWN,
    /// One tensor an expert, or one for all with the experts as its first dimension.
    EXPERT_GATE,
    EXPERT_UP,
    EXPERT_DOWN,
    EXPERT_GATE_BIAS,
    EXPERT_UP_BIAS,
    EXPERT_DOWN_BIAS
}
