package dev.lectern.engine.internal.family;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.ModelConfig;
import dev.lectern.engine.internal.model.Rope;
import dev.lectern.engine.internal.source.Metadata;
import dev.lectern.engine.internal.source.ModelSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// DeepSeek V3 and R1, Kimi K2: latent attention, a few dense layers before the mixtures, experts chosen by sigmoid
/// plus a bias within the best groups, and shared experts. Layers for predicting further tokens (`num_nextn_predict_
/// layers`) are left alone.
final class DeepSeekV3Family implements ModelFamily {
    private static final int GGUF_SOFTMAX = 1;
    private static final int GGUF_SIGMOID = 2;

    /// The scale of the attention grows with the context, not queries and keys.
    private static final RopeScaling.Yarn YARN = new RopeScaling.Yarn(true, false);

    @Override
    public List<String> architectures() {
        return List.of("deepseek_v3", "kimi_k2", "deepseek2");
    }

    @Override
    public Definition huggingFace(ModelSource source) {
        Metadata config = source.metadata();
        ModelFamily.requireActivation(config, "hidden_act", "silu");
        ModelFamily.requireActivation(config, "scoring_func", "sigmoid");
        ModelFamily.requireOff(config, "attention_bias");
        DecoderShape shape = DecoderShape.huggingFace(config);
        int noPeDim = DecoderShape.positive(config, "qk_nope_head_dim", DecoderShape.MOST_HEADS);
        int ropeDim = DecoderShape.positive(config, "qk_rope_head_dim", DecoderShape.MOST_HEADS);
        Rope.Pairing pairing = config.booleanOr("rope_interleave", true) ? Rope.Pairing.ADJACENT : Rope.Pairing.HALVES;
        Rope rope = RopeScaling.huggingFace(config, ropeDim, pairing, "[" + source.location() + "]");
        Metadata scaling = config.sub(config.has("rope_parameters.rope_type") ? "rope_parameters" : "rope_scaling");
        String type = scaling.stringOr("rope_type", scaling.stringOr("type", "default"));
        double growth = type.equals("default")
                ? 1
                : RopeScaling.yarnMagnitude(scaling.doubleOr("factor", 1), scaling.doubleOr("mscale_all_dim", 0));
        AttentionSpec.Latent attention = new AttentionSpec.Latent(
                shape.heads(),
                config.has("q_lora_rank") ? DecoderShape.positive(config, "q_lora_rank") : 0,
                DecoderShape.positive(config, "kv_lora_rank"),
                noPeDim,
                ropeDim,
                DecoderShape.positive(config, "v_head_dim", DecoderShape.MOST_HEADS),
                (float) (growth * growth / Math.sqrt(noPeDim + ropeDim)),
                rope,
                shape.epsilon());
        int experts = DecoderShape.positive(config, "n_routed_experts", DecoderShape.MOST_EXPERTS);
        MlpSpec.Router router = new MlpSpec.Router(
                experts,
                DecoderShape.positive(config, "num_experts_per_tok", experts),
                MlpSpec.Gating.SIGMOID,
                true,
                groups(config.intOr("n_group", 1), config.intOr("topk_group", 1)),
                config.booleanOr("norm_topk_prob", true),
                (float) config.doubleOr("routed_scaling_factor", 1),
                MlpSpec.ScoreOn.OUTPUT);
        int width = DecoderShape.positive(config, "moe_intermediate_size");
        MlpSpec.Moe moe = new MlpSpec.Moe(
                router,
                width,
                Math.multiplyExact(width, config.intOr("n_shared_experts", 0)),
                MlpSpec.Activation.SILU,
                false);
        String mlp = "model.layers.{layer}.mlp.";
        TensorMap tensors = TensorMap.huggingFace("model.", "mlp.")
                .with(TensorRole.SELECTION_BIAS, mlp + "gate.e_score_correction_bias")
                .with(TensorRole.SHARED_GATE, mlp + "shared_experts.gate_proj.weight")
                .with(TensorRole.SHARED_UP, mlp + "shared_experts.up_proj.weight")
                .with(TensorRole.SHARED_DOWN, mlp + "shared_experts.down_proj.weight")
                // The query of models without a low-rank form.
                .with(
                        TensorRole.QUERY_UP,
                        TensorPart.whole("model.layers.{layer}.self_attn.q_b_proj.weight"),
                        TensorPart.whole("model.layers.{layer}.self_attn.q_proj.weight"));
        return define(shape, attention, moe, config.intOr("first_k_dense_replace", 0), tensors);
    }

