package dev.lectern.engine.internal.family;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.ModelConfig;
import dev.lectern.engine.internal.model.Rope;
import dev.lectern.engine.internal.source.Metadata;
import dev.lectern.engine.internal.source.ModelSource;
import java.util.List;

/// The figures that nearly every decoder's metadata has under the same names, bounded so that no later step meets an
/// absurd one.
///
/// @param headDim          width of a head
/// @param intermediateSize of the dense feed-forward part
record DecoderShape(
        int vocabSize,
        int hiddenSize,
        int contextLength,
        float epsilon,
        int numLayers,
        int heads,
        int kvHeads,
        int headDim,
        int intermediateSize) {
    /// Far beyond any model; what exceeds it is damage.
    private static final int MOST = 1 << 24;

    private static final int MOST_LAYERS = 1 << 14;
    /// Heads, and elements of a head.
    static final int MOST_HEADS = 1 << 16;
    static final int MOST_EXPERTS = 1 << 16;

    /// A Hugging Face configuration's. Its head_dim is optional, and so is num_key_value_heads.
    static DecoderShape huggingFace(Metadata config) {
        int hiddenSize = positive(config, "hidden_size", MOST);
        int heads = positive(config, "num_attention_heads", MOST_HEADS);
        return new DecoderShape(
                positive(config, "vocab_size", MOST),
                hiddenSize,
                config.requireInt("max_position_embeddings"),
                (float) config.requireDouble("rms_norm_eps"),
                positive(config, "num_hidden_layers", MOST_LAYERS),
                heads,
                config.has("num_key_value_heads") ? positive(config, "num_key_value_heads", MOST) : heads,
                config.has("head_dim") ? positive(config, "head_dim", MOST_HEADS) : Math.max(1, hiddenSize / heads),
                positive(config, "intermediate_size", MOST));
    }

    /// A GGUF file's.
    ///
    /// @param keys the architecture's keys, without their prefix
    static DecoderShape gguf(ModelSource source, Metadata keys, TensorMap tensors) {
        int hiddenSize = positive(keys, "embedding_length", MOST);
        int heads = positive(keys, "attention.head_count", MOST_HEADS);
        return new DecoderShape(
                tensors.vocabSize(source),
                hiddenSize,
                keys.requireInt("context_length"),
                (float) keys.requireDouble("attention.layer_norm_rms_epsilon"),
                positive(keys, "block_count", MOST_LAYERS),
                heads,
                keys.has("attention.head_count_kv") ? positive(keys, "attention.head_count_kv", MOST) : heads,
                keys.has("attention.key_length")
                        ? positive(keys, "attention.key_length", MOST_HEADS)
                        : Math.max(1, hiddenSize / heads),
                positive(keys, "feed_forward_length", MOST));
    }

    /// @throws EngineException.ModelCorrupt for a number that is not in `[1, most]`
    static int positive(Metadata metadata, String key, int most) {
        int value = metadata.requireInt(key);
        if (value < 1 || value > most) {
            throw metadata.wrong(key, "1 to " + most);
        }
        return value;
    }

    static int positive(Metadata metadata, String key) {
        return positive(metadata, key, MOST);
    }

    /// Experts and how many of them a token goes to.
    static MlpSpec.Router softmaxRouter(Metadata metadata, String expertsKey, String topKKey, boolean renormalise) {
        int experts = positive(metadata, expertsKey, MOST_EXPERTS);
        return MlpSpec.Router.softmax(experts, positive(metadata, topKKey, experts), renormalise);
    }

    /// Full causal attention at scale `1/sqrt(headDim)`.
    AttentionSpec.GroupedQuery attention(Rope rope) {
        if (heads % kvHeads != 0) {
            throw new EngineException.ModelCorrupt(
                    heads + " attention heads for " + kvHeads + " key heads; expected a multiple");
        }
        if (rope.turned() > headDim) {
            throw new EngineException.ModelCorrupt(
                    "rotary embedding of " + rope.turned() + " elements in heads of " + headDim);
        }
        return AttentionSpec.GroupedQuery.of(heads, kvHeads, headDim).withRope(rope);
    }

    MlpSpec.Dense dense() {
        return new MlpSpec.Dense(intermediateSize, MlpSpec.Activation.SILU);
    }

    ModelConfig config(List<ModelConfig.LayerSpec> layers) {
        return config(layers, ModelConfig.Multipliers.NONE);
    }

    ModelConfig config(List<ModelConfig.LayerSpec> layers, ModelConfig.Multipliers multipliers) {
        return new ModelConfig(vocabSize, hiddenSize, contextLength, epsilon, multipliers, layers);
    }
}
