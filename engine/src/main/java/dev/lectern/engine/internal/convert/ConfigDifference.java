package dev.lectern.engine.internal.convert;

import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.AttentionSpec.GroupedQuery;
import dev.lectern.engine.internal.model.AttentionSpec.Latent;
import dev.lectern.engine.internal.model.AttentionSpec.Scores;
import dev.lectern.engine.internal.model.ModelConfig;
import dev.lectern.engine.internal.model.Rope;
import java.util.Optional;

/// Whether two specifications are the same decoder, up to the rounding of numbers that went through float32, and to
/// which elements of a head form a rotary pair (the weights' rows are put in order accordingly).
final class ConfigDifference {
    private static final float NEAR = 1e-5f;

    private ConfigDifference() {}

    static boolean near(float a, float b) {
        return Math.abs(a - b) <= NEAR * Math.max(Math.abs(a), Math.abs(b));
    }

    /// The first difference, for a message; empty when there is none.
    static Optional<String> of(ModelConfig wanted, ModelConfig found) {
        if (wanted.layers().size() != found.layers().size()) {
            return difference("layers", wanted.layers().size(), found.layers().size());
        }
        ModelConfig.Multipliers a = wanted.multipliers();
        ModelConfig.Multipliers b = found.multipliers();
        boolean same = wanted.vocabSize() == found.vocabSize()
                && wanted.hiddenSize() == found.hiddenSize()
                && wanted.contextLength() == found.contextLength()
                && near(wanted.rmsNormEps(), found.rmsNormEps());
        if (!same) {
            return difference("sizes", sizes(wanted), sizes(found));
        }
        if (!near(a.embedding(), b.embedding()) || !near(a.residual(), b.residual()) || !near(a.logits(), b.logits())) {
            return difference("multipliers", a, b);
        }
        for (int layer = 0; layer < wanted.layers().size(); layer++) {
            Optional<String> inLayer =
                    of(wanted.layers().get(layer), found.layers().get(layer));
            if (inLayer.isPresent()) {
                return Optional.of("layer " + layer + ": " + inLayer.get());
            }
        }
        return Optional.empty();
    }

    private static String sizes(ModelConfig config) {
        return "vocabulary " + config.vocabSize() + ", hidden " + config.hiddenSize() + ", context "
                + config.contextLength() + ", epsilon " + config.rmsNormEps();
    }

    private static Optional<String> of(ModelConfig.LayerSpec wanted, ModelConfig.LayerSpec found) {
        if (!wanted.mlp().equals(found.mlp())) {
            return difference("feed-forward part", wanted.mlp(), found.mlp());
        }
        if (wanted.postNorms() != found.postNorms()) {
            return difference("norms after", wanted.postNorms(), found.postNorms());
        }
        return of(wanted.attention(), found.attention());
    }

    private static Optional<String> of(AttentionSpec wanted, AttentionSpec found) {
        return switch (wanted) {
            case GroupedQuery a when found instanceof GroupedQuery b -> of(a, b);
            case Latent a when found instanceof Latent b -> of(a, b);
            default -> difference("attention", wanted, found);
        };
    }

    private static Optional<String> of(GroupedQuery wanted, GroupedQuery found) {
        Scores a = wanted.scores();
        Scores b = found.scores();
        if (!near(a.scale(), b.scale())) {
            return difference("scale", a.scale(), b.scale());
        }
        if (!wanted.withScale(1).scores().equals(found.withScale(1).scores())) {
            return difference("heads and mask", a, b);
        }
        if (!wanted.qkNorm().equals(found.qkNorm())) {
            return difference("norm of queries and keys", wanted.qkNorm(), found.qkNorm());
        }
        if (!wanted.temperature().equals(found.temperature())) {
            return difference("temperature", wanted.temperature(), found.temperature());
        }
        if (wanted.biases() != found.biases() || wanted.sinks() != found.sinks()) {
            return difference("biases and sinks", biases(wanted), biases(found));
        }
        return of(wanted.rope(), found.rope());
    }

    private static String biases(GroupedQuery attention) {
        return attention.biases() + (attention.sinks() ? " with sinks" : " without sinks");
    }

    private static Optional<String> of(Latent wanted, Latent found) {
        boolean same = wanted.heads() == found.heads()
                && wanted.queryRank() == found.queryRank()
                && wanted.latentDim() == found.latentDim()
                && wanted.noPeDim() == found.noPeDim()
                && wanted.ropeDim() == found.ropeDim()
                && wanted.valueDim() == found.valueDim()
                && near(wanted.scale(), found.scale())
                && near(wanted.normEpsilon(), found.normEpsilon())
                && wanted.rope().pairing() == found.rope().pairing();
        return same
                ? of(Optional.of(wanted.rope()), Optional.of(found.rope()))
                : difference("attention", wanted, found);
    }

    private static Optional<String> of(Optional<Rope> wanted, Optional<Rope> found) {
        if (wanted.isEmpty() || found.isEmpty()) {
            return wanted.isEmpty() && found.isEmpty()
                    ? Optional.empty()
                    : difference("rotary embedding", wanted.isPresent(), found.isPresent());
        }
        float[] a = wanted.get().inverseFrequencies();
        float[] b = found.get().inverseFrequencies();
        if (a.length != b.length || !near(wanted.get().magnitude(), found.get().magnitude())) {
            return difference("rotary pairs", describe(wanted.get()), describe(found.get()));
        }
        int wantedWithin = wanted.get().within().map(Rope.Within::length).orElse(0);
        int foundWithin = found.get().within().map(Rope.Within::length).orElse(0);
        if (wantedWithin != foundWithin) {
            return difference("length of short contexts", wantedWithin, foundWithin);
        }
        for (int j = 0; j < a.length; j++) {
            if (!near(a[j], b[j])) {
                return difference("rotary frequency " + j, a[j], b[j]);
            }
        }
        return Optional.empty();
    }

    private static String describe(Rope rope) {
        return rope.inverseFrequencies().length + " of magnitude " + rope.magnitude();
    }

    private static Optional<String> difference(String what, Object wanted, Object found) {
        return Optional.of(what + ": " + wanted + " would become " + found);
    }
}
