package dev.lectern.engine.internal.decoder;

import dev.lectern.engine.internal.backend.Routing;
import dev.lectern.engine.internal.backend.Tensor;
import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.ModelConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;

/// The activations of a forward pass, sized once for the largest batch: after that a pass allocates nothing.
/// Owns its memory, which ends with [#close]. Used by one pass at a time.
public final class Workspace implements AutoCloseable {
    private static final long ALIGNMENT_BYTES = 64;

    private final Arena arena = Arena.ofShared();
    private final int maxRows;

    /// The residual stream `(maxRows, hiddenSize)`.
    final Tensor hidden;
    /// Normalised input of attention or of the feed-forward part `(maxRows, hiddenSize)`.
    final Tensor normed;
    /// What a part adds to the residual stream `(maxRows, hiddenSize)`.
    final Tensor delta;
    /// `(maxRows, heads * keyDim)`, widest layer.
    final Tensor queries;
    /// `(maxRows, kvHeads * keyDim)`, widest layer.
    final Tensor keys;
    /// `(maxRows, kvHeads * valueDim)`, widest layer.
    final Tensor values;
    /// `(maxRows, heads * valueDim)`, widest layer: what attention read. Latent attention has its projected
    /// queries here before.
    final Tensor attended;
    /// Latent attention: `(maxRows, latentDim or queryRank)`.
    final Tensor latents;
    /// Latent attention: `(heads * maxRows, noPeDim, ropeDim or valueDim)`, head by head.
    final Tensor narrowHeads;
    /// Latent attention: `(heads * maxRows, latentDim)`, head by head.
    final Tensor wideHeads;
    /// `(maxRows, widest feed-forward part)`, all of a row's experts counted.
    final Tensor gate;
    /// As gate.
    final Tensor up;
    /// `(maxRows, experts)`.
    final Tensor routerLogits;
    /// `(slots, hiddenSize)`: rows by expert.
    final Tensor slotInputs;
    /// As slotInputs.
    final Tensor slotOutputs;
    /// `(outputRows, hiddenSize)`: the rows whose logits are wanted.
    final Tensor outputHidden;
    /// `(outputRows, vocabSize)`.
    final Tensor logits;
    /// The largest model's; each layer uses its own number of experts.
    private final Routing[] routings;

    private int[] headStarts = new int[0];

    /// @param maxRows    most rows of a batch
    /// @param outputRows most rows whose logits are computed at once
    public Workspace(ModelConfig config, int maxRows, int outputRows) {
        this.maxRows = maxRows;
        Sizes sizes = Sizes.of(config, maxRows);
        hidden = allocate(maxRows, config.hiddenSize());
        normed = allocate(maxRows, config.hiddenSize());
        delta = allocate(maxRows, config.hiddenSize());
        queries = allocate(maxRows, sizes.queries);
        attended = allocate(maxRows, sizes.attended);
        keys = allocate(maxRows, sizes.keys);
        values = allocate(maxRows, sizes.values);
        latents = allocate(maxRows, sizes.latents);
        narrowHeads = allocate(maxRows, sizes.narrowHeads);
        wideHeads = allocate(maxRows, sizes.wideHeads);
        gate = allocate(maxRows, sizes.mlpWidth);
        up = allocate(maxRows, sizes.mlpWidth);
        routerLogits = allocate(maxRows, sizes.experts);
        slotInputs = allocate(sizes.slots, config.hiddenSize());
        slotOutputs = allocate(sizes.slots, config.hiddenSize());
        outputHidden = allocate(outputRows, config.hiddenSize());
        logits = allocate(outputRows, config.vocabSize());
        routings = new Routing[config.layers().size()];
        Routing shared = null;
        MlpSpec.Moe sharedSpec = null;
        for (int layer = 0; layer < routings.length; layer++) {
            if (config.layers().get(layer).mlp() instanceof MlpSpec.Moe moe) {
                if (shared == null
                        || sharedSpec == null
                        || moe.experts() != sharedSpec.experts()
                        || moe.topK() != sharedSpec.topK()) {
                    shared = new Routing(maxRows, moe.experts(), moe.topK());
                    sharedSpec = moe;
                }
                routings[layer] = shared;
            }
        }
    }

