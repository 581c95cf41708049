package dev.lectern.engine.internal.decoder;

import dev.lectern.engine.internal.backend.Backend;
import dev.lectern.engine.internal.backend.Batch;
import dev.lectern.engine.internal.backend.Phase;
import dev.lectern.engine.internal.backend.Routing;
import dev.lectern.engine.internal.backend.Tensor;
import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.ModelConfig;
import java.lang.foreign.MemorySegment;

/// The forward pass, the same for every family, backend and phase: data decides what each layer does.
///
/// It never knows whether it runs for one machine or for a range of layers of a larger job, in prefill or in decode.
/// Thread-safe as long as each caller brings its own [Workspace] and the backend is used by one caller at a time.
public final class Decoder {
    private final ModelConfig config;
    private final DecoderWeights weights;
    private final Backend backend;

    public Decoder(ModelConfig config, DecoderWeights weights, Backend backend) {
        this.config = config;
        this.weights = weights;
        this.backend = backend;
    }

    public ModelConfig config() {
        return config;
    }

    /// Runs a batch through all layers; afterwards the sequences' caches hold its keys and values, and the
    /// workspace holds its hidden states unless `lastLayerOutput` is false.
    ///
    /// @param lastLayerOutput false where only keys and values are wanted (a context that questions will follow):
    ///                        the last layer's attention and feed-forward part, which nobody would read, are left
    ///                        out
    public void forward(Batch batch, Workspace workspace, boolean lastLayerOutput) {
        if (batch.rows() > workspace.maxRows()) {
            throw new IllegalArgumentException(
                    "batch of " + batch.rows() + " rows in a workspace for " + workspace.maxRows());
        }
        backend.embed(weights.embedding(), batch.tokenIds(), batch.rows(), workspace.hidden);
        forward(0, config.layers().size(), batch, workspace, lastLayerOutput);
    }

    /// Runs layers `[from, to)` over the hidden states that the workspace holds.
    void forward(int from, int to, Batch batch, Workspace workspace, boolean lastLayerOutput) {
        int last = config.layers().size() - 1;
        for (int layer = from; layer < to; layer++) {
            boolean output = layer < last || lastLayerOutput;
            attention(layer, batch, workspace, output);
            if (output) {
                feedForward(layer, batch, workspace);
            }
        }
    }

    /// `hidden += output · attention(norm(hidden))`; stores the batch's keys and values on the way.
    private void attention(int layer, Batch batch, Workspace workspace, boolean output) {
        int rows = batch.rows();
        Phase phase = batch.phase();
        AttentionSpec.GroupedQuery spec = config.layers().get(layer).attention();
        DecoderWeights.Layer layerWeights = weights.layers().get(layer);
        Tensor keys = Workspace.view(workspace.keys, rows, spec.kvHeads() * spec.headDim());
        Tensor values = Workspace.view(workspace.values, rows, spec.kvHeads() * spec.headDim());

        backend.rmsNorm(workspace.hidden, rows, layerWeights.attentionNorm(), config.rmsNormEps(), workspace.normed);
        backend.matmul(workspace.normed, rows, layerWeights.key(), keys, phase);
        backend.matmul(workspace.normed, rows, layerWeights.value(), values, phase);
        position(keys, spec.kvHeads(), spec, batch);
        backend.storeKv(keys, values, batch, layer);
        if (!output) {
            return;
        }
        Tensor queries = Workspace.view(workspace.queries, rows, spec.heads() * spec.headDim());
        Tensor attended = Workspace.view(workspace.attended, rows, spec.heads() * spec.headDim());
        backend.matmul(workspace.normed, rows, layerWeights.query(), queries, phase);
        position(queries, spec.heads(), spec, batch);
        spec.temperature()
                .ifPresent(temperature -> backend.scaleByTemperature(queries, rows, temperature, batch.positions()));
        backend.attention(queries, batch, layer, spec, attended);
        backend.matmul(attended, rows, layerWeights.output(), workspace.delta, phase);
        backend.add(workspace.hidden, workspace.delta, rows);
    }

    /// Rotary embedding, then the norm per head, where the layer has them.
    private void position(Tensor x, int heads, AttentionSpec.GroupedQuery spec, Batch batch) {
        int rows = batch.rows();
        spec.rope().ifPresent(rope -> backend.rope(x, rows, spec.headDim(), rope, batch.positions()));
        spec.qkNorm().ifPresent(norm -> {
            Tensor perHead = Workspace.view(x, rows * heads, spec.headDim());
            backend.rmsNorm(perHead, rows * heads, null, norm.epsilon(), perHead);
        });
    }

