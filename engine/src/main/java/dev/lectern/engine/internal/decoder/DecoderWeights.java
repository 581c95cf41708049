package dev.lectern.engine.internal.decoder;

import dev.lectern.engine.internal.model.Weight;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A decoder's weights, where they lie in the mapped file. Norm gains, small and read by every token, are on the
/// heap.
///
/// @param embedding  `(vocabSize, hiddenSize)`
/// @param layers     first to last
/// @param outputNorm one gain a column
/// @param output     `(vocabSize, hiddenSize)`; the embedding itself where the file ties them
public record DecoderWeights(Weight embedding, List<Layer> layers, float[] outputNorm, Weight output) {
    public DecoderWeights {
        layers = List.copyOf(layers);
    }

    /// @param attentionNorm gains before attention
    /// @param query         `(heads * headDim, hiddenSize)`
    /// @param key           `(kvHeads * headDim, hiddenSize)`
    /// @param value         `(kvHeads * headDim, hiddenSize)`
    /// @param output        `(hiddenSize, heads * headDim)`
    /// @param mlpNorm       gains before the feed-forward part
    public record Layer(
            float[] attentionNorm, Weight query, Weight key, Weight value, Weight output, float[] mlpNorm, Mlp mlp) {}

    /// The feed-forward weights of a layer.
    public sealed interface Mlp {}

    /// @param gate `(intermediateSize, hiddenSize)`
    /// @param up   `(intermediateSize, hiddenSize)`
    /// @param down `(hiddenSize, intermediateSize)`
    public record Dense(Weight gate, Weight up, Weight down) implements Mlp {}

    /// @param router `(experts, hiddenSize)`
    /// @param gate   one an expert, shapes as in [Dense]
    /// @param shared the expert that every token goes to; null for none
    public record Moe(
            Weight router,
            Weight[] gate,
            Weight[] up,
            Weight[] down,
            @Nullable Dense shared) implements Mlp {}
}
