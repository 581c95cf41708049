package dev.lectern.engine.internal.model;

/// What one layer's feed-forward part is.
public sealed interface MlpSpec {
    /// `down(silu(gate(x)) * up(x))`.
    record Dense(int intermediateSize) implements MlpSpec {}

    /// Routed experts, and a shared one where `sharedIntermediateSize` is not 0.
    ///
    /// @param experts                number of routed experts
    /// @param topK                   experts a token goes to, those with the largest router logits
    /// @param intermediateSize       width of a routed expert
    /// @param sharedIntermediateSize width of the expert that every token goes to; 0 for none
    /// @param gating                 from logits to scores
    /// @param scoreOn                where the score applies
    record Moe(int experts, int topK, int intermediateSize, int sharedIntermediateSize, Gating gating, ScoreOn scoreOn)
            implements MlpSpec {
        public Moe {
            if (topK < 1 || topK > experts) {
                throw new IllegalArgumentException("topK " + topK + " of " + experts + " experts");
            }
        }
    }

    /// How router logits become scores.
    enum Gating {
        /// Sigmoid of each chosen logit, not renormalised (Llama 4).
        SIGMOID
    }

    /// What a routed expert's score multiplies.
    enum ScoreOn {
        /// The expert's input (Llama 4); it cannot be moved to the output.
        INPUT
    }
}
