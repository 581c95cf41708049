package dev.lectern.engine.internal.family;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.ModelConfig;
import dev.lectern.engine.internal.model.Rope;
import dev.lectern.engine.internal.source.Metadata;
import dev.lectern.engine.internal.source.ModelSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// Llama 4 text (Scout, Maverick): iRoPE, top-1 sigmoid mixture of experts with a shared expert, dense layers between
/// where the file says so. A multimodal file's text part is read and its vision part left alone.
///
/// Three of four layers use RoPE and see only their own chunk; the fourth has no RoPE, full causal attention, and a
/// query temperature that grows with the position.
final class Llama4Family implements ModelFamily {
    /// What llama.cpp takes for granted where GGUF has no key (`src/models/llama4.cpp`).
    private static final int GGUF_CHUNK = 8192;

    private static final int GGUF_TEMPERATURE_FLOOR = 8192;
    private static final float GGUF_TEMPERATURE_SCALE = 0.1f;
    private static final int GGUF_NOPE_INTERVAL = 4;
    /// Maverick's number of experts: llama.cpp infers from it that there is no QK norm, since GGUF has no key for
    /// that.
    private static final int GGUF_EXPERTS_WITHOUT_QK_NORM = 128;

    @Override
    public List<String> architectures() {
        return List.of("llama4", "llama4_text");
    }

    @Override
    public Definition define(ModelSource source) {
        return source.format().equals("gguf") ? gguf(source) : huggingFace(source);
    }

    private static Definition huggingFace(ModelSource source) {
        String where = "[" + source.location() + "]";
        boolean multimodal = source.metadata().has("text_config.hidden_size");
        Metadata config = multimodal ? source.metadata().sub("text_config") : source.metadata();
        LlamaFamily.requireSilu(config, where);
        if (config.booleanOr("attention_bias", false)) {
            throw new EngineException.ModelUnsupported(where + " attention_bias: biases are not supported in Llama 4");
        }
        int numLayers = config.requireInt("num_hidden_layers");
        Shape shape = new Shape(
                config.requireInt("num_attention_heads"),
                config.requireInt("num_key_value_heads"),
                config.intOr("head_dim", config.requireInt("hidden_size") / config.requireInt("num_attention_heads")),
                config.intOr("attention_chunk_size", 8192),
                (float) config.requireDouble("rms_norm_eps"),
                config.booleanOr("use_qk_norm", true));
        Rope rope = new Rope(Rope.Pairing.ADJACENT, RopeFrequencies.huggingFace(config, shape.headDim, where));
        // A boolean in newer configurations, a number (4 for on) in older ones.
        Optional<AttentionSpec.Temperature> temperature = config.flagOr("attn_temperature_tuning", true)
                ? Optional.of(new AttentionSpec.Temperature(
                        config.intOr("floor_scale", 8192), (float) config.doubleOr("attn_scale", 0.1)))
                : Optional.empty();

        // `no_rope_layers[i] == 1` means that layer i uses RoPE; an empty list stands for the default pattern.
        int[] usesRope = config.ints("no_rope_layers").orElse(new int[0]);
        int interval = config.intOr("no_rope_layer_interval", 4);
        if (usesRope.length != 0 && usesRope.length != numLayers) {
            throw new EngineException.ModelCorrupt(
                    where + " no_rope_layers has " + usesRope.length + " entries for " + numLayers + " layers");
        }
        int step = config.intOr("interleave_moe_layer_step", 1);
        if (step < 1) {
            throw config.wrong("interleave_moe_layer_step", "at least 1");
        }
        Set<Integer> moe = new HashSet<>();
        config.ints("moe_layers")
                .ifPresentOrElse(
                        listed -> IntStream.of(listed).forEach(moe::add),
                        () -> IntStream.iterate(step - 1, layer -> layer < numLayers, layer -> layer + step)
                                .forEach(moe::add));
        int expertSize = config.requireInt("intermediate_size");
        MlpSpec.Moe experts =
                experts(config.requireInt("num_local_experts"), config.intOr("num_experts_per_tok", 1), expertSize);
        MlpSpec.Dense dense = new MlpSpec.Dense(config.intOr("intermediate_size_mlp", expertSize));

        List<ModelConfig.LayerSpec> layers = new ArrayList<>();
        for (int layer = 0; layer < numLayers; layer++) {
            boolean rotary = usesRope.length == 0 ? (layer + 1) % interval != 0 : usesRope[layer] == 1;
            layers.add(new ModelConfig.LayerSpec(
                    rotary ? shape.local(rope) : shape.global(temperature), moe.contains(layer) ? experts : dense));
        }
        String prefix =
                source.find("language_model.model.embed_tokens.weight") != null ? "language_model.model." : "model.";
        ModelConfig decoder = new ModelConfig(
                config.requireInt("vocab_size"),
                config.requireInt("hidden_size"),
                config.requireInt("max_position_embeddings"),
                shape.epsilon,
                layers);
        return new Definition(decoder, TensorNames.huggingFace(prefix, "feed_forward."));
    }

