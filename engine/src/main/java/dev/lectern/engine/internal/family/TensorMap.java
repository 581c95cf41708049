package dev.lectern.engine.internal.family;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.internal.source.ModelSource;
import dev.lectern.engine.internal.source.TensorData;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where a file keeps the tensors of a decoder: for each role one place or several that it may be in, the first that
/// exists counting. Immutable.
public final class TensorMap {
    private final Map<TensorRole, List<TensorPart>> places;

    private TensorMap(Map<TensorRole, List<TensorPart>> places) {
        this.places = Collections.unmodifiableMap(places);
    }

    /// The same with other places for a role.
    TensorMap with(TensorRole role, TensorPart... parts) {
        Map<TensorRole, List<TensorPart>> changed = new EnumMap<>(places);
        changed.put(role, List.of(parts));
        return new TensorMap(changed);
    }

    TensorMap with(TensorRole role, String name) {
        return with(role, TensorPart.whole(name));
    }

    /// Where a role may be; empty when the family has no such role.
    public List<TensorPart> places(TensorRole role) {
        return places.getOrDefault(role, List.of());
    }

    /// The place whose tensor the file has (for the first expert, where each has its own); null for none.
    public @Nullable TensorPart find(ModelSource source, TensorRole role, int layer) {
        for (TensorPart part : places(role)) {
            if (source.find(part.name(layer, 0)) != null) {
                return part;
            }
        }
        return null;
    }

    /// The text before the layer's number in the names of layers' tensors.
    public String layerPrefix() {
        String name = places(TensorRole.ATTENTION_NORM).getFirst().name();
        return name.substring(0, name.indexOf("{layer}"));
    }

    /// Hugging Face's names.
    ///
    /// @param prefix before `embed_tokens` and `layers`: `model.`, or `language_model.model.` in multimodal
    ///               files
    /// @param mlp    what the family calls the feed-forward part: `mlp.` or `feed_forward.`
    static TensorMap huggingFace(String prefix, String mlp) {
        String layer = prefix + "layers.{layer}.";
        String attention = layer + "self_attn.";
        String part = layer + mlp;
        String outputPrefix = prefix.substring(0, prefix.length() - "model.".length());
        return named(Map.ofEntries(
                Map.entry(TensorRole.EMBEDDING, prefix + "embed_tokens.weight"),
                Map.entry(TensorRole.OUTPUT_NORM, prefix + "norm.weight"),
                Map.entry(TensorRole.OUTPUT, outputPrefix + "lm_head.weight"),
                Map.entry(TensorRole.ATTENTION_NORM, layer + "input_layernorm.weight"),
                Map.entry(TensorRole.QUERY, attention + "q_proj.weight"),
                Map.entry(TensorRole.KEY, attention + "k_proj.weight"),
                Map.entry(TensorRole.VALUE, attention + "v_proj.weight"),
                Map.entry(TensorRole.ATTENTION_OUTPUT, attention + "o_proj.weight"),
                Map.entry(TensorRole.QUERY_BIAS, attention + "q_proj.bias"),
                Map.entry(TensorRole.KEY_BIAS, attention + "k_proj.bias"),
                Map.entry(TensorRole.VALUE_BIAS, attention + "v_proj.bias"),
                Map.entry(TensorRole.ATTENTION_OUTPUT_BIAS, attention + "o_proj.bias"),
                Map.entry(TensorRole.QUERY_NORM, attention + "q_norm.weight"),
                Map.entry(TensorRole.KEY_NORM, attention + "k_norm.weight"),
                Map.entry(TensorRole.SINKS, attention + "sinks"),
                Map.entry(TensorRole.QUERY_DOWN, attention + "q_a_proj.weight"),
                Map.entry(TensorRole.QUERY_DOWN_NORM, attention + "q_a_layernorm.weight"),
                Map.entry(TensorRole.QUERY_UP, attention + "q_b_proj.weight"),
                Map.entry(TensorRole.LATENT_DOWN, attention + "kv_a_proj_with_mqa.weight"),
                Map.entry(TensorRole.LATENT_NORM, attention + "kv_a_layernorm.weight"),
                Map.entry(TensorRole.KEY_VALUE_UP, attention + "kv_b_proj.weight"),
                Map.entry(TensorRole.MLP_NORM, layer + "post_attention_layernorm.weight"),
                Map.entry(TensorRole.GATE, part + "gate_proj.weight"),
                Map.entry(TensorRole.UP, part + "up_proj.weight"),
                Map.entry(TensorRole.DOWN, part + "down_proj.weight"),
                Map.entry(TensorRole.ROUTER, part + "gate.weight"),
                Map.entry(TensorRole.EXPERT_GATE, part + "experts.{expert}.gate_proj.weight"),
                Map.entry(TensorRole.EXPERT_UP, part + "experts.{expert}.up_proj.weight"),
                Map.entry(TensorRole.EXPERT_DOWN, part + "experts.{expert}.down_proj.weight")));
    }

