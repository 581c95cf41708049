package dev.lectern.engine.internal.family;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.internal.source.ModelSource;
import dev.lectern.engine.internal.source.TensorData;
import java.util.Map;

/// The names that the two file formats give to the tensors of a decoder. `{layer}` and `{expert}` are replaced.
public final class TensorNames {
    private TensorNames() {}

    /// Hugging Face's names.
    ///
    /// @param prefix before `embed_tokens` and `layers`: `model.`, or `language_model.model.` in multimodal files
    /// @param mlp    what the family calls the feed-forward part: `mlp.` or `feed_forward.`
    static Map<TensorRole, String> huggingFace(String prefix, String mlp) {
        String layer = prefix + "layers.{layer}.";
        String outputPrefix = prefix.substring(0, prefix.length() - "model.".length());
        return Map.ofEntries(
                Map.entry(TensorRole.EMBEDDING, prefix + "embed_tokens.weight"),
                Map.entry(TensorRole.OUTPUT_NORM, prefix + "norm.weight"),
                Map.entry(TensorRole.OUTPUT, outputPrefix + "lm_head.weight"),
                Map.entry(TensorRole.ATTENTION_NORM, layer + "input_layernorm.weight"),
                Map.entry(TensorRole.QUERY, layer + "self_attn.q_proj.weight"),
                Map.entry(TensorRole.KEY, layer + "self_attn.k_proj.weight"),
                Map.entry(TensorRole.VALUE, layer + "self_attn.v_proj.weight"),
                Map.entry(TensorRole.ATTENTION_OUTPUT, layer + "self_attn.o_proj.weight"),
                Map.entry(TensorRole.MLP_NORM, layer + "post_attention_layernorm.weight"),
                Map.entry(TensorRole.GATE, layer + mlp + "gate_proj.weight"),
                Map.entry(TensorRole.UP, layer + mlp + "up_proj.weight"),
                Map.entry(TensorRole.DOWN, layer + mlp + "down_proj.weight"),
                Map.entry(TensorRole.ROUTER, layer + mlp + "router.weight"),
                Map.entry(TensorRole.SHARED_GATE, layer + mlp + "shared_expert.gate_proj.weight"),
                Map.entry(TensorRole.SHARED_UP, layer + mlp + "shared_expert.up_proj.weight"),
                Map.entry(TensorRole.SHARED_DOWN, layer + mlp + "shared_expert.down_proj.weight"),
                Map.entry(TensorRole.EXPERTS_GATE_UP_TRANSPOSED, layer + mlp + "experts.gate_up_proj"),
                Map.entry(TensorRole.EXPERTS_DOWN_TRANSPOSED, layer + mlp + "experts.down_proj"),
                Map.entry(TensorRole.EXPERT_GATE, layer + mlp + "experts.{expert}.gate_proj.weight"),
                Map.entry(TensorRole.EXPERT_UP, layer + mlp + "experts.{expert}.up_proj.weight"),
                Map.entry(TensorRole.EXPERT_DOWN, layer + mlp + "experts.{expert}.down_proj.weight"));
    }

    /// GGUF's names, the same for all families here.
    static Map<TensorRole, String> gguf() {
        String layer = "blk.{layer}.";
        return Map.ofEntries(
                Map.entry(TensorRole.EMBEDDING, "token_embd.weight"),
                Map.entry(TensorRole.OUTPUT_NORM, "output_norm.weight"),
                Map.entry(TensorRole.OUTPUT, "output.weight"),
                Map.entry(TensorRole.ROPE_DIVISORS, "rope_freqs.weight"),
                Map.entry(TensorRole.ATTENTION_NORM, layer + "attn_norm.weight"),
                Map.entry(TensorRole.QUERY, layer + "attn_q.weight"),
                Map.entry(TensorRole.KEY, layer + "attn_k.weight"),
                Map.entry(TensorRole.VALUE, layer + "attn_v.weight"),
                Map.entry(TensorRole.ATTENTION_OUTPUT, layer + "attn_output.weight"),
                Map.entry(TensorRole.MLP_NORM, layer + "ffn_norm.weight"),
                Map.entry(TensorRole.GATE, layer + "ffn_gate.weight"),
                Map.entry(TensorRole.UP, layer + "ffn_up.weight"),
                Map.entry(TensorRole.DOWN, layer + "ffn_down.weight"),
                Map.entry(TensorRole.ROUTER, layer + "ffn_gate_inp.weight"),
                Map.entry(TensorRole.SHARED_GATE, layer + "ffn_gate_shexp.weight"),
                Map.entry(TensorRole.SHARED_UP, layer + "ffn_up_shexp.weight"),
                Map.entry(TensorRole.SHARED_DOWN, layer + "ffn_down_shexp.weight"),
                Map.entry(TensorRole.EXPERTS_GATE, layer + "ffn_gate_exps.weight"),
                Map.entry(TensorRole.EXPERTS_UP, layer + "ffn_up_exps.weight"),
                Map.entry(TensorRole.EXPERTS_DOWN, layer + "ffn_down_exps.weight"));
    }

    public static String required(Map<TensorRole, String> names, TensorRole role) {
        String name = names.get(role);
        if (name == null) {
            throw new IllegalStateException("the family names no tensor for " + role);
        }
        return name;
    }

    /// The vocabulary's size as the embedding has it: a file's own `vocab_size` key is optional in GGUF.
    static int vocabSize(ModelSource source, Map<TensorRole, String> names) {
        TensorData embedding = source.require(required(names, TensorRole.EMBEDDING));
        if (embedding.shape().size() != 2 || embedding.shape().getFirst() > Integer.MAX_VALUE) {
            throw new EngineException.ModelCorrupt(
                    "[" + source.location() + "] " + embedding + ": expected (vocabSize, hiddenSize)");
        }
        return embedding.shape().getFirst().intValue();
    }
}
