package dev.lectern.engine.internal.decoder;

import dev.lectern.engine.internal.model.Weight;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What each matrix of a decoder is for, in words that are the same for all families. A matrix is known by where it
/// lies in the file.
public final class WeightRoles implements Function<Weight, String> {
    private final Map<MemorySegment, String> roles = new HashMap<>();
    private final List<Weight> all = new ArrayList<>();

    public WeightRoles(DecoderWeights weights) {
        weights.layers().forEach(this::addLayer);
        add("output", weights.output());
    }

    private void addLayer(DecoderWeights.Layer layer) {
        switch (layer.attention()) {
            case DecoderWeights.GroupedQuery grouped ->
                add(
                        "attention projections",
                        grouped.query().weight(),
                        grouped.key().weight(),
                        grouped.value().weight(),
                        grouped.output().weight());
            case DecoderWeights.Latent latent -> {
                add(
                        "attention projections",
                        latent.queryDown(),
                        latent.queryUp(),
                        latent.latentDown(),
                        latent.output());
                add("to and from latents", latent.keyUp());
                add("to and from latents", latent.valueUp());
            }
        }
        switch (layer.mlp()) {
            case DecoderWeights.Dense dense -> addDense("feed-forward", dense);
            case DecoderWeights.Moe moe -> {
                add("router", moe.router().weight());
                add("experts gate, up", moe.experts().gate());
                add("experts gate, up", moe.experts().up());
                add("experts down", moe.experts().down());
                DecoderWeights.Dense shared = moe.shared();
                if (shared != null) {
                    addDense("shared expert", shared);
                }
            }
        }
    }

    private void addDense(String name, DecoderWeights.Dense dense) {
        add(name + " gate, up", dense.gate(), dense.up());
        add(name + " down", dense.down());
    }

    private void add(String role, @Nullable Weight... weights) {
        for (Weight weight : weights) {
            if (weight != null) {
                roles.put(weight.data(), role);
                all.add(weight);
            }
        }
    }

    /// All matrices of products, in the order in which a token meets them.
    public List<Weight> weights() {
        return Collections.unmodifiableList(all);
    }

    /// @return `other products` for a matrix that is not the decoder's
    @Override
    public String apply(Weight weight) {
        return roles.getOrDefault(weight.data(), "other products");
    }
}
