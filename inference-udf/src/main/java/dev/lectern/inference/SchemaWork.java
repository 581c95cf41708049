package dev.lectern.inference;

import java.io.Serializable;

/// What holding answers to their schemas took and saved.
///
/// @param forcedTokens  tokens that the schema left no choice about, so that they were not sampled
/// @param continuations requests for the rest of lists that were cut
/// @param maskMicros    time spent on finding out which tokens the schema admits
public record SchemaWork(long forcedTokens, long continuations, long maskMicros) implements Serializable {
    public static final SchemaWork NONE = new SchemaWork(0, 0, 0);

    public SchemaWork plus(SchemaWork other) {
        return new SchemaWork(
                forcedTokens + other.forcedTokens, continuations + other.continuations, maskMicros + other.maskMicros);
    }
}
