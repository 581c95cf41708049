package dev.lectern.engine.internal.family;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.AttentionSpec.QkNorm;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.ModelConfig;
import dev.lectern.engine.internal.model.Rope;
import dev.lectern.engine.internal.source.Metadata;
import dev.lectern.engine.internal.source.ModelSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// Llama 4 text (Scout, Maverick): iRoPE, top-1 sigmoid mixture of experts with a shared expert, dense layers
/// between where the file says so. A multimodal file's text part is read and its vision part left alone.
///
/// Three of four layers use RoPE and see only their own chunk; the fourth has no RoPE, full causal attention, and a
/// query temperature that grows with the position.
final class Llama4Family implements ModelFamily {
    /// What llama.cpp takes for granted where GGUF has no key (`src/models/llama4.cpp`).
    private static final int GGUF_CHUNK = 8192;

    private static final int GGUF_TEMPERATURE_FLOOR = 8192;
    private static final float GGUF_TEMPERATURE_SCALE = 0.1f;
    private static final int GGUF_NOPE_INTERVAL = 4;
    /// Maverick's number of experts: llama.cpp infers from it that there is no QK norm, since GGUF has no key
    /// for that.
    private static final int GGUF_EXPERTS_WITHOUT_QK_NORM = 128;

    @Override
    public List<String> architectures() {
        return List.of("llama4", "llama4_text");
    }

    @Override
    public Definition huggingFace(ModelSource source) {
        String where = "[" + source.location() + "]";
        boolean multimodal = source.metadata().has("text_config.hidden_size");
        Metadata config = multimodal ? source.metadata().sub("text_config") : source.metadata();
        ModelFamily.requireActivation(config, "hidden_act", "silu");
        ModelFamily.requireOff(config, "attention_bias");
        DecoderShape shape = DecoderShape.huggingFace(config);
        int numLayers = shape.numLayers();
        int chunk = config.has("attention_chunk_size")
                ? DecoderShape.positive(config, "attention_chunk_size", Integer.MAX_VALUE)
                : 8192;
        boolean qkNorm = config.booleanOr("use_qk_norm", true);
        Rope rope = RopeScaling.huggingFace(config, shape.headDim(), Rope.Pairing.ADJACENT, where);
        // A boolean in newer configurations, a number (4 for on) in older ones.
        Optional<AttentionSpec.Temperature> temperature = config.flagOr("attn_temperature_tuning", true)
                ? Optional.of(new AttentionSpec.Temperature(
                        config.intOr("floor_scale", 8192), (float) config.doubleOr("attn_scale", 0.1)))
                : Optional.empty();

        // `no_rope_layers[i] == 1` means that layer i uses RoPE; an empty list stands for the default
        // pattern.
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
        int expertSize = shape.intermediateSize();
        MlpSpec.Moe experts = experts(config, "num_local_experts", "num_experts_per_tok", expertSize);
        MlpSpec.Dense dense =
                new MlpSpec.Dense(config.intOr("intermediate_size_mlp", expertSize), MlpSpec.Activation.SILU);

        List<ModelConfig.LayerSpec> layers = new ArrayList<>();
        for (int layer = 0; layer < numLayers; layer++) {
            boolean rotary = usesRope.length == 0 ? (layer + 1) % interval != 0 : usesRope[layer] == 1;
            layers.add(new ModelConfig.LayerSpec(
                    rotary ? local(shape, rope, chunk, qkNorm) : global(shape, temperature),
                    moe.contains(layer) ? experts : dense));
        }
        String prefix =
                source.find("language_model.model.embed_tokens.weight") != null ? "language_model.model." : "model.";
        return new Definition(shape.config(layers), tensors(prefix, expertSize));
    }

