package dev.lectern.engine.internal.family;

import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.ModelConfig;
import dev.lectern.engine.internal.model.Rope;
import dev.lectern.engine.internal.source.Metadata;
import dev.lectern.engine.internal.source.ModelSource;
import java.util.Collections;
import java.util.List;

/// Phi 3, 3.5 and 4: Llama's form with query, key and value in one tensor, gate and up in another; the small ones
/// turn a part of each head, with LongRoPE.
final class Phi3Family implements ModelFamily {
    @Override
    public List<String> architectures() {
        return List.of("phi3");
    }

    @Override
    public Definition huggingFace(ModelSource source) {
        Metadata config = source.metadata();
        ModelFamily.requireActivation(config, "hidden_act", "silu");
        DecoderShape shape = DecoderShape.huggingFace(config);
        double partial =
                config.doubleOr("rope_parameters.partial_rotary_factor", config.doubleOr("partial_rotary_factor", 1));
        if (!(partial > 0 && partial <= 1)) {
            throw config.wrong("partial_rotary_factor", "a number above 0, at most 1");
        }
        Rope rope = RopeScaling.huggingFace(
                config, (int) (shape.headDim() * partial), Rope.Pairing.HALVES, "[" + source.location() + "]");
        String layer = "model.layers.{layer}.";
        return define(
                shape,
                rope,
                LlamaFamily.slidingWindow(config),
                TensorMap.huggingFace("model.", "mlp."),
                layer + "self_attn.qkv_proj.weight",
                layer + "mlp.gate_up_proj.weight");
    }

    @Override
    public Definition gguf(ModelSource source) {
        Metadata keys = source.metadata().sub("phi3");
        TensorMap tensors = TensorMap.gguf();
        DecoderShape shape = DecoderShape.gguf(source, keys, tensors);
        Rope rope =
                RopeScaling.gguf(source, keys, shape.headDim(), Rope.Pairing.HALVES, tensors, RopeScaling.Yarn.DEFAULT);
        int window = keys.intOr("attention.sliding_window", 0);
        return define(
                shape,
                rope,
                window == 0 ? new AttentionSpec.Mask.Full() : new AttentionSpec.Mask.Window(window),
                tensors,
                "blk.{layer}.attn_qkv.weight",
                "blk.{layer}.ffn_up.weight");
    }

    private static Definition define(
            DecoderShape shape, Rope rope, AttentionSpec.Mask mask, TensorMap tensors, String qkv, String gateUp) {
        int queries = Math.multiplyExact(shape.heads(), shape.headDim());
        int keys = Math.multiplyExact(shape.kvHeads(), shape.headDim());
        int all = queries + 2 * keys;
        int width = shape.intermediateSize();
        TensorMap fused = tensors.with(TensorRole.QUERY, TensorPart.slice(qkv, 0, all))
                .with(TensorRole.KEY, TensorPart.slice(qkv, queries, all))
                .with(TensorRole.VALUE, TensorPart.slice(qkv, queries + keys, all))
                .with(TensorRole.GATE, TensorPart.slice(gateUp, 0, 2 * width))
                .with(TensorRole.UP, TensorPart.slice(gateUp, width, 2 * width));
        ModelConfig.LayerSpec layer =
                new ModelConfig.LayerSpec(shape.attention(rope).withMask(mask), shape.dense());
        return new Definition(shape.config(Collections.nCopies(shape.numLayers(), layer)), fused);
    }
}