    /// Bytes that a workspace of this size takes.
    public static long bytes(ModelConfig config, int maxRows, int outputRows) {
        Sizes sizes = Sizes.of(config, maxRows);
        long floats = (long) maxRows
                        * (3L * config.hiddenSize()
                                + sizes.queries
                                + sizes.attended
                                + sizes.keys
                                + sizes.values
                                + sizes.latents
                                + sizes.narrowHeads
                                + sizes.wideHeads
                                + sizes.experts
                                + 2L * sizes.mlpWidth)
                + (long) sizes.slots * 2L * config.hiddenSize()
                + (long) outputRows * ((long) config.hiddenSize() + config.vocabSize());
        return floats * Float.BYTES;
    }

    int maxRows() {
        return maxRows;
    }

    Routing routing(int layer) {
        return routings[layer];
    }

    /// Where each head's rows start when heads lie one after another.
    int[] headStarts(int heads, int rows) {
        if (headStarts.length != heads + 1) {
            headStarts = new int[heads + 1];
        }
        for (int h = 0; h <= heads; h++) {
            headStarts[h] = h * rows;
        }
        return headStarts;
    }

    /// The leading part of a tensor seen as `(rows, columns)` without gaps.
    static Tensor view(Tensor tensor, int rows, int columns) {
        return tensor.withColumns(rows, columns);
    }

    private Tensor allocate(int rows, int columns) {
        long bytes = Math.max(1L, (long) rows * columns) * Float.BYTES;
        return new Tensor(
                arena.allocate(bytes, Math.max(ALIGNMENT_BYTES, ValueLayout.JAVA_FLOAT.byteAlignment())),
                rows,
                columns);
    }

    @Override
    public void close() {
        arena.close();
    }

    /// Columns of the tensors, from the widest layers.
    private record Sizes(
            int slots,
            int mlpWidth,
            int experts,
            int queries,
            int attended,
            int keys,
            int values,
            int latents,
            int narrowHeads,
            int wideHeads) {
        static Sizes of(ModelConfig config, int maxRows) {
            int topK = 1;
            int width = 1;
            int experts = 0;
            for (ModelConfig.LayerSpec layer : config.layers()) {
                switch (layer.mlp()) {
                    case MlpSpec.Dense dense -> width = Math.max(width, dense.intermediateSize());
                    case MlpSpec.Moe moe -> {
                        int routed = Math.multiplyExact(moe.topK(), moe.intermediateSize());
                        width = Math.max(width, Math.max(routed, moe.sharedIntermediateSize()));
                        topK = Math.max(topK, moe.topK());
                        experts = Math.max(experts, moe.experts());
                    }
                }
            }
            return new Sizes(
                    Math.multiplyExact(maxRows, topK),
                    width,
                    experts,
                    config.widestAttention(Sizes::queries),
                    config.widestAttention(Sizes::attended),
                    config.widestAttention(attention -> attention.scores().keyWidth()),
                    config.widestAttention(attention -> attention.scores().valueWidth()),
                    config.widestAttention(Sizes::latents),
                    config.widestAttention(Sizes::narrowHeads),
                    config.widestAttention(Sizes::wideHeads));
        }

        private static int queries(AttentionSpec attention) {
            int width = attention.scores().queryWidth();
            return attention instanceof AttentionSpec.Latent latent
                    ? Math.max(width, latent.heads() * latent.valueDim())
                    : width;
        }

        private static int attended(AttentionSpec attention) {
            int width = attention.scores().outputWidth();
            return attention instanceof AttentionSpec.Latent latent
                    ? Math.max(width, latent.heads() * latent.queryDim())
                    : width;
        }

        private static int latents(AttentionSpec attention) {
            return attention instanceof AttentionSpec.Latent latent
                    ? Math.max(latent.latentDim(), latent.queryRank())
                    : 0;
        }

        private static int narrowHeads(AttentionSpec attention) {
            return attention instanceof AttentionSpec.Latent latent
                    ? latent.heads() * Math.max(Math.max(latent.noPeDim(), latent.ropeDim()), latent.valueDim())
                    : 0;
        }

        private static int wideHeads(AttentionSpec attention) {
            return attention instanceof AttentionSpec.Latent latent ? latent.heads() * latent.latentDim() : 0;
        }
    }
}
