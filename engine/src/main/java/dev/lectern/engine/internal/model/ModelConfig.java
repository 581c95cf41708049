package dev.lectern.engine.internal.model;

import java.util.List;
import java.util.OptionalInt;
import java.util.function.ToIntFunction;

/// A decoder as data: everything that the forward pass has to know besides the weights.
///
/// @param vocabSize     rows of the embedding and of the output matrix
/// @param hiddenSize    width of the residual stream
/// @param contextLength most tokens of a sequence
/// @param rmsNormEps    epsilon of the layers' and the output's norms
/// @param multipliers   constant factors along the residual stream
/// @param layers        first to last
public record ModelConfig(
        int vocabSize,
        int hiddenSize,
        int contextLength,
        float rmsNormEps,
        Multipliers multipliers,
        List<LayerSpec> layers) {
    public ModelConfig {
        if (vocabSize <= 0 || hiddenSize <= 0 || contextLength <= 0 || layers.isEmpty()) {
            throw new IllegalArgumentException("vocabSize " + vocabSize + ", hiddenSize " + hiddenSize
                    + ", contextLength " + contextLength + ", " + layers.size() + " layers: all must be positive");
        }
        layers = List.copyOf(layers);
    }

    /// @param attention how a token looks at the tokens before it
    /// @param mlp       what happens to each token by itself
    /// @param postNorms whether what attention and feed-forward part add is normalised first (Gemma 3)
    public record LayerSpec(AttentionSpec attention, MlpSpec mlp, boolean postNorms) {
        public LayerSpec(AttentionSpec attention, MlpSpec mlp) {
            this(attention, mlp, false);
        }
    }

    /// Constant factors, 1 in most families.
    ///
    /// @param embedding on the embedding (Gemma: sqrt(hiddenSize); Granite)
    /// @param residual  on what attention and feed-forward part add (Granite)
    /// @param logits    on the logits (Granite divides by its `logits_scaling`)
    public record Multipliers(float embedding, float residual, float logits) {
        public static final Multipliers NONE = new Multipliers(1, 1, 1);
    }

    /// Tokens of an attention chunk; empty when no layer is chunked.
    public OptionalInt attentionChunk() {
        return layers.stream()
                .map(layer -> layer.attention().mask())
                .filter(AttentionSpec.Mask.Chunked.class::isInstance)
                .mapToInt(AttentionSpec.Mask::reach)
                .findFirst();
    }

    /// The largest of a figure over all layers' attention.
    public int widestAttention(ToIntFunction<AttentionSpec> width) {
        return layers.stream()
                .mapToInt(layer -> width.applyAsInt(layer.attention()))
                .max()
                .orElseThrow();
    }
}
