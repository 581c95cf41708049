package dev.lectern.engine.internal.family;

import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.ModelConfig;
import dev.lectern.engine.internal.model.Rope;
import dev.lectern.engine.internal.source.Metadata;
import dev.lectern.engine.internal.source.ModelSource;
import java.util.Collections;
import java.util.List;

/// Granite 3 and Granite-MoE: Llama's form with constant factors on embedding, residuals, scores and logits; experts
/// fused into one tensor with gate rows before up rows.
final class GraniteFamily implements ModelFamily {
    @Override
    public List<String> architectures() {
        return List.of("granite", "granitemoe");
    }

    @Override
    public Definition huggingFace(ModelSource source) {
        Metadata config = source.metadata();
        ModelFamily.requireActivation(config, "hidden_act", "silu");
        ModelFamily.requireOff(config, "mlp_bias");
        DecoderShape shape = DecoderShape.huggingFace(config);
        Rope rope =
                RopeScaling.huggingFace(config, shape.headDim(), Rope.Pairing.HALVES, "[" + source.location() + "]");
        AttentionSpec.GroupedQuery attention = shape.attention(rope)
                .withScale((float) config.doubleOr("attention_multiplier", 1))
                .withBiases(
                        config.booleanOr("attention_bias", false)
                                ? AttentionSpec.Biases.ALL
                                : AttentionSpec.Biases.NONE);
        boolean mixture = source.architecture().equals("granitemoe");
        MlpSpec mlp = mixture
                ? experts(shape, DecoderShape.softmaxRouter(config, "num_local_experts", "num_experts_per_tok", true))
                : shape.dense();
        ModelConfig.Multipliers multipliers = multipliers(
                config.doubleOr("embedding_multiplier", 1),
                config.doubleOr("residual_multiplier", 1),
                config.doubleOr("logits_scaling", 1));
        String moe = "model.layers.{layer}.block_sparse_moe.";
        int width = shape.intermediateSize();
        TensorMap tensors = TensorMap.huggingFace("model.", "mlp.")
                .with(TensorRole.ROUTER, moe + "router.layer.weight")
                .with(TensorRole.EXPERT_GATE, TensorPart.slice(moe + "input_linear.weight", 0, 2 * width))
                .with(TensorRole.EXPERT_UP, TensorPart.slice(moe + "input_linear.weight", width, 2 * width))
                .with(TensorRole.EXPERT_DOWN, moe + "output_linear.weight");
        return define(shape, attention, mlp, multipliers, tensors);
    }

    @Override
    public Definition gguf(ModelSource source) {
        Metadata keys = source.metadata().sub(source.architecture());
        TensorMap tensors = TensorMap.gguf();
        DecoderShape shape = DecoderShape.gguf(source, keys, tensors);
        Rope rope = RopeScaling.gguf(
                source, keys, shape.headDim(), Rope.Pairing.ADJACENT, tensors, RopeScaling.Yarn.DEFAULT);
        AttentionSpec.GroupedQuery attention = shape.attention(rope).withBiases(LlamaFamily.biases(source, tensors));
        // 0 stands for the usual scale.
        double scale = keys.doubleOr("attention.scale", 0);
        MlpSpec mlp = keys.intOr("expert_count", 0) == 0
                ? shape.dense()
                : experts(shape, DecoderShape.softmaxRouter(keys, "expert_count", "expert_used_count", true));
        ModelConfig.Multipliers multipliers = multipliers(
                keys.doubleOr("embedding_scale", 1),
                keys.doubleOr("residual_scale", 1),
                keys.doubleOr("logit_scale", 1));
        return define(shape, scale == 0 ? attention : attention.withScale((float) scale), mlp, multipliers, tensors);
    }

    private static MlpSpec.Moe experts(DecoderShape shape, MlpSpec.Router router) {
        return new MlpSpec.Moe(router, shape.intermediateSize(), 0, MlpSpec.Activation.SILU, false);
    }

    private static ModelConfig.Multipliers multipliers(double embedding, double residual, double logitsDivisor) {
        return new ModelConfig.Multipliers((float) embedding, (float) residual, (float) (1 / logitsDivisor));
    }

    private static Definition define(
            DecoderShape shape,
            AttentionSpec.GroupedQuery attention,
            MlpSpec mlp,
            ModelConfig.Multipliers multipliers,
            TensorMap tensors) {
        List<ModelConfig.LayerSpec> layers =
                Collections.nCopies(shape.numLayers(), new ModelConfig.LayerSpec(attention, mlp));
        return new Definition(shape.config(layers, multipliers), tensors);
    }
}
