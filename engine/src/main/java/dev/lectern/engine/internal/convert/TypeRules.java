package dev.lectern.engine.internal.convert;

import dev.lectern.engine.internal.quant.TensorType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which type each tensor of the new file gets: the one that was asked for wherever that is possible, and nothing
/// else. What is not possible follows llama.cpp (`tensor_allows_quantization` and `tensor_type_fallback` of
/// llama-quant.cpp): its graphs expect some small tensors unquantised, and rows must be whole blocks.
///
/// @param asked     for all matrices
/// @param output    for the output matrix; null for `asked`
/// @param tied      whether the embedding is the output matrix, too
/// @param keepTypes whether what is not quantised keeps its type (from GGUF), or becomes F32 (from Hugging Face)
record TypeRules(TargetType asked, @Nullable TargetType output, boolean tied, boolean keepTypes) {
    /// Parts of names of matrices that stay as they are: gains, routers, convolutions, and what is too small or too
    /// sensitive.
    private static final List<String> UNQUANTISED = List.of(
            "_norm.weight",
            "ffn_gate_inp.weight",
            "altup",
            "laurel",
            "per_layer_model_proj",
            "position_embd",
            "token_types",
            "ssm_conv1d",
            "shortconv.conv.weight",
            "time_mix_first.weight",
            "time_mix_w0.weight",
            "time_mix_w1.weight",
            "time_mix_w2.weight",
            "time_mix_v0.weight",
            "time_mix_v1.weight",
            "time_mix_v2.weight",
            "time_mix_a0.weight",
            "time_mix_a1.weight",
            "time_mix_a2.weight",
            "time_mix_g1.weight",
            "time_mix_g2.weight",
            "time_mix_decay_w1.weight",
            "time_mix_decay_w2.weight",
            "time_mix_lerp_fused.weight",
            "attn_rel_b.weight",
            "sam.pos_embd",
            "sam.neck.",
            "sam.net_",
            ".rel_pos",
            ".patch_embd",
            ".patch_merger");

    /// @param unlike why the type is another one than asked for; null when it is the one, or the tensor is none that
    ///               is quantised
    record Choice(TensorType type, @Nullable String unlike) {}

    /// @param name   in the new file
    /// @param stored type in the old file
    Choice choose(String name, List<Long> shape, TensorType stored) {
        if (shape.size() < 2) {
            return new Choice(TensorType.F32, null);
        }
        if (!name.endsWith("weight") || UNQUANTISED.stream().anyMatch(name::contains)) {
            return new Choice(keepTypes ? stored : TensorType.F32, null);
        }
        boolean isOutput = name.equals("output.weight") || tied && name.equals("token_embd.weight");
        TensorType wanted = (isOutput && output != null ? output : asked).type();
        long row = shape.getLast();
        TensorType type = wanted;
        while (row % type.blockWeights() != 0) {
            type = fallback(type);
        }
        String unlike =
                type == wanted ? null : "rows of " + row + " weights do not fill blocks of " + wanted.blockWeights();
        return new Choice(type, unlike);
    }

    /// A type with smaller blocks and not fewer bits.
    private static TensorType fallback(TensorType type) {
        return switch (type) {
            case Q2_K, Q3_K, TQ1_0, TQ2_0 -> TensorType.Q4_0;
            case Q4_K -> TensorType.Q5_0;
            case Q5_K -> TensorType.Q5_1;
            case Q6_K -> TensorType.Q8_0;
            case IQ4_XS -> TensorType.IQ4_NL;
            case NVFP4 -> TensorType.MXFP4;
            default -> TensorType.F16;
        };
    }
}
