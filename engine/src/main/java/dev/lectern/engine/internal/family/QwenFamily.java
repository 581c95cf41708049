package dev.lectern.engine.internal.family;

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
import java.util.Set;
import java.util.stream.IntStream;

/// Qwen 2 and 2.5 (biases on query, key and value), Qwen 3 (norms per head before rope instead) and its mixture of
/// experts, softmax-routed without a shared expert.
final class QwenFamily implements ModelFamily {
    private static final String GGUF_MOE = "qwen3moe";

    @Override
    public List<String> architectures() {
        return List.of("qwen2", "qwen3", "qwen3_moe", GGUF_MOE);
    }

    @Override
    public Definition huggingFace(ModelSource source) {
        Metadata config = source.metadata();
        ModelFamily.requireActivation(config, "hidden_act", "silu");
        boolean second = source.architecture().equals("qwen2");
        boolean mixture = source.architecture().equals("qwen3_moe");
        DecoderShape shape = DecoderShape.huggingFace(config);
        Rope rope =
                RopeScaling.huggingFace(config, shape.headDim(), Rope.Pairing.HALVES, "[" + source.location() + "]");
        AttentionSpec.GroupedQuery attention = attention(shape, rope, second);
        if (config.booleanOr("attention_bias", false)) {
            attention = attention.withBiases(AttentionSpec.Biases.ALL);
        }
        LayerTypes types = LayerTypes.of(config, shape.numLayers(), config.booleanOr("use_sliding_window", false));
        Set<Integer> dense = new HashSet<>();
        config.ints("mlp_only_layers").ifPresent(listed -> IntStream.of(listed).forEach(dense::add));
        int step = config.intOr("decoder_sparse_step", 1);
        List<ModelConfig.LayerSpec> layers = new ArrayList<>();
        for (int layer = 0; layer < shape.numLayers(); layer++) {
            boolean moe = mixture && !dense.contains(layer) && step > 0 && (layer + 1) % step == 0;
            MlpSpec mlp = moe ? experts(config, shape) : shape.dense();
            layers.add(new ModelConfig.LayerSpec(attention.withMask(types.mask(layer)), mlp));
        }
        return new Definition(shape.config(layers), TensorMap.huggingFace("model.", "mlp."));
    }

    private static MlpSpec.Moe experts(Metadata config, DecoderShape shape) {
        String count = config.has("num_experts") ? "num_experts" : "num_local_experts";
        return new MlpSpec.Moe(
                DecoderShape.softmaxRouter(
                        config, count, "num_experts_per_tok", config.booleanOr("norm_topk_prob", false)),
                DecoderShape.positive(config, "moe_intermediate_size"),
                0,
                MlpSpec.Activation.SILU,
                false);
    }

    @Override
    public Definition gguf(ModelSource source) {
        Metadata keys = source.metadata().sub(source.architecture());
        TensorMap tensors = TensorMap.gguf();
        DecoderShape shape = DecoderShape.gguf(source, keys, tensors);
        Rope rope =
                RopeScaling.gguf(source, keys, shape.headDim(), Rope.Pairing.HALVES, tensors, RopeScaling.Yarn.DEFAULT);
        AttentionSpec.GroupedQuery attention =
                attention(shape, rope, source.architecture().equals("qwen2"));
        // llama.cpp renormalises the scores of this architecture's experts.
        MlpSpec mlp = source.architecture().equals(GGUF_MOE)
                ? new MlpSpec.Moe(
                        DecoderShape.softmaxRouter(keys, "expert_count", "expert_used_count", true),
                        DecoderShape.positive(keys, "expert_feed_forward_length"),
                        0,
                        MlpSpec.Activation.SILU,
                        false)
                : shape.dense();
        List<ModelConfig.LayerSpec> layers = new ArrayList<>();
        for (int layer = 0; layer < shape.numLayers(); layer++) {
            layers.add(new ModelConfig.LayerSpec(attention, mlp));
        }
        return new Definition(shape.config(layers), tensors);
    }

    private static AttentionSpec.GroupedQuery attention(DecoderShape shape, Rope rope, boolean second) {
        AttentionSpec.GroupedQuery attention = shape.attention(rope);
        return second
                ? attention.withBiases(AttentionSpec.Biases.INPUTS)
                : attention.withQkNorm(new QkNorm(QkNorm.Kind.HEAD_BEFORE_ROPE, shape.epsilon()));
    }
}
