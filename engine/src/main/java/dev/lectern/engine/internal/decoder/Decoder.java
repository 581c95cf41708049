package dev.lectern.engine.internal.decoder;

import dev.lectern.engine.internal.backend.Backend;
import dev.lectern.engine.internal.backend.Batch;
import dev.lectern.engine.internal.backend.Phase;
import dev.lectern.engine.internal.backend.Routing;
import dev.lectern.engine.internal.backend.Tensor;
import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.ModelConfig;
import dev.lectern.engine.internal.model.Rope;
import dev.lectern.engine.internal.model.Weight;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

    /// Brings all matrices into the backend's order ahead of the first batch.
    public void prepare() {
        backend.prepare(new WeightRoles(weights).weights());
    }

    /// Runs a batch through all layers; afterwards the sequences' caches hold its keys and values, and the
    /// workspace holds its hidden states unless `lastLayerOutput` is false.
    ///
    /// @param lastLayerOutput false where only keys and values are wanted (a context that questions will
    ///                        follow): the last layer's attention and feed-forward part, which nobody would
    ///                        read, are left out
    public void forward(Batch batch, Workspace workspace, boolean lastLayerOutput) {
        if (batch.rows() > workspace.maxRows()) {
            throw new IllegalArgumentException(
                    "batch of " + batch.rows() + " rows in a workspace for " + workspace.maxRows());
        }
        backend.embed(weights.embedding(), batch.tokenIds(), batch.rows(), workspace.hidden);
        if (config.multipliers().embedding() != 1) {
            backend.scale(workspace.hidden, batch.rows(), config.multipliers().embedding());
        }
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

    /// `hidden += attention(norm(hidden))`; stores the batch's keys and values on the way.
    private void attention(int layer, Batch batch, Workspace workspace, boolean output) {
        int rows = batch.rows();
        ModelConfig.LayerSpec spec = config.layers().get(layer);
        DecoderWeights.Layer layerWeights = weights.layers().get(layer);
        backend.rmsNorm(workspace.hidden, rows, layerWeights.attentionNorm(), config.rmsNormEps(), workspace.normed);
        switch (spec.attention()) {
            case AttentionSpec.GroupedQuery grouped ->
                groupedQuery(
                        layer,
                        grouped,
                        (DecoderWeights.GroupedQuery) layerWeights.attention(),
                        batch,
                        workspace,
                        output);
            case AttentionSpec.Latent latent ->
                latent(layer, latent, (DecoderWeights.Latent) layerWeights.attention(), batch, workspace, output);
        }
        if (output) {
            addDelta(rows, layerWeights.attentionPostNorm(), workspace);
        }
    }

    /// `delta = output · attention(normed)` with a query, key and value a head.
    private void groupedQuery(
            int layer,
            AttentionSpec.GroupedQuery spec,
            DecoderWeights.GroupedQuery attention,
            Batch batch,
            Workspace workspace,
            boolean output) {
        int rows = batch.rows();
        Phase phase = batch.phase();
        AttentionSpec.Scores scores = spec.scores();
        Tensor keys = Workspace.view(workspace.keys, rows, scores.keyWidth());
        Tensor values = Workspace.view(workspace.values, rows, scores.valueWidth());
        Tensor queries = Workspace.view(workspace.queries, rows, scores.queryWidth());
        if (output) {
            linears(
                    workspace.normed,
                    rows,
                    List.of(attention.query(), attention.key(), attention.value()),
                    List.of(queries, keys, values),
                    phase);
        } else {
            linears(workspace.normed, rows, List.of(attention.key(), attention.value()), List.of(keys, values), phase);
        }
        position(keys, spec.kvHeads(), spec, attention.keyNorm(), batch);
        backend.storeKv(keys, values, batch, layer);
        if (!output) {
            return;
        }
        Tensor attended = Workspace.view(workspace.attended, rows, scores.outputWidth());
        position(queries, spec.heads(), spec, attention.queryNorm(), batch);
        spec.temperature()
                .ifPresent(temperature -> backend.scaleByTemperature(queries, rows, temperature, batch.positions()));
        backend.attention(queries, batch, layer, scores, attention.sinks(), attended);
        linear(attended, rows, attention.output(), workspace.delta, phase);
    }

    /// Rotary embedding and norm, in the layer's order, where it has them.
    private void position(Tensor x, int heads, AttentionSpec.GroupedQuery spec, float @Nullable [] gains, Batch batch) {
        int rows = batch.rows();
        AttentionSpec.QkNorm norm = spec.qkNorm().orElse(null);
        if (norm != null && norm.beforeRope()) {
            normalise(x, heads, spec, norm, gains, rows);
        }
        spec.rope().ifPresent(rope -> rotate(x, spec.headDim(), 0, rope, batch));
        if (norm != null && !norm.beforeRope()) {
            normalise(x, heads, spec, norm, gains, rows);
        }
    }

    private void rotate(Tensor x, int headDim, int firstDim, Rope rope, Batch batch) {
        if (rope.within().isEmpty()) {
            backend.rope(x, batch.rows(), headDim, firstDim, rope, batch.positions());
            return;
        }
        for (Batch.Span span : batch.spans()) {
            int end = span.firstRow() + span.rows();
            backend.rope(
                    x.rows(span.firstRow(), span.rows()),
                    span.rows(),
                    headDim,
                    firstDim,
                    rope.forLength(span.sequence().expectedLength()),
                    Arrays.copyOfRange(batch.positions(), span.firstRow(), end));
        }
    }

    private void normalise(
            Tensor x,
            int heads,
            AttentionSpec.GroupedQuery spec,
            AttentionSpec.QkNorm norm,
            float @Nullable [] gains,
            int rows) {
        boolean together = norm.kind() == AttentionSpec.QkNorm.Kind.ALL_HEADS_BEFORE_ROPE;
        int parts = together ? rows : rows * heads;
        Tensor view = Workspace.view(x, parts, together ? heads * spec.headDim() : spec.headDim());
        backend.rmsNorm(view, parts, gains, norm.epsilon(), view);
    }

    /// `delta = output · attention(normed)` over latents: the cache holds the normalised latent and the rotary
    /// key, and queries come to them.
    private void latent(
            int layer,
            AttentionSpec.Latent spec,
            DecoderWeights.Latent attention,
            Batch batch,
            Workspace workspace,
            boolean output) {
        int rows = batch.rows();
        Phase phase = batch.phase();
        int heads = spec.heads();
        AttentionSpec.Scores scores = spec.scores();
        Tensor keys = Workspace.view(workspace.keys, rows, scores.keyWidth());
        Tensor latents = Workspace.view(workspace.latents, rows, spec.latentDim());
        backend.matmul(workspace.normed, rows, attention.latentDown(), keys, phase);
        backend.gatherHeads(keys, rows, 1, 0, latents);
        backend.rmsNorm(latents, rows, attention.latentNorm(), spec.normEpsilon(), latents);
        backend.scatterHeads(latents, rows, 1, 0, keys);
        rotate(keys, scores.keyDim(), spec.latentDim(), spec.rope(), batch);
        backend.storeKv(keys, null, batch, layer);
        if (!output) {
            return;
        }

        Tensor projected = Workspace.view(workspace.attended, rows, heads * spec.queryDim());
        Weight queryDown = attention.queryDown();
        if (queryDown == null) {
            backend.matmul(workspace.normed, rows, attention.queryUp(), projected, phase);
        } else {
            Tensor lowRank = Workspace.view(workspace.latents, rows, spec.queryRank());
            backend.matmul(workspace.normed, rows, queryDown, lowRank, phase);
            backend.rmsNorm(lowRank, rows, attention.queryNorm(), spec.normEpsilon(), lowRank);
            backend.matmul(lowRank, rows, attention.queryUp(), projected, phase);
        }
        rotate(projected, spec.queryDim(), spec.noPeDim(), spec.rope(), batch);

        // Each head by itself: its part without rotary embedding goes to the latent space, the other is
        // kept.
        int[] headStart = workspace.headStarts(heads, rows);
        Tensor queries = Workspace.view(workspace.queries, rows, scores.queryWidth());
        Tensor narrow = Workspace.view(workspace.narrowHeads, heads * rows, spec.noPeDim());
        Tensor wide = Workspace.view(workspace.wideHeads, heads * rows, spec.latentDim());
        backend.gatherHeads(projected, rows, heads, 0, narrow);
        backend.groupedMatmul(narrow, headStart, attention.keyUp(), wide, phase);
        backend.scatterHeads(wide, rows, heads, 0, queries);
        Tensor rotary = Workspace.view(workspace.narrowHeads, heads * rows, spec.ropeDim());
        backend.gatherHeads(projected, rows, heads, spec.noPeDim(), rotary);
        backend.scatterHeads(rotary, rows, heads, spec.latentDim(), queries);

        Tensor attended = Workspace.view(workspace.attended, rows, scores.outputWidth());
        backend.attention(queries, batch, layer, scores, null, attended);

        Tensor values = Workspace.view(workspace.narrowHeads, heads * rows, spec.valueDim());
        Tensor mixed = Workspace.view(workspace.queries, rows, heads * spec.valueDim());
        backend.gatherHeads(attended, rows, heads, 0, wide);
        backend.groupedMatmul(wide, headStart, attention.valueUp(), values, phase);
        backend.scatterHeads(values, rows, heads, 0, mixed);
        backend.matmul(mixed, rows, attention.output(), workspace.delta, phase);
    }

    /// `hidden += mlp(norm(hidden))`.
    private void feedForward(int layer, Batch batch, Workspace workspace) {
        int rows = batch.rows();
        DecoderWeights.Layer layerWeights = weights.layers().get(layer);
        backend.rmsNorm(workspace.hidden, rows, layerWeights.mlpNorm(), config.rmsNormEps(), workspace.normed);
        switch (config.layers().get(layer).mlp()) {
            case MlpSpec.Dense dense ->
                dense(
                        rows,
                        (DecoderWeights.Dense) layerWeights.mlp(),
                        dense.intermediateSize(),
                        dense.activation(),
                        workspace,
                        batch.phase());
            case MlpSpec.Moe moe -> moe(layer, moe, (DecoderWeights.Moe) layerWeights.mlp(), batch, workspace);
        }
        addDelta(rows, layerWeights.mlpPostNorm(), workspace);
    }

    /// `hidden += residual multiplier * norm(delta)`, the norm where the layer has one.
    private void addDelta(int rows, float @Nullable [] postNorm, Workspace workspace) {
        if (postNorm != null) {
            backend.rmsNorm(workspace.delta, rows, postNorm, config.rmsNormEps(), workspace.delta);
        }
        backend.add(workspace.hidden, workspace.delta, config.multipliers().residual(), rows);
    }

    /// `delta = down(activation(gate(normed), up(normed)))`.
    private void dense(
            int rows,
            DecoderWeights.Dense mlp,
            int width,
            MlpSpec.Activation activation,
            Workspace workspace,
            Phase phase) {
        Tensor gate = Workspace.view(workspace.gate, rows, width);
        Tensor up = Workspace.view(workspace.up, rows, width);
        backend.matmuls(workspace.normed, rows, new Weight[] {mlp.gate(), mlp.up()}, new Tensor[] {gate, up}, phase);
        backend.activate(activation, gate, up, rows);
        backend.matmul(gate, rows, mlp.down(), workspace.delta, phase);
    }

    /// `delta = shared(normed) + sum over the chosen experts of expert(normed)`, weighted by their scores: rows
    /// are sorted by expert, so that each expert's weights are read once for all its rows.
    private void moe(int layer, MlpSpec.Moe moe, DecoderWeights.Moe mlp, Batch batch, Workspace workspace) {
        int rows = batch.rows();
        Phase phase = batch.phase();
        MlpSpec.Router router = moe.router();
        Routing routing = workspace.routing(layer);
        Tensor routerLogits = Workspace.view(workspace.routerLogits, rows, router.experts());
        linear(workspace.normed, rows, mlp.router(), routerLogits, phase);
        backend.route(routerLogits, rows, router, mlp.selectionBias(), routing);

        DecoderWeights.Dense shared = mlp.shared();
        if (shared != null) {
            dense(rows, shared, moe.sharedIntermediateSize(), moe.activation(), workspace, phase);
        } else {
            workspace.delta.data().asSlice(0, workspace.delta.rowOffset(rows)).fill((byte) 0);
        }
        int slots = rows * router.topK();
        int[] starts = routing.expertStart;
        DecoderWeights.Experts experts = mlp.experts();
        DecoderWeights.ExpertBiases biases = experts.biases();
        Tensor gate = Workspace.view(workspace.gate, slots, moe.intermediateSize());
        Tensor up = Workspace.view(workspace.up, slots, moe.intermediateSize());
        backend.gather(workspace.normed, routing, router.scoreOn() == MlpSpec.ScoreOn.INPUT, workspace.slotInputs);
        backend.groupedMatmuls(
                workspace.slotInputs,
                starts,
                new Weight[][] {experts.gate(), experts.up()},
                new Tensor[] {gate, up},
                phase);
        if (biases != null) {
            backend.addBiases(gate, starts, biases.gate());
            backend.addBiases(up, starts, biases.up());
        }
        backend.activate(moe.activation(), gate, up, slots);
        backend.groupedMatmul(gate, starts, experts.down(), workspace.slotOutputs, phase);
        if (biases != null) {
            backend.addBiases(workspace.slotOutputs, starts, biases.down());
        }
        backend.scatterAdd(workspace.slotOutputs, routing, router.scoreOn() == MlpSpec.ScoreOn.OUTPUT, workspace.delta);
    }

    private void linears(Tensor in, int rows, List<DecoderWeights.Linear> linears, List<Tensor> outs, Phase phase) {
        Weight[] matrices = linears.stream().map(DecoderWeights.Linear::weight).toArray(Weight[]::new);
        backend.matmuls(in, rows, matrices, outs.toArray(Tensor[]::new), phase);
        for (int i = 0; i < matrices.length; i++) {
            float[] bias = linears.get(i).bias();
            if (bias != null) {
                backend.addBias(outs.get(i), rows, bias);
            }
        }
    }

    private void linear(Tensor in, int rows, DecoderWeights.Linear linear, Tensor out, Phase phase) {
        backend.matmul(in, rows, linear.weight(), out, phase);
        float[] bias = linear.bias();
        if (bias != null) {
            backend.addBias(out, rows, bias);
        }
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
        if (config.multipliers().logits() != 1) {
            backend.scale(logits, rows.length, config.multipliers().logits());
        }
        return logits;
    }
}
