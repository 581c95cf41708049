package dev.lectern.engine.internal.family;

import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.AttentionSpec.QkNorm;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.ModelConfig;
import dev.lectern.engine.internal.model.Rope;
import dev.lectern.engine.internal.source.Metadata;
import dev.lectern.engine.internal.source.ModelSource;
import java.util.ArrayList;
import java.util.List;

/// Gemma 3 text: five layers with a window and a rotary embedding of their own to one that sees everything, norms
/// before and after each part, gains stored less 1 in Hugging Face's files, embeddings times `sqrt(hiddenSize)`. A
/// multimodal file's text part is read and its vision part left alone.
final class Gemma3Family implements ModelFamily {
    private static final int GLOBAL_INTERVAL = 6;
    private static final double LOCAL_THETA = 10000;
    private static final double GLOBAL_THETA = 1e6;
    /// The 27B model alone scales scores by `1/sqrt(hiddenSize / heads)`; GGUF has no key for that, llama.cpp
    /// goes by the number of layers.
    private static final int GGUF_LAYERS_OF_27B = 62;

    @Override
    public List<String> architectures() {
        return List.of("gemma3", "gemma3_text");
    }

    @Override
    public Definition huggingFace(ModelSource source) {
        boolean multimodal = source.metadata().has("text_config.hidden_size");
        Metadata config = multimodal ? source.metadata().sub("text_config") : source.metadata();
        ModelFamily.requireActivation(config, "hidden_activation", "gelu_pytorch_tanh");
        ModelFamily.requireAbsent(config, "attn_logit_softcapping");
        ModelFamily.requireAbsent(config, "final_logit_softcapping");
        ModelFamily.requireOff(config, "use_bidirectional_attention");
        ModelFamily.requireOff(config, "attention_bias");
        DecoderShape shape = DecoderShape.huggingFace(config);
        String where = "[" + source.location() + "]";
        int dimensions = shape.headDim();
        Rope global;
        Rope local;
        if (config.has("rope_parameters.full_attention")) {
            Metadata full = config.sub("rope_parameters.full_attention");
            Metadata sliding = config.sub("rope_parameters.sliding_attention");
            global = rope(config, full, full.doubleOr("rope_theta", GLOBAL_THETA), dimensions, where);
            local = rope(config, sliding, sliding.doubleOr("rope_theta", LOCAL_THETA), dimensions, where);
        } else {
            Metadata scaling = config.sub("rope_scaling");
            global = rope(config, scaling, config.doubleOr("rope_theta", GLOBAL_THETA), dimensions, where);
            local = RopeScaling.unscaled(
                    config.doubleOr("rope_local_base_freq", LOCAL_THETA), dimensions, Rope.Pairing.HALVES);
        }
        int interval = config.intOr("sliding_window_pattern", config.intOr("_sliding_window_pattern", GLOBAL_INTERVAL));
        LayerTypes types = config.has("layer_types")
                ? LayerTypes.of(config, shape.numLayers(), true)
                : LayerTypes.of(config, localLayers(shape.numLayers(), interval));
        float scale = (float) (1 / Math.sqrt(config.doubleOr("query_pre_attn_scalar", 256)));
        String prefix = prefix(source);
        String layer = prefix + "layers.{layer}.";
        TensorMap tensors = TensorMap.huggingFace(prefix, "mlp.")
                .with(TensorRole.ATTENTION_POST_NORM, layer + "post_attention_layernorm.weight")
                .with(TensorRole.MLP_NORM, layer + "pre_feedforward_layernorm.weight")
                .with(TensorRole.MLP_POST_NORM, layer + "post_feedforward_layernorm.weight");
        return new Definition(define(shape, types, global, local, scale), tensors, 1);
    }

    private static Rope rope(Metadata config, Metadata block, double theta, int dimensions, String where) {
        return RopeScaling.huggingFace(config, block, theta, dimensions, Rope.Pairing.HALVES, where);
    }

    private static String prefix(ModelSource source) {
        for (String prefix : List.of("language_model.model.", "model.language_model.")) {
            if (source.find(prefix + "embed_tokens.weight") != null) {
                return prefix;
            }
        }
        return "model.";
    }

    @Override
    public Definition gguf(ModelSource source) {
        Metadata keys = source.metadata().sub("gemma3");
        TensorMap tensors = TensorMap.gguf()
                .with(TensorRole.ATTENTION_POST_NORM, "blk.{layer}.post_attention_norm.weight")
                .with(TensorRole.MLP_POST_NORM, "blk.{layer}.post_ffw_norm.weight");
        DecoderShape shape = DecoderShape.gguf(source, keys, tensors);
        Rope global =
                RopeScaling.gguf(source, keys, shape.headDim(), Rope.Pairing.HALVES, tensors, RopeScaling.Yarn.DEFAULT);
        Rope local = RopeScaling.unscaled(
                keys.doubleOr("rope.freq_base_swa", LOCAL_THETA), shape.headDim(), Rope.Pairing.HALVES);
        LayerTypes types = new LayerTypes(
                localLayers(shape.numLayers(), keys.intOr("attention.sliding_window_pattern", GLOBAL_INTERVAL)),
                DecoderShape.positive(keys, "attention.sliding_window", Integer.MAX_VALUE));
        double usual = 1
                / Math.sqrt(
                        shape.numLayers() == GGUF_LAYERS_OF_27B
                                ? (double) shape.hiddenSize() / shape.heads()
                                : shape.headDim());
        float scale = (float) keys.doubleOr("attention.scale", usual);
        return new Definition(define(shape, types, global, local, scale), tensors);
    }

    private static List<Boolean> localLayers(int numLayers, int interval) {
        List<Boolean> local = new ArrayList<>();
        for (int layer = 0; layer < numLayers; layer++) {
            local.add(interval < 1 || (layer + 1) % interval != 0);
        }
        return local;
    }

    private static ModelConfig define(DecoderShape shape, LayerTypes types, Rope global, Rope local, float scale) {
        MlpSpec.Dense mlp = new MlpSpec.Dense(shape.intermediateSize(), new MlpSpec.Activation.GeluTanh());
        List<ModelConfig.LayerSpec> layers = new ArrayList<>();
        for (int layer = 0; layer < shape.numLayers(); layer++) {
            AttentionSpec.GroupedQuery attention = shape.attention(types.local().get(layer) ? local : global)
                    .withScale(scale)
                    .withMask(types.mask(layer))
                    .withQkNorm(new QkNorm(QkNorm.Kind.HEAD_BEFORE_ROPE, shape.epsilon()));
            layers.add(new ModelConfig.LayerSpec(attention, mlp, true));
        }
        float embedding = (float) Math.sqrt(shape.hiddenSize());
        return shape.config(layers, new ModelConfig.Multipliers(embedding, 1, 1));
    }
}
