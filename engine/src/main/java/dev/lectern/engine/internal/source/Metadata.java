package dev.lectern.engine.internal.source;

/// Typed access to a model's metadata by dotted key (`rope_parameters.factor` of config.json, `llama4.block_count` of GGUF).
/// Placeholder: to be completed with the readers.
public final class Metadata {}