    /// `hidden += mlp(norm(hidden))`.
    private void feedForward(int layer, Batch batch, Workspace workspace) {
        int rows = batch.rows();
        DecoderWeights.Layer layerWeights = weights.layers().get(layer);
        backend.rmsNorm(workspace.hidden, rows, layerWeights.mlpNorm(), config.rmsNormEps(), workspace.normed);
        switch (config.layers().get(layer).mlp()) {
            case MlpSpec.Dense dense ->
                dense(
                        workspace.normed,
                        rows,
                        (DecoderWeights.Dense) layerWeights.mlp(),
                        dense.intermediateSize(),
                        workspace.delta,
                        workspace,
                        batch.phase());
            case MlpSpec.Moe moe -> moe(layer, moe, (DecoderWeights.Moe) layerWeights.mlp(), batch, workspace);
        }
        backend.add(workspace.hidden, workspace.delta, rows);
    }

    /// `out = down(silu(gate(in)) * up(in))`.
    private void dense(
            Tensor in, int rows, DecoderWeights.Dense mlp, int width, Tensor out, Workspace workspace, Phase phase) {
        Tensor gate = Workspace.view(workspace.gate, rows, width);
        Tensor up = Workspace.view(workspace.up, rows, width);
        backend.matmul(in, rows, mlp.gate(), gate, phase);
        backend.matmul(in, rows, mlp.up(), up, phase);
        backend.siluTimes(gate, up, rows);
        backend.matmul(gate, rows, mlp.down(), out, phase);
    }

    /// `delta = shared(normed) + sum over the chosen experts of expert(score * normed)`: rows are sorted by expert,
    /// so that each expert's weights are read once for all its rows.
    private void moe(int layer, MlpSpec.Moe moe, DecoderWeights.Moe experts, Batch batch, Workspace workspace) {
        int rows = batch.rows();
        Phase phase = batch.phase();
        Routing routing = workspace.routing(layer);
        Tensor routerLogits = Workspace.view(workspace.routerLogits, rows, moe.experts());
        backend.matmul(workspace.normed, rows, experts.router(), routerLogits, phase);
        backend.route(routerLogits, rows, moe, routing);

        if (experts.shared() != null) {
            dense(
                    workspace.normed,
                    rows,
                    experts.shared(),
                    moe.sharedIntermediateSize(),
                    workspace.delta,
                    workspace,
                    phase);
        } else {
            workspace.delta.data().asSlice(0, workspace.delta.rowOffset(rows)).fill((byte) 0);
        }
        int slots = rows * moe.topK();
        Tensor gate = Workspace.view(workspace.gate, slots, moe.intermediateSize());
        Tensor up = Workspace.view(workspace.up, slots, moe.intermediateSize());
        backend.gatherScaled(workspace.normed, routing, workspace.slotInputs);
        backend.groupedMatmul(workspace.slotInputs, routing.expertStart, experts.gate(), gate, phase);
        backend.groupedMatmul(workspace.slotInputs, routing.expertStart, experts.up(), up, phase);
        backend.siluTimes(gate, up, slots);
        backend.groupedMatmul(gate, routing.expertStart, experts.down(), workspace.slotOutputs, phase);
        backend.scatterAdd(workspace.slotOutputs, routing, workspace.delta);
    }

    /// Logits of chosen rows of the batch that [#forward] ran last, valid until the workspace is used again.
    ///
    /// @param rows rows of the batch, at most as many as the workspace has output rows
    /// @return `(rows.length, vocabSize)`
    public Tensor logits(int[] rows, Phase phase, Workspace workspace) {
        for (int i = 0; i < rows.length; i++) {
            MemorySegment.copy(
                    workspace.hidden.data(),
                    workspace.hidden.rowOffset(rows[i]),
                    workspace.outputHidden.data(),
                    workspace.outputHidden.rowOffset(i),
                    workspace.outputHidden.rowOffset(1));
        }
        backend.rmsNorm(
                workspace.outputHidden, rows.length, weights.outputNorm(), config.rmsNormEps(), workspace.outputHidden);
        Tensor logits = Workspace.view(workspace.logits, rows.length, config.vocabSize());
        backend.matmul(workspace.outputHidden, rows.length, weights.output(), logits, phase);
        return logits;
    }
}