    private static Definition gguf(ModelSource source) {
        Metadata keys = source.metadata().sub("llama4");
        Map<TensorRole, String> names = TensorNames.gguf();
        int hiddenSize = keys.requireInt("embedding_length");
        int heads = keys.requireInt("attention.head_count");
        int headDim = keys.intOr("attention.key_length", hiddenSize / heads);
        int expertCount = keys.requireInt("expert_count");
        Shape shape = new Shape(
                heads,
                keys.intOr("attention.head_count_kv", heads),
                headDim,
                keys.intOr("attention.chunk_size", GGUF_CHUNK),
                (float) keys.requireDouble("attention.layer_norm_rms_epsilon"),
                expertCount != GGUF_EXPERTS_WITHOUT_QK_NORM);
        Rope rope = new Rope(Rope.Pairing.ADJACENT, GgufRope.frequencies(source, keys, headDim, names));
        Optional<AttentionSpec.Temperature> temperature = Optional.of(new AttentionSpec.Temperature(
                keys.intOr("attention.temperature_length", GGUF_TEMPERATURE_FLOOR),
                (float) keys.doubleOr("attention.temperature_scale", GGUF_TEMPERATURE_SCALE)));
        int step = keys.intOr("interleave_moe_layer_step", 1);
        int denseSize = keys.requireInt("feed_forward_length");
        MlpSpec.Moe experts = experts(
                expertCount, keys.intOr("expert_used_count", 1), keys.intOr("expert_feed_forward_length", denseSize));
        List<ModelConfig.LayerSpec> layers = new ArrayList<>();
        for (int layer = 0; layer < keys.requireInt("block_count"); layer++) {
            boolean rotary = (layer + 1) % GGUF_NOPE_INTERVAL != 0;
            boolean moe = step > 0 && (layer + 1) % step == 0;
            layers.add(new ModelConfig.LayerSpec(
                    rotary ? shape.local(rope) : shape.global(temperature),
                    moe ? experts : new MlpSpec.Dense(denseSize)));
        }
        ModelConfig decoder = new ModelConfig(
                TensorNames.vocabSize(source, names),
                hiddenSize,
                keys.requireInt("context_length"),
                shape.epsilon,
                layers);
        return new Definition(decoder, names);
    }

    private static MlpSpec.Moe experts(int experts, int topK, int intermediateSize) {
        return new MlpSpec.Moe(
                experts, topK, intermediateSize, intermediateSize, MlpSpec.Gating.SIGMOID, MlpSpec.ScoreOn.INPUT);
    }

    /// What local and global layers share.
    private record Shape(int heads, int kvHeads, int headDim, int chunk, float epsilon, boolean qkNorm) {
        AttentionSpec.GroupedQuery local(Rope rope) {
            return new AttentionSpec.GroupedQuery(
                    heads,
                    kvHeads,
                    headDim,
                    scale(),
                    new AttentionSpec.Mask.Chunked(chunk),
                    Optional.of(rope),
                    qkNorm ? Optional.of(new AttentionSpec.QkNorm(epsilon)) : Optional.empty(),
                    Optional.empty());
        }

        AttentionSpec.GroupedQuery global(Optional<AttentionSpec.Temperature> temperature) {
            return new AttentionSpec.GroupedQuery(
                    heads,
                    kvHeads,
                    headDim,
                    scale(),
                    new AttentionSpec.Mask.Full(),
                    Optional.empty(),
                    Optional.empty(),
                    temperature);
        }

        private float scale() {
            return (float) (1 / Math.sqrt(headDim));
        }
    }
}
