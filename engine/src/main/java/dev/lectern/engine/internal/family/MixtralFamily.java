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

/// Mixtral: Mistral's attention, and experts whose chosen scores are softmaxed among themselves. Its GGUF files are
/// of architecture `llama`.
final class MixtralFamily implements ModelFamily {
    @Override
    public List<String> architectures() {
        return List.of("mixtral");
    }

    @Override
    public Definition huggingFace(ModelSource source) {
        Metadata config = source.metadata();
        ModelFamily.requireActivation(config, "hidden_act", "silu");
        DecoderShape shape = DecoderShape.huggingFace(config);
        Rope rope =
                RopeScaling.huggingFace(config, shape.headDim(), Rope.Pairing.HALVES, "[" + source.location() + "]");
        AttentionSpec.GroupedQuery attention = shape.attention(rope).withMask(LlamaFamily.slidingWindow(config));
        MlpSpec.Moe experts = new MlpSpec.Moe(
                DecoderShape.softmaxRouter(config, "num_local_experts", "num_experts_per_tok", true),
                shape.intermediateSize(),
                0,
                MlpSpec.Activation.SILU,
                false);
        String expert = "model.layers.{layer}.block_sparse_moe.experts.{expert}.";
        TensorMap tensors = TensorMap.huggingFace("model.", "block_sparse_moe.")
                .with(TensorRole.EXPERT_GATE, expert + "w1.weight")
                .with(TensorRole.EXPERT_UP, expert + "w3.weight")
                .with(TensorRole.EXPERT_DOWN, expert + "w2.weight");
        return new Definition(
                shape.config(Collections.nCopies(shape.numLayers(), new ModelConfig.LayerSpec(attention, experts))),
                tensors);
    }

    @Override
    public Definition gguf(ModelSource source) {
        throw new EngineException.ModelUnsupported(
                "[" + source.location() + "] architecture 'mixtral' in GGUF; expected 'llama' with llama.expert_count");
    }
}
