package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.Rope;
import dev.lectern.engine.internal.model.Weight;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The operations of a forward pass over float32 tensors. The forward pass is written against this interface alone.
///
/// Calls come from one thread at a time and return when the result is in memory. `rows` is always the number of
/// leading rows to work on. Outputs do not overlap inputs unless an operation says "in place". For a given row,
/// results do not depend, to the last bit, on the other rows of the call, on the number of threads, or on how a
/// prompt was cut into batches of the same [Phase].
public interface Backend extends AutoCloseable {
    /// `scalar`, `cpu` or `cuda`.
    String name();

    int threads();

    /// Brings weights that products will use into an order of the backend's own, where it has one, so that no
    /// product has to wait for it. Products of others work too.
    ///
    /// @throws dev.lectern.engine.EngineException.NotEnoughMemory where there is none for it
    void prepare(List<Weight> weights);

    /// `out[r] = table[tokenIds[r]]`, table `(vocabSize, hiddenSize)` output-major.
    void embed(Weight table, int[] tokenIds, int rows, Tensor out);

    /// `out[r] = in[r] / sqrt(mean(in[r]²) + epsilon) * gain`, the mean over all columns of `in`.
    ///
    /// @param gain one a column; null for a norm without weights. `out` may be `in`.
    void rmsNorm(Tensor in, int rows, float @Nullable [] gain, float epsilon, Tensor out);

    /// `out[r] = in[r] · Wᵀ`: in `(rows, inputs)`, out `(rows, outputs)`.
    void matmul(Tensor in, int rows, Weight weight, Tensor out, Phase phase);

    /// Products of the same rows with several weights: `outs[i]` is what [#matmul] gives for `weights[i]`, to
    /// the last bit. Small products cost less together than one by one.
    void matmuls(Tensor in, int rows, Weight[] weights, Tensor[] outs, Phase phase);

    /// One product per group: rows `[starts[g], starts[g + 1])` of `in` with `weights[g]` into the same rows of
    /// `out`. All weights have the same shape.
    void groupedMatmul(Tensor in, int[] starts, Weight[] weights, Tensor out, Phase phase);

    /// [#groupedMatmul] of the same rows with several weights a group: `outs[i]` is what it gives for
    /// `weights[i]`.
    void groupedMatmuls(Tensor in, int[] starts, Weight[][] weights, Tensor[] outs, Phase phase);

    /// Turns elements `[firstDim, firstDim + rope.turned())` of each head of each row in place; `x` is `(rows,
    /// heads * headDim)`.
    void rope(Tensor x, int rows, int headDim, int firstDim, Rope rope, int[] positions);

    /// `x[r] *= temperature.factor(positions[r])` in place.
    void scaleByTemperature(Tensor x, int rows, AttentionSpec.Temperature temperature, int[] positions);

    /// Writes the batch's keys and values, `(rows, kvHeads * keyDim)` and `(rows, kvHeads * valueDim)`, to their
    /// positions in the sequences' caches.
    ///
    /// @param values null where the keys hold them
    void storeKv(Tensor keys, @Nullable Tensor values, Batch batch, int layer);

    /// `out = softmax(scale * q·kᵀ over the visible keys) · v` per head; `queries` is `(rows, heads * keyDim)`,
    /// `out` `(rows, heads * valueDim)`. The batch's own keys and values are already stored. Spans that share a
    /// prefix read its pages once.
    ///
    /// @param sinks a logit a head that counts in the softmax's sum and has no value; null for none
    void attention(
            Tensor queries, Batch batch, int layer, AttentionSpec.Scores spec, float @Nullable [] sinks, Tensor out);

    /// Takes a part of every head and puts the heads one after another: `out[h * rows + r][i] = in[r][h * w +
    /// firstDim + i]` with w the width of a head in `in`, for all columns i of `out`.
    void gatherHeads(Tensor in, int rows, int heads, int firstDim, Tensor out);

    /// The reverse: `out[r][h * w + firstDim + i] = in[h * rows + r][i]`; the rest of `out` stays.
    void scatterHeads(Tensor in, int rows, int heads, int firstDim, Tensor out);

    /// Chooses experts from router logits `(rows, experts)`.
    ///
    /// @param selectionBias one an expert, added for the choice alone; null for none
    void route(Tensor logits, int rows, MlpSpec.Router router, float @Nullable [] selectionBias, Routing routing);

    /// `out[s] = in[slotRow[s]]` for all slots, times `slotScore[s]` where the score applies to the input.
    void gather(Tensor in, Routing routing, boolean scaled, Tensor out);

    /// `out[slotRow[s]] += in[s]` for all slots, in ascending order of experts for every row; `in[s]` times
    /// `slotScore[s]` where the score applies to the output.
    void scatterAdd(Tensor in, Routing routing, boolean scaled, Tensor out);

    /// `gate = activation(gate, up)` in place over `(rows, columns)`.
    void activate(MlpSpec.Activation activation, Tensor gate, Tensor up, int rows);

    /// `x[r] += bias` in place, one element a column.
    void addBias(Tensor x, int rows, float[] bias);

    /// `x[r] += biases[g]` in place for the rows `[starts[g], starts[g + 1])` of each group.
    void addBiases(Tensor x, int[] starts, float[][] biases);

    /// `x *= factor` in place.
    void scale(Tensor x, int rows, float factor);

    /// `x += factor * y` in place.
    void add(Tensor x, Tensor y, float factor, int rows);

    /// Ends the team of threads; the backend is not used after this.
    @Override
    void close();
}
