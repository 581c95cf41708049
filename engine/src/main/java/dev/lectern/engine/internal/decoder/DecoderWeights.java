package dev.lectern.engine.internal.decoder;

import dev.lectern.engine.internal.model.Weight;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A decoder's weights, where they lie in the mapped file. Norm gains, biases and sinks, small and read by every
/// token, are on the heap.
///
/// @param embedding  `(vocabSize, hiddenSize)`
/// @param layers     first to last
/// @param outputNorm one gain a column
/// @param output     `(vocabSize, hiddenSize)`; the embedding itself where the file ties them
public record DecoderWeights(Weight embedding, List<Layer> layers, float[] outputNorm, Weight output) {
    public DecoderWeights {
        layers = List.copyOf(layers);
    }

    /// @param attentionNorm     gains before attention
    /// @param attentionPostNorm gains on what attention adds; null for none
    /// @param mlpNorm           gains before the feed-forward part
    /// @param mlpPostNorm       gains on what the feed-forward part adds; null for none
    public record Layer(
            float[] attentionNorm,
            Attention attention,
            float @Nullable [] attentionPostNorm,
            float[] mlpNorm,
            Mlp mlp,
            float @Nullable [] mlpPostNorm) {}

    /// A matrix and what it adds.
    ///
    /// @param bias one an output; null for none
    public record Linear(Weight weight, float @Nullable [] bias) {}

    /// The attention weights of a layer.
    public sealed interface Attention {}

    /// @param query     `(heads * headDim, hiddenSize)`
    /// @param key       `(kvHeads * headDim, hiddenSize)`
    /// @param value     `(kvHeads * headDim, hiddenSize)`
    /// @param output    `(hiddenSize, heads * headDim)`
    /// @param queryNorm gains, as many as are normalised together; null without norm or gains
    /// @param keyNorm   as queryNorm
    /// @param sinks     one a head; null for none
    public record GroupedQuery(
            Linear query,
            Linear key,
            Linear value,
            Linear output,
            float @Nullable [] queryNorm,
            float @Nullable [] keyNorm,
            float @Nullable [] sinks)
            implements Attention {}

    /// @param queryDown  `(queryRank, hiddenSize)`; null where queries are projected at once
    /// @param queryNorm  gains on the low-rank query; null with queryDown
    /// @param queryUp    `(heads * (noPeDim + ropeDim), queryRank)`, or from `hiddenSize` without queryDown
    /// @param latentDown `(latentDim + ropeDim, hiddenSize)`: the latent and the rotary key
    /// @param latentNorm gains on the latent
    /// @param keyUp      one a head, `(latentDim, noPeDim)`: takes the head's query to the latent space
    /// @param valueUp    one a head, `(valueDim, latentDim)`: takes what the head read back
    /// @param output     `(hiddenSize, heads * valueDim)`
    public record Latent(
            @Nullable Weight queryDown,
            float @Nullable [] queryNorm,
            Weight queryUp,
            Weight latentDown,
            float[] latentNorm,
            Weight[] keyUp,
            Weight[] valueUp,
            Weight output)
            implements Attention {}

    /// The feed-forward weights of a layer.
    public sealed interface Mlp {}

    /// @param gate `(intermediateSize, hiddenSize)`
    /// @param up   `(intermediateSize, hiddenSize)`
    /// @param down `(hiddenSize, intermediateSize)`
    public record Dense(Weight gate, Weight up, Weight down) implements Mlp {}

    /// @param router        `(experts, hiddenSize)`
    /// @param selectionBias one an expert; null for none
    /// @param experts       the routed ones
    /// @param shared        the expert that every token goes to; null for none
    public record Moe(
            Linear router,
            float @Nullable [] selectionBias,
            Experts experts,
            @Nullable Dense shared) implements Mlp {}

    /// One an expert, shapes as in [Dense].
    ///
    /// @param biases null for none
    public record Experts(
            Weight[] gate,
            Weight[] up,
            Weight[] down,
            @Nullable ExpertBiases biases) {}

    /// One row an expert, one element an output.
    public record ExpertBiases(float[][] gate, float[][] up, float[][] down) {}
}
