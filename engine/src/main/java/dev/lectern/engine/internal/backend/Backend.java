package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.Rope;
import dev.lectern.engine.internal.model.Weight;
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

    /// `out[r] = table[tokenIds[r]]`, table `(vocabSize, hiddenSize)` output-major.
    void embed(Weight table, int[] tokenIds, int rows, Tensor out);

    /// `out[r] = in[r] / sqrt(mean(in[r]²) + epsilon) * gain`, the mean over all columns of `in`.
    ///
    /// @param gain one a column; null for a norm without weights. `out` may be `in`.
    void rmsNorm(Tensor in, int rows, float @Nullable [] gain, float epsilon, Tensor out);

    /// `out[r] = in[r] · Wᵀ`: in `(rows, inputs)`, out `(rows, outputs)`.
    void matmul(Tensor in, int rows, Weight weight, Tensor out, Phase phase);

    /// One product per group: rows `[starts[g], starts[g + 1])` of `in` with `weights[g]` into the same rows of
    /// `out`. All weights have the same shape.
    void groupedMatmul(Tensor in, int[] starts, Weight[] weights, Tensor out, Phase phase);

    /// Turns each head of each row in place; `x` is `(rows, heads * headDim)`.
    void rope(Tensor x, int rows, int headDim, Rope rope, int[] positions);

    /// `x[r] *= temperature.factor(positions[r])` in place.
    void scaleByTemperature(Tensor x, int rows, AttentionSpec.Temperature temperature, int[] positions);

    /// Writes the batch's keys and values, `(rows, kvHeads * headDim)`, to their positions in the sequences' caches.
    void storeKv(Tensor keys, Tensor values, Batch batch, int layer);

    /// `out = softmax(scale * q·kᵀ over the visible keys) · v` per head; `queries` and `out` are `(rows, heads *
    /// headDim)`. The batch's own keys and values are already stored. Spans that share a prefix read its pages
    /// once.
    void attention(Tensor queries, Batch batch, int layer, AttentionSpec.GroupedQuery spec, Tensor out);

    /// Chooses experts from router logits `(rows, experts)`: the topK largest, the lower index of equals.
    void route(Tensor logits, int rows, MlpSpec.Moe spec, Routing routing);

    /// `out[s] = in[slotRow[s]] * slotScore[s]` for all slots (where the score applies to the input).
    void gatherScaled(Tensor in, Routing routing, Tensor out);

    /// `out[slotRow[s]] += in[s]` for all slots, in ascending order of experts for every row.
    void scatterAdd(Tensor in, Routing routing, Tensor out);

    /// `gate = silu(gate) * up` in place over `(rows, columns)`; `silu(x) = x / (1 + exp(-x))`.
    void siluTimes(Tensor gate, Tensor up, int rows);

    /// `x += y` in place.
    void add(Tensor x, Tensor y, int rows);

    /// Ends the team of threads; the backend is not used after this.
    @Override
    void close();
}