    @Override
    public Definition gguf(ModelSource source) {
        Metadata keys = source.metadata().sub("llama4");
        TensorMap tensors = TensorMap.gguf();
        DecoderShape shape = DecoderShape.gguf(source, keys, tensors);
        int chunk = keys.intOr("attention.chunk_size", GGUF_CHUNK);
        int expertCount = keys.requireInt("expert_count");
        boolean qkNorm = expertCount != GGUF_EXPERTS_WITHOUT_QK_NORM;
        Rope rope = RopeScaling.gguf(
                source, keys, shape.headDim(), Rope.Pairing.ADJACENT, tensors, RopeScaling.Yarn.DEFAULT);
        Optional<AttentionSpec.Temperature> temperature = Optional.of(new AttentionSpec.Temperature(
                keys.intOr("attention.temperature_length", GGUF_TEMPERATURE_FLOOR),
                (float) keys.doubleOr("attention.temperature_scale", GGUF_TEMPERATURE_SCALE)));
        int step = keys.intOr("interleave_moe_layer_step", 1);
        int denseSize = shape.intermediateSize();
        int expertSize = keys.intOr("expert_feed_forward_length", denseSize);
        MlpSpec.Moe experts = experts(keys, "expert_count", "expert_used_count", expertSize);
        List<ModelConfig.LayerSpec> layers = new ArrayList<>();
        for (int layer = 0; layer < shape.numLayers(); layer++) {
            boolean rotary = (layer + 1) % GGUF_NOPE_INTERVAL != 0;
            boolean moe = step > 0 && (layer + 1) % step == 0;
            layers.add(new ModelConfig.LayerSpec(
                    rotary ? local(shape, rope, chunk, qkNorm) : global(shape, temperature),
                    moe ? experts : shape.dense()));
        }
        return new Definition(shape.config(layers), tensors);
    }

    private static MlpSpec.Moe experts(Metadata metadata, String count, String topK, int intermediateSize) {
        int experts = DecoderShape.positive(metadata, count, DecoderShape.MOST_EXPERTS);
        int chosen = metadata.has(topK) ? DecoderShape.positive(metadata, topK, experts) : 1;
        return new MlpSpec.Moe(
                MlpSpec.Router.sigmoidOnInput(experts, chosen),
                intermediateSize,
                intermediateSize,
                MlpSpec.Activation.SILU,
                false);
    }

    private static AttentionSpec local(DecoderShape shape, Rope rope, int chunk, boolean qkNorm) {
        AttentionSpec.GroupedQuery attention = shape.attention(rope).withMask(new AttentionSpec.Mask.Chunked(chunk));
        return qkNorm ? attention.withQkNorm(new QkNorm(QkNorm.Kind.HEAD_AFTER_ROPE, shape.epsilon())) : attention;
    }

    private static AttentionSpec global(DecoderShape shape, Optional<AttentionSpec.Temperature> temperature) {
        return AttentionSpec.GroupedQuery.of(shape.heads(), shape.kvHeads(), shape.headDim())
                .withTemperature(temperature);
    }

    /// Experts are fused, `x @ W` with gate outputs before up outputs, or have a tensor each in some exports.
    private static TensorMap tensors(String prefix, int expertSize) {
        String mlp = prefix + "layers.{layer}.feed_forward.";
        String gateUp = mlp + "experts.gate_up_proj";
        String expert = mlp + "experts.{expert}.";
        return TensorMap.huggingFace(prefix, "feed_forward.")
                .with(TensorRole.ROUTER, mlp + "router.weight")
                .with(TensorRole.SHARED_GATE, mlp + "shared_expert.gate_proj.weight")
                .with(TensorRole.SHARED_UP, mlp + "shared_expert.up_proj.weight")
                .with(TensorRole.SHARED_DOWN, mlp + "shared_expert.down_proj.weight")
                .with(
                        TensorRole.EXPERT_GATE,
                        TensorPart.transposedSlice(gateUp, 0, 2 * expertSize),
                        TensorPart.whole(expert + "gate_proj.weight"))
                .with(
                        TensorRole.EXPERT_UP,
                        TensorPart.transposedSlice(gateUp, expertSize, 2 * expertSize),
                        TensorPart.whole(expert + "up_proj.weight"))
                .with(
                        TensorRole.EXPERT_DOWN,
                        TensorPart.transposed(mlp + "experts.down_proj"),
                        TensorPart.whole(expert + "down_proj.weight"));
    }
}
