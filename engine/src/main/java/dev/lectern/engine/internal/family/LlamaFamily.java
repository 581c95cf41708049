package dev.lectern.engine.internal.family;

import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.ModelConfig;
import dev.lectern.engine.internal.model.Rope;
import dev.lectern.engine.internal.source.Metadata;
import dev.lectern.engine.internal.source.ModelSource;
import java.util.Collections;
import java.util.List;

/// Llama 1 to 3, Mistral, SmolLM 1 and 2 and others of their form: dense, grouped-query attention, one rotary
/// embedding in all layers. GGUF calls Mixtral by this name too.
final class LlamaFamily implements ModelFamily {
    @Override
    public List<String> architectures() {
        return List.of("llama", "mistral");
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
                .withBiases(
                        config.booleanOr("attention_bias", false)
                                ? AttentionSpec.Biases.ALL
                                : AttentionSpec.Biases.NONE)
                .withMask(slidingWindow(config));
        return new Definition(
                shape.config(
                        Collections.nCopies(shape.numLayers(), new ModelConfig.LayerSpec(attention, shape.dense()))),
                TensorMap.huggingFace("model.", "mlp."));
    }

    /// Mistral's window, the same in all layers; Llama has none.
    static AttentionSpec.Mask slidingWindow(Metadata config) {
        return config.has("sliding_window")
                ? new AttentionSpec.Mask.Window(config.requireInt("sliding_window"))
                : new AttentionSpec.Mask.Full();
    }

    @Override
    public Definition gguf(ModelSource source) {
        Metadata keys = source.metadata().sub("llama");
        TensorMap tensors = TensorMap.gguf();
        DecoderShape shape = DecoderShape.gguf(source, keys, tensors);
        Rope rope = RopeScaling.gguf(
                source, keys, shape.headDim(), Rope.Pairing.ADJACENT, tensors, RopeScaling.Yarn.DEFAULT);
        // llama.cpp renormalises the scores of this architecture's experts (Mixtral).
        MlpSpec mlp = keys.intOr("expert_count", 0) == 0
                ? shape.dense()
                : new MlpSpec.Moe(
                        DecoderShape.softmaxRouter(keys, "expert_count", "expert_used_count", true),
                        shape.intermediateSize(),
                        0,
                        MlpSpec.Activation.SILU,
                        false);
        ModelConfig.LayerSpec layer =
                new ModelConfig.LayerSpec(shape.attention(rope).withBiases(biases(source, tensors)), mlp);
        return new Definition(shape.config(Collections.nCopies(shape.numLayers(), layer)), tensors);
    }

    /// GGUF has no key for biases: what the first layer has, all have.
    static AttentionSpec.Biases biases(ModelSource source, TensorMap tensors) {
        if (tensors.find(source, TensorRole.QUERY_BIAS, 0) == null) {
            return AttentionSpec.Biases.NONE;
        }
        return tensors.find(source, TensorRole.ATTENTION_OUTPUT_BIAS, 0) == null
                ? AttentionSpec.Biases.INPUTS
                : AttentionSpec.Biases.ALL;
    }
}
