package dev.lectern.engine.internal.family;

import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.AttentionSpec.QkNorm;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.ModelConfig;
import dev.lectern.engine.internal.model.Rope;
import dev.lectern.engine.internal.source.Metadata;
import dev.lectern.engine.internal.source.ModelSource;
import java.util.Collections;
import java.util.List;

/// OLMoE: queries and keys normalised over all heads together, softmax over all experts without renormalisation.
final class OlmoeFamily implements ModelFamily {
    @Override
    public List<String> architectures() {
        return List.of("olmoe");
    }

    @Override
    public Definition huggingFace(ModelSource source) {
        Metadata config = source.metadata();
        ModelFamily.requireActivation(config, "hidden_act", "silu");
        ModelFamily.requireAbsent(config, "clip_qkv");
        DecoderShape shape = DecoderShape.huggingFace(config);
        Rope rope =
                RopeScaling.huggingFace(config, shape.headDim(), Rope.Pairing.HALVES, "[" + source.location() + "]");
        AttentionSpec.Biases biases =
                config.booleanOr("attention_bias", false) ? AttentionSpec.Biases.ALL : AttentionSpec.Biases.NONE;
        String count = config.has("num_experts") ? "num_experts" : "num_local_experts";
        MlpSpec.Router router = DecoderShape.softmaxRouter(
                config, count, "num_experts_per_tok", config.booleanOr("norm_topk_prob", false));
        return define(shape, rope, biases, router, TensorMap.huggingFace("model.", "mlp."));
    }

    @Override
    public Definition gguf(ModelSource source) {
        Metadata keys = source.metadata().sub("olmoe");
        TensorMap tensors = TensorMap.gguf();
        DecoderShape shape = DecoderShape.gguf(source, keys, tensors);
        Rope rope =
                RopeScaling.gguf(source, keys, shape.headDim(), Rope.Pairing.HALVES, tensors, RopeScaling.Yarn.DEFAULT);
        MlpSpec.Router router = DecoderShape.softmaxRouter(keys, "expert_count", "expert_used_count", false);
        return define(shape, rope, AttentionSpec.Biases.NONE, router, tensors);
    }

    private static Definition define(
            DecoderShape shape, Rope rope, AttentionSpec.Biases biases, MlpSpec.Router router, TensorMap tensors) {
        AttentionSpec.GroupedQuery attention = shape.attention(rope)
                .withQkNorm(new QkNorm(QkNorm.Kind.ALL_HEADS_BEFORE_ROPE, shape.epsilon()))
                .withBiases(biases);
        MlpSpec.Moe experts = new MlpSpec.Moe(router, shape.intermediateSize(), 0, MlpSpec.Activation.SILU, false);
        return new Definition(
                shape.config(Collections.nCopies(shape.numLayers(), new ModelConfig.LayerSpec(attention, experts))),
                tensors);
    }
}
