package dev.lectern.engine.internal.model;

import java.util.Arrays;
import java.util.Objects;

/// Rotary position embedding: pair j of a head is turned by `position * inverseFrequencies[j]` radians.
///
/// @param pairing            which elements of a head form pair j
/// @param inverseFrequencies one a pair, scaling already applied; `2 * length` elements of each head are turned
public record Rope(Pairing pairing, float[] inverseFrequencies) {
    /// Which elements of a head form pair j.
    public enum Pairing {
        /// 2j and 2j + 1 (Meta's files, Llama 4 everywhere, GGUF).
        ADJACENT,
        /// j and j + dimensions / 2 (Hugging Face's Llama 2 and 3).
        HALVES
    }

    public Rope {
        Objects.requireNonNull(pairing);
        inverseFrequencies = inverseFrequencies.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Rope that
                && pairing == that.pairing
                && Arrays.equals(inverseFrequencies, that.inverseFrequencies);
    }

    @Override
    public int hashCode() {
        return 31 * pairing.hashCode() + Arrays.hashCode(inverseFrequencies);
    }
}