    /// GGUF's names (llama.cpp's `gguf-py/gguf/constants.py`), the same for all families here.
    public static TensorMap gguf() {
        String layer = "blk.{layer}.";
        return named(Map.ofEntries(
                Map.entry(TensorRole.EMBEDDING, "token_embd.weight"),
                Map.entry(TensorRole.OUTPUT_NORM, "output_norm.weight"),
                Map.entry(TensorRole.OUTPUT, "output.weight"),
                Map.entry(TensorRole.ROPE_DIVISORS, "rope_freqs.weight"),
                Map.entry(TensorRole.ROPE_DIVISORS_LONG, "rope_factors_long.weight"),
                Map.entry(TensorRole.ROPE_DIVISORS_SHORT, "rope_factors_short.weight"),
                Map.entry(TensorRole.ATTENTION_NORM, layer + "attn_norm.weight"),
                Map.entry(TensorRole.QUERY, layer + "attn_q.weight"),
                Map.entry(TensorRole.KEY, layer + "attn_k.weight"),
                Map.entry(TensorRole.VALUE, layer + "attn_v.weight"),
                Map.entry(TensorRole.ATTENTION_OUTPUT, layer + "attn_output.weight"),
                Map.entry(TensorRole.QUERY_BIAS, layer + "attn_q.bias"),
                Map.entry(TensorRole.KEY_BIAS, layer + "attn_k.bias"),
                Map.entry(TensorRole.VALUE_BIAS, layer + "attn_v.bias"),
                Map.entry(TensorRole.ATTENTION_OUTPUT_BIAS, layer + "attn_output.bias"),
                Map.entry(TensorRole.QUERY_NORM, layer + "attn_q_norm.weight"),
                Map.entry(TensorRole.KEY_NORM, layer + "attn_k_norm.weight"),
                Map.entry(TensorRole.SINKS, layer + "attn_sinks.weight"),
                Map.entry(TensorRole.QUERY_DOWN, layer + "attn_q_a.weight"),
                Map.entry(TensorRole.QUERY_DOWN_NORM, layer + "attn_q_a_norm.weight"),
                Map.entry(TensorRole.QUERY_UP, layer + "attn_q_b.weight"),
                Map.entry(TensorRole.LATENT_DOWN, layer + "attn_kv_a_mqa.weight"),
                Map.entry(TensorRole.LATENT_NORM, layer + "attn_kv_a_norm.weight"),
                Map.entry(TensorRole.KEY_UP, layer + "attn_k_b.weight"),
                Map.entry(TensorRole.VALUE_UP, layer + "attn_v_b.weight"),
                Map.entry(TensorRole.KEY_VALUE_UP, layer + "attn_kv_b.weight"),
                Map.entry(TensorRole.MLP_NORM, layer + "ffn_norm.weight"),
                Map.entry(TensorRole.GATE, layer + "ffn_gate.weight"),
                Map.entry(TensorRole.UP, layer + "ffn_up.weight"),
                Map.entry(TensorRole.DOWN, layer + "ffn_down.weight"),
                Map.entry(TensorRole.ROUTER, layer + "ffn_gate_inp.weight"),
                Map.entry(TensorRole.ROUTER_BIAS, layer + "ffn_gate_inp.bias"),
                Map.entry(TensorRole.SELECTION_BIAS, layer + "exp_probs_b.bias"),
                Map.entry(TensorRole.SHARED_GATE, layer + "ffn_gate_shexp.weight"),
                Map.entry(TensorRole.SHARED_UP, layer + "ffn_up_shexp.weight"),
                Map.entry(TensorRole.SHARED_DOWN, layer + "ffn_down_shexp.weight"),
                Map.entry(TensorRole.EXPERT_GATE, layer + "ffn_gate_exps.weight"),
                Map.entry(TensorRole.EXPERT_UP, layer + "ffn_up_exps.weight"),
                Map.entry(TensorRole.EXPERT_DOWN, layer + "ffn_down_exps.weight"),
                Map.entry(TensorRole.EXPERT_GATE_BIAS, layer + "ffn_gate_exps.bias"),
                Map.entry(TensorRole.EXPERT_UP_BIAS, layer + "ffn_up_exps.bias"),
                Map.entry(TensorRole.EXPERT_DOWN_BIAS, layer + "ffn_down_exps.bias")));
    }

    private static TensorMap named(Map<TensorRole, String> names) {
        Map<TensorRole, List<TensorPart>> places = new EnumMap<>(TensorRole.class);
        names.forEach((role, name) -> places.put(role, List.of(TensorPart.whole(name))));
        return new TensorMap(places);
    }

    /// The vocabulary's size as the embedding has it: a file's own `vocab_size` key is optional in GGUF.
    int vocabSize(ModelSource source) {
        TensorData embedding =
                source.require(places(TensorRole.EMBEDDING).getFirst().name());
        if (embedding.shape().size() != 2 || embedding.shape().getFirst() > Integer.MAX_VALUE) {
            throw new EngineException.ModelCorrupt(
                    "[" + source.location() + "] " + embedding + ": expected (vocabSize, hiddenSize)");
        }
        if (embedding.shape().getFirst() == 0) {
            throw new EngineException.ModelCorrupt("[" + source.location() + "] " + embedding
                    + " has no rows: the file lacks its embedding. Convert the model again with its vocabulary");
        }
        return embedding.shape().getFirst().intValue();
    }
}
