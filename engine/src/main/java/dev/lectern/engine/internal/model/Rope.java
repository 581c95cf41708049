package dev.lectern.engine.internal.model;

import java.util.Arrays;
import java.util.Objects;

/// Rotary position embedding: pair j of a head is turned by `position * inverseFrequencies[j]` radians.
///
/// @param pairing            which elements of a head form pair j
/// @param inverseFrequencies one a pair, scaling already applied; `2 * length` elements of each head are turned
/// @param magnitude          factor on what is turned (YaRN's and LongRoPE's attention factor), 1 elsewhere
public record Rope(Pairing pairing, float[] inverseFrequencies, float magnitude) {
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

    public Rope(Pairing pairing, float[] inverseFrequencies) {
        this(pairing, inverseFrequencies, 1);
    }

    /// Elements of a head that are turned.
    public int turned() {
        return 2 * inverseFrequencies.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Rope that
                && pairing == that.pairing
                && magnitude == that.magnitude
                && Arrays.equals(inverseFrequencies, that.inverseFrequencies);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * pairing.hashCode() + Float.hashCode(magnitude)) + Arrays.hashCode(inverseFrequencies);
    }
}
