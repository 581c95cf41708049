package dev.lectern.engine.internal.model;

import java.util.List;
import java.util.OptionalInt;

/// A decoder as data: everything that the forward pass has to know besides the weights.
///
/// @param vocabSize     rows of the embedding and of the output matrix
/// @param hiddenSize    width of the residual stream
/// @param contextLength most tokens of a sequence
/// @param rmsNormEps    epsilon of the layers' and the output's norms
/// @param layers        first to last
public record ModelConfig(int vocabSize, int hiddenSize, int contextLength, float rmsNormEps, List<LayerSpec> layers) {
    public ModelConfig {
        if (vocabSize <= 0 || hiddenSize <= 0 || contextLength <= 0 || layers.isEmpty()) {
            throw new IllegalArgumentException("vocabSize " + vocabSize + ", hiddenSize " + hiddenSize
                    + ", contextLength " + contextLength + ", " + layers.size() + " layers: all must be positive");
        }
        layers = List.copyOf(layers);
    }

    /// @param attention how a token looks at the tokens before it
    /// @param mlp       what happens to each token by itself
    public record LayerSpec(AttentionSpec.GroupedQuery attention, MlpSpec mlp) {}

    /// Tokens of an attention chunk; empty when no layer is chunked.
    public OptionalInt attentionChunk() {
        return layers.stream()
                .map(layer -> layer.attention().mask())
                .filter(AttentionSpec.Mask.Chunked.class::isInstance)
                .mapToInt(mask -> ((AttentionSpec.Mask.Chunked) mask).size())
                .findFirst();
    }

    /// Widest query (and attention output) of any layer.
    public int maxQueryWidth() {
        return layers.stream()
                .mapToInt(layer -> layer.attention().heads() * layer.attention().headDim())
                .max()
                .orElseThrow();
    }

    /// Widest key (and value) of any layer.
    public int maxKeyWidth() {
        return layers.stream()
                .mapToInt(layer -> keyWidth(layer.attention()))
                .max()
                .orElseThrow();
    }

    /// Elements of a token's key in one layer: all key heads together.
    public static int keyWidth(AttentionSpec.GroupedQuery attention) {
        return attention.kvHeads() * attention.headDim();
    }
}
