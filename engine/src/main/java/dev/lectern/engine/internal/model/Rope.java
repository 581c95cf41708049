package dev.lectern.engine.internal.model;

import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/// Rotary position embedding: pair j of a head is turned by `position * inverseFrequencies[j]` radians.
///
/// @param pairing            which elements of a head form pair j
/// @param inverseFrequencies one a pair, scaling already applied; `2 * length` elements of each head are turned
/// @param magnitude          factor on what is turned (YaRN's and LongRoPE's attention factor), 1 elsewhere
/// @param within             what replaces the frequencies in short sequences (LongRoPE); empty elsewhere
public record Rope(Pairing pairing, float[] inverseFrequencies, float magnitude, Optional<Within> within) {
    /// Which elements of a head form pair j.
    public enum Pairing {
        /// 2j and 2j + 1 (Meta's files, Llama 4 everywhere, GGUF).
        ADJACENT,
        /// j and j + dimensions / 2 (Hugging Face's Llama 2 and 3).
        HALVES
    }

    /// The frequencies of sequences that are expected to have at most `length` positions.
    ///
    /// @param inverseFrequencies as many as the rope's own
    public record Within(int length, float[] inverseFrequencies) {
        public Within {
            inverseFrequencies = inverseFrequencies.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Within that
                    && length == that.length
                    && Arrays.equals(inverseFrequencies, that.inverseFrequencies);
        }

        @Override
        public int hashCode() {
            return 31 * length + Arrays.hashCode(inverseFrequencies);
        }
    }

    public Rope {
        Objects.requireNonNull(pairing);
        inverseFrequencies = inverseFrequencies.clone();
    }

    public Rope(Pairing pairing, float[] inverseFrequencies, float magnitude) {
        this(pairing, inverseFrequencies, magnitude, Optional.empty());
    }

    public Rope(Pairing pairing, float[] inverseFrequencies) {
        this(pairing, inverseFrequencies, 1);
    }

    /// Elements of a head that are turned.
    public int turned() {
        return 2 * inverseFrequencies.length;
    }

    /// The rope of a sequence, whose form never changes while it grows: cached keys could not follow.
    ///
    /// @param expectedPositions how long the sequence is to become
    public Rope forLength(int expectedPositions) {
        return within.filter(some -> expectedPositions <= some.length)
                .map(some -> new Rope(pairing, some.inverseFrequencies, magnitude))
                .orElse(this);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Rope that
                && pairing == that.pairing
                && magnitude == that.magnitude
                && Arrays.equals(inverseFrequencies, that.inverseFrequencies)
                && within.equals(that.within);
    }

    @Override
    public int hashCode() {
        return Objects.hash(pairing, magnitude, Arrays.hashCode(inverseFrequencies), within);
    }
}
