package dev.lectern.engine.internal.model;

import java.util.Optional;

/// What one layer's feed-forward part is.
public sealed interface MlpSpec {
    /// `down(activation(gate(x), up(x)))`.
    record Dense(int intermediateSize, Activation activation) implements MlpSpec {}

    /// Routed experts, and a shared one where `sharedIntermediateSize` is not 0.
    ///
    /// @param router                 how tokens find their experts
    /// @param intermediateSize       width of a routed expert
    /// @param sharedIntermediateSize width of the expert that every token goes to; 0 for none
    /// @param activation             of routed and shared experts
    /// @param biases                 whether router and experts add biases (GPT-OSS)
    record Moe(Router router, int intermediateSize, int sharedIntermediateSize, Activation activation, boolean biases)
            implements MlpSpec {
        public int experts() {
            return router.experts();
        }

        public int topK() {
            return router.topK();
        }
    }

    /// How router logits choose a token's experts, and the weights that these get. Of equals the lower index
    /// wins.
    ///
    /// @param experts       number of routed experts
    /// @param topK          experts a token goes to
    /// @param gating        from logits to scores
    /// @param selectionBias whether a learned bias is added to the scores for the choice alone (DeepSeek V3)
    /// @param groups        restriction of the choice to some groups of experts; empty for none
    /// @param renormalise   whether the chosen scores are divided by their sum
    /// @param scale         factor on the scores in the end
    /// @param scoreOn       what the score multiplies
    record Router(
            int experts,
            int topK,
            Gating gating,
            boolean selectionBias,
            Optional<Groups> groups,
            boolean renormalise,
            float scale,
            ScoreOn scoreOn) {
        public Router {
            if (topK < 1 || topK > experts) {
                throw new IllegalArgumentException("topK " + topK + " of " + experts + " experts");
            }
            groups.ifPresent(some -> {
                if (some.count < 1 || experts % some.count != 0 || some.chosen < 1 || some.chosen > some.count) {
                    throw new IllegalArgumentException(
                            some.chosen + " of " + some.count + " groups of " + experts + " experts");
                }
                if (topK > experts / some.count * some.chosen) {
                    throw new IllegalArgumentException(
                            "topK " + topK + " in " + some.chosen + " groups of " + experts / some.count + " experts");
                }
            });
        }

        /// Softmax over all experts, scores on the output.
        public static Router softmax(int experts, int topK, boolean renormalise) {
            return new Router(experts, topK, Gating.SOFTMAX, false, Optional.empty(), renormalise, 1, ScoreOn.OUTPUT);
        }

        /// Sigmoid of each chosen logit on the expert's input (Llama 4).
        public static Router sigmoidOnInput(int experts, int topK) {
            return new Router(experts, topK, Gating.SIGMOID, false, Optional.empty(), false, 1, ScoreOn.INPUT);
        }
    }

    /// Experts lie in `count` groups of neighbours, of which the `chosen` with the largest sums of their two
    /// best scores take part (DeepSeek V3).
    record Groups(int count, int chosen) {}

    /// How router logits become scores.
    enum Gating {
        /// Sigmoid of each logit (Llama 4, DeepSeek V3).
        SIGMOID,
        /// Softmax over all experts. Renormalised, it is softmax over the chosen ones.
        SOFTMAX
    }

    /// What a routed expert's score multiplies.
    enum ScoreOn {
        /// The expert's input (Llama 4); it cannot be moved to the output.
        INPUT,
        /// The expert's output.
        OUTPUT
    }

    /// How gate and up become the input of down.
    sealed interface Activation {
        /// `silu(gate) * up`, `silu(x) = x * sigmoid(x)`.
        record Silu() implements Activation {}

        /// `gelu(gate) * up`, `gelu(x) = x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x³)))` (Gemma).
        record GeluTanh() implements Activation {}

        /// `(up + 1) * gate * sigmoid(alpha * gate)` with gate at most `limit` and up in `[-limit, limit]`
        /// (GPT-OSS).
        record ClampedSwish(float alpha, float limit) implements Activation {}

        Activation SILU = new Silu();
    }
}