    @Override
    public Definition gguf(ModelSource source) {
        Metadata keys = source.metadata().sub("deepseek2");
        TensorMap tensors = TensorMap.gguf()
                .with(
                        TensorRole.QUERY_UP,
                        TensorPart.whole("blk.{layer}.attn_q_b.weight"),
                        TensorPart.whole("blk.{layer}.attn_q.weight"));
        DecoderShape shape = DecoderShape.gguf(source, keys, tensors);
        int ropeDim = DecoderShape.positive(keys, "rope.dimension_count", DecoderShape.MOST_HEADS);
        // Files from before latent attention was absorbed have the heads' own figures under the plain keys.
        String keyLength = keys.has("attention.key_length_mla") ? "attention.key_length_mla" : "attention.key_length";
        String valueLength =
                keys.has("attention.value_length_mla") ? "attention.value_length_mla" : "attention.value_length";
        int queryDim = DecoderShape.positive(keys, keyLength, DecoderShape.MOST_HEADS);
        if (queryDim <= ropeDim) {
            throw keys.wrong(keyLength, "more than rope.dimension_count, " + ropeDim);
        }
        Rope rope = RopeScaling.gguf(source, keys, ropeDim, Rope.Pairing.ADJACENT, tensors, YARN);
        // The key holds a tenth of mscale_all_dim.
        double growth = keys.stringOr("rope.scaling.type", "none").equals("yarn")
                ? RopeScaling.yarnMagnitude(
                        keys.doubleOr("rope.scaling.factor", 1),
                        10 * keys.doubleOr("rope.scaling.yarn_log_multiplier", 0))
                : 1;
        AttentionSpec.Latent attention = new AttentionSpec.Latent(
                shape.heads(),
                keys.has("attention.q_lora_rank") ? DecoderShape.positive(keys, "attention.q_lora_rank") : 0,
                DecoderShape.positive(keys, "attention.kv_lora_rank"),
                queryDim - ropeDim,
                ropeDim,
                DecoderShape.positive(keys, valueLength, DecoderShape.MOST_HEADS),
                (float) (growth * growth / Math.sqrt(queryDim)),
                rope,
                shape.epsilon());
        int experts = DecoderShape.positive(keys, "expert_count", DecoderShape.MOST_EXPERTS);
        MlpSpec.Router router = new MlpSpec.Router(
                experts,
                DecoderShape.positive(keys, "expert_used_count", experts),
                gating(keys),
                tensors.find(source, TensorRole.SELECTION_BIAS, keys.intOr("leading_dense_block_count", 0)) != null,
                groups(keys.intOr("expert_group_count", 1), keys.intOr("expert_group_used_count", 1)),
                keys.booleanOr("expert_weights_norm", false),
                (float) keys.doubleOr("expert_weights_scale", 1),
                MlpSpec.ScoreOn.OUTPUT);
        int width = DecoderShape.positive(keys, "expert_feed_forward_length");
        MlpSpec.Moe moe = new MlpSpec.Moe(
                router,
                width,
                Math.multiplyExact(width, keys.intOr("expert_shared_count", 0)),
                MlpSpec.Activation.SILU,
                false);
        return define(shape, attention, moe, keys.intOr("leading_dense_block_count", 0), tensors);
    }

    private static MlpSpec.Gating gating(Metadata keys) {
        int function = keys.intOr("expert_gating_func", GGUF_SOFTMAX);
        return switch (function) {
            case GGUF_SOFTMAX -> MlpSpec.Gating.SOFTMAX;
            case GGUF_SIGMOID -> MlpSpec.Gating.SIGMOID;
            default ->
                throw new EngineException.ModelUnsupported("[" + keys.file() + "] deepseek2.expert_gating_func "
                        + function + " unknown; supported: 1 (softmax), 2 (sigmoid)");
        };
    }

    private static Optional<MlpSpec.Groups> groups(int count, int chosen) {
        return count <= 1 ? Optional.empty() : Optional.of(new MlpSpec.Groups(count, chosen));
    }

    private static Definition define(
            DecoderShape shape, AttentionSpec.Latent attention, MlpSpec.Moe moe, int denseLayers, TensorMap tensors) {
        List<ModelConfig.LayerSpec> layers = new ArrayList<>();
        for (int layer = 0; layer < shape.numLayers(); layer++) {
            layers.add(new ModelConfig.LayerSpec(attention, layer < denseLayers ? shape.dense() : moe));
        }
        return new Definition(shape.config(layers), tensors);
    }
}
