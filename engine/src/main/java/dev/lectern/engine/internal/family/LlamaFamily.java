package dev.lectern.engine.internal.family;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.ModelConfig;
import dev.lectern.engine.internal.model.Rope;
import dev.lectern.engine.internal.source.Metadata;
import dev.lectern.engine.internal.source.ModelSource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Llama 2 and 3, SmolLM and other `LlamaForCausalLM`: dense, grouped-query attention, rotary embedding in every
/// layer.
///
/// Hugging Face files rotate halves of a head; GGUF files hold q and k permuted so that pairs are adjacent.
final class LlamaFamily implements ModelFamily {
    @Override
    public List<String> architectures() {
        return List.of("llama");
    }

    @Override
    public Definition define(ModelSource source) {
        return source.format().equals("gguf") ? gguf(source) : huggingFace(source);
    }

    private static Definition huggingFace(ModelSource source) {
        Metadata config = source.metadata();
        String where = "[" + source.location() + "]";
        if (config.booleanOr("attention_bias", false) || config.booleanOr("mlp_bias", false)) {
            throw new EngineException.ModelUnsupported(
                    where + " attention_bias or mlp_bias: biases are not supported in architecture 'llama'");
        }
        requireSilu(config, where);
        int hiddenSize = config.requireInt("hidden_size");
        int heads = config.requireInt("num_attention_heads");
        int headDim = config.intOr("head_dim", hiddenSize / heads);
        Rope rope = new Rope(Rope.Pairing.HALVES, RopeFrequencies.huggingFace(config, headDim, where));
        ModelConfig decoder = dense(
                config.requireInt("vocab_size"),
                hiddenSize,
                config.requireInt("max_position_embeddings"),
                (float) config.requireDouble("rms_norm_eps"),
                config.requireInt("num_hidden_layers"),
                heads,
                config.intOr("num_key_value_heads", heads),
                headDim,
                config.requireInt("intermediate_size"),
                rope);
        return new Definition(decoder, TensorNames.huggingFace("model.", "mlp."));
    }

    private static Definition gguf(ModelSource source) {
        Metadata keys = source.metadata().sub("llama");
        int hiddenSize = keys.requireInt("embedding_length");
        int heads = keys.requireInt("attention.head_count");
        int headDim = keys.intOr("attention.key_length", hiddenSize / heads);
        Map<TensorRole, String> names = TensorNames.gguf();
        float[] frequencies = GgufRope.frequencies(source, keys, headDim, names);
        ModelConfig decoder = dense(
                TensorNames.vocabSize(source, names),
                hiddenSize,
                keys.requireInt("context_length"),
                (float) keys.requireDouble("attention.layer_norm_rms_epsilon"),
                keys.requireInt("block_count"),
                heads,
                keys.intOr("attention.head_count_kv", heads),
                headDim,
                keys.requireInt("feed_forward_length"),
                new Rope(Rope.Pairing.ADJACENT, frequencies));
        if (keys.intOr("expert_count", 0) > 0) {
            throw new EngineException.ModelUnsupported(
                    "[" + source.location()
                            + "] llama.expert_count: mixtures of experts under architecture 'llama' (Mixtral) are not supported yet");
        }
        return new Definition(decoder, names);
    }

    static void requireSilu(Metadata config, String where) {
        String activation = config.stringOr("hidden_act", "silu");
        if (!activation.equals("silu")) {
            throw new EngineException.ModelUnsupported(
                    where + " hidden_act '" + activation + "' unknown; supported: silu");
        }
    }

    private static ModelConfig dense(
            int vocabSize,
            int hiddenSize,
            int contextLength,
            float epsilon,
            int numLayers,
            int heads,
            int kvHeads,
            int headDim,
            int intermediateSize,
            Rope rope) {
        AttentionSpec.GroupedQuery attention = new AttentionSpec.GroupedQuery(
                heads,
                kvHeads,
                headDim,
                (float) (1 / Math.sqrt(headDim)),
                new AttentionSpec.Mask.Full(),
                Optional.of(rope),
                Optional.empty(),
                Optional.empty());
        ModelConfig.LayerSpec layer = new ModelConfig.LayerSpec(attention, new MlpSpec.Dense(intermediateSize));
        return new ModelConfig(vocabSize, hiddenSize, contextLength, epsilon, Collections.nCopies(numLayers, layer));
    }
}
