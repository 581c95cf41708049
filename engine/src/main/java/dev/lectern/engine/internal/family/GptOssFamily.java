package dev.lectern.engine.internal.family;

import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.ModelConfig;
import dev.lectern.engine.internal.model.Rope;
import dev.lectern.engine.internal.source.Metadata;
import dev.lectern.engine.internal.source.ModelSource;
import java.util.ArrayList;
import java.util.List;

/// GPT-OSS: windows in every other layer, a learned sink a head, biases everywhere, a clamped activation, and
/// experts whose gate and up outputs lie in turns in one tensor: plain ones as `x @ W`, MXFP4 ones output by output.
final class GptOssFamily implements ModelFamily {
    /// What files without the keys mean (the published model's code).
    private static final double ALPHA = 1.702;

    private static final double LIMIT = 7.0;

    /// GGUF has no key for it; the published configuration says `truncate: false`.
    private static final RopeScaling.Yarn YARN = new RopeScaling.Yarn(false, true);

    @Override
    public List<String> architectures() {
        return List.of("gpt_oss", "gpt-oss");
    }

    @Override
    public Definition huggingFace(ModelSource source) {
        Metadata config = source.metadata();
        ModelFamily.requireActivation(config, "hidden_act", "silu");
        DecoderShape shape = DecoderShape.huggingFace(config);
        Rope rope =
                RopeScaling.huggingFace(config, shape.headDim(), Rope.Pairing.HALVES, "[" + source.location() + "]");
        MlpSpec.Moe experts = experts(
                DecoderShape.softmaxRouter(config, "num_local_experts", "num_experts_per_tok", true),
                shape.intermediateSize(),
                config.doubleOr("swiglu_alpha", ALPHA),
                config.doubleOr("swiglu_limit", LIMIT));
        int width = 2 * shape.intermediateSize();
        String mlp = "model.layers.{layer}.mlp.";
        String gateUp = mlp + "experts.gate_up_proj";
        TensorMap tensors = TensorMap.huggingFace("model.", "mlp.")
                .with(TensorRole.ROUTER, mlp + "router.weight")
                .with(TensorRole.ROUTER_BIAS, mlp + "router.bias")
                .with(TensorRole.EXPERT_GATE, new TensorPart(gateUp, true, 0, 2, width))
                .with(TensorRole.EXPERT_UP, new TensorPart(gateUp, true, 1, 2, width))
                .with(TensorRole.EXPERT_DOWN, TensorPart.transposed(mlp + "experts.down_proj"))
                .with(TensorRole.EXPERT_GATE_BIAS, new TensorPart(gateUp + "_bias", false, 0, 2, width))
                .with(TensorRole.EXPERT_UP_BIAS, new TensorPart(gateUp + "_bias", false, 1, 2, width))
                .with(TensorRole.EXPERT_DOWN_BIAS, mlp + "experts.down_proj_bias");
        LayerTypes types = config.has("layer_types")
                ? LayerTypes.of(config, shape.numLayers(), true)
                : LayerTypes.of(config, alternating(shape.numLayers()));
        return define(shape, rope, types, experts, tensors);
    }

    @Override
    public Definition gguf(ModelSource source) {
        Metadata keys = source.metadata().sub("gpt-oss");
        TensorMap tensors = TensorMap.gguf().with(TensorRole.MLP_NORM, "blk.{layer}.post_attention_norm.weight");
        DecoderShape shape = DecoderShape.gguf(source, keys, tensors);
        Rope rope = RopeScaling.gguf(source, keys, shape.headDim(), Rope.Pairing.HALVES, tensors, YARN);
        MlpSpec.Moe experts = experts(
                DecoderShape.softmaxRouter(keys, "expert_count", "expert_used_count", true),
                DecoderShape.positive(keys, "expert_feed_forward_length"),
                ALPHA,
                LIMIT);
        int window = DecoderShape.positive(keys, "attention.sliding_window", Integer.MAX_VALUE);
        return define(shape, rope, new LayerTypes(alternating(shape.numLayers()), window), experts, tensors);
    }

    /// The window first.
    private static List<Boolean> alternating(int numLayers) {
        List<Boolean> local = new ArrayList<>();
        for (int layer = 0; layer < numLayers; layer++) {
            local.add(layer % 2 == 0);
        }
        return local;
    }

    private static MlpSpec.Moe experts(MlpSpec.Router router, int width, double alpha, double limit) {
        return new MlpSpec.Moe(
                router, width, 0, new MlpSpec.Activation.ClampedSwish((float) alpha, (float) limit), true);
    }

    private static Definition define(
            DecoderShape shape, Rope rope, LayerTypes types, MlpSpec.Moe experts, TensorMap tensors) {
        List<ModelConfig.LayerSpec> layers = new ArrayList<>();
        for (int layer = 0; layer < shape.numLayers(); layer++) {
            AttentionSpec.GroupedQuery attention = shape.attention(rope)
                    .withBiases(AttentionSpec.Biases.ALL)
                    .withMask(types.mask(layer))
                    .withSinks();
            layers.add(new ModelConfig.LayerSpec(attention, experts));
        }
        return new Definition(shape.config(layers), tensors);
    }
}
