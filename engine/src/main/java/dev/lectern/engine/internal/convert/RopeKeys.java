package dev.lectern.engine.internal.convert;

import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.internal.model.AttentionSpec.GroupedQuery;
import dev.lectern.engine.internal.model.AttentionSpec.Latent;
import dev.lectern.engine.internal.model.AttentionSpec.Mask;
import dev.lectern.engine.internal.model.ModelConfig;
import dev.lectern.engine.internal.model.Rope;
import dev.lectern.engine.internal.source.Metadata;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/// The keys and tensors of a GGUF file that describe rotary embedding, from a Hugging Face configuration's
/// `rope_parameters` (or the older `rope_theta` and `rope_scaling`).
///
/// Llama 3's scaling and LongRoPE have no keys: files hold a divisor for each pair.
final class RopeKeys {
    private static final float YARN_GROWTH = 0.1f;

    private final GgufArchitecture architecture;
    private final Metadata config;
    private final ModelConfig model;
    private final GgufMetadata metadata;
    private final Map<String, float[]> divisors = new LinkedHashMap<>();

    private RopeKeys(GgufArchitecture architecture, Metadata config, ModelConfig model, GgufMetadata metadata) {
        this.architecture = architecture;
        this.config = config;
        this.model = model;
        this.metadata = metadata;
    }

    /// @param config the text part's configuration
    /// @return tensors by name
    static Map<String, float[]> put(
            GgufArchitecture architecture, Metadata config, ModelConfig model, GgufMetadata metadata) {
        RopeKeys keys = new RopeKeys(architecture, config, model, metadata);
        keys.put();
        return keys.divisors;
    }

    private void put() {
        boolean perType = config.has("rope_parameters.full_attention");
        boolean parameters = config.has("rope_parameters.rope_type") || config.has("rope_parameters.rope_theta");
        Metadata block = config.sub(
                perType ? "rope_parameters.full_attention" : parameters ? "rope_parameters" : "rope_scaling");
        double usual = architecture == GgufArchitecture.GEMMA3 ? 1e6 : 10000;
        double theta = perType
                ? block.doubleOr("rope_theta", usual)
                : config.doubleOr("rope_parameters.rope_theta", config.doubleOr("rope_theta", usual));
        number("freq_base", theta);
        if (architecture == GgufArchitecture.GEMMA3) {
            number("freq_base_swa", localTheta());
        }
        if (architecture == GgufArchitecture.PHI3) {
            // Its loader wants the key.
            double original = block.doubleOr(
                    "original_max_position_embeddings",
                    config.doubleOr("original_max_position_embeddings", model.contextLength()));
            metadata.putUint32(key("scaling.original_context_length"), Math.round(original));
        }
        Optional<Rope> scaled = rope();
        if (scaled.isEmpty()) {
            return;
        }
        String type = block.stringOr("rope_type", block.stringOr("type", "default"));
        switch (type) {
            case "default" -> {}
            case "linear" -> {
                string("scaling.type", "linear");
                number("scaling.factor", block.requireDouble("factor"));
            }
            case "llama3" -> divisors.put("rope_freqs.weight", divisors(scaled.get(), theta));
            case "yarn" -> putYarn(block, scaled.get());
            case "longrope", "su" -> putLongRope(block, scaled.get());
            default ->
                throw new ModelUnsupported("[" + config.file() + "] rope_type '" + type + "' has no form in GGUF");
        }
    }

    private double localTheta() {
        return config.sub("rope_parameters.sliding_attention")
                .doubleOr("rope_theta", config.doubleOr("rope_local_base_freq", 10000));
    }

    /// That of layers which see everything, where layers differ.
    private Optional<Rope> rope() {
        return Stream.of(true, false)
                .flatMap(full -> model.layers().stream()
                        .filter(layer -> !full || layer.attention().mask() instanceof Mask.Full)
                        .map(layer -> switch (layer.attention()) {
                            case GroupedQuery grouped -> grouped.rope().orElse(null);
                            case Latent latent -> latent.rope();
                        }))
                .filter(Objects::nonNull)
                .findFirst();
    }

    private void putYarn(Metadata block, Rope rope) {
        double longest = model.contextLength();
        double original = block.doubleOr(
                "original_max_position_embeddings", config.doubleOr("original_max_position_embeddings", longest));
        double factor = block.doubleOr("factor", longest / original);
        string("scaling.type", "yarn");
        number("scaling.factor", factor);
        metadata.putUint32(key("scaling.original_context_length"), Math.round(original));
        number("scaling.yarn_beta_fast", block.doubleOr("beta_fast", 32));
        number("scaling.yarn_beta_slow", block.doubleOr("beta_slow", 1));
        boolean latent = architecture == GgufArchitecture.DEEPSEEK2;
        double known = latent || factor <= 1 ? 1 : 1 + YARN_GROWTH * Math.log(factor);
        putMagnitude(rope, known);
        if (latent) {
            number("scaling.yarn_log_multiplier", YARN_GROWTH * block.doubleOr("mscale_all_dim", 0));
        }
    }

    private void putLongRope(Metadata block, Rope rope) {
        double original = block.doubleOr(
                "original_max_position_embeddings", config.doubleOr("original_max_position_embeddings", 0));
        metadata.putUint32(key("scaling.original_context_length"), Math.round(original));
        for (String name : new String[] {"long", "short"}) {
            String key = name + "_factor";
            divisors.put(
                    "rope_factors_" + name + ".weight",
                    block.floats(key).orElseThrow(() -> block.wrong(key, "a list of numbers")));
        }
        putMagnitude(rope, 1);
    }

    /// @param known what readers multiply by without being told
    private void putMagnitude(Rope rope, double known) {
        double factor = rope.magnitude() / known;
        if (!ConfigDifference.near((float) factor, 1)) {
            number("scaling.attn_factor", factor);
        }
    }

    private static float[] divisors(Rope rope, double theta) {
        float[] frequencies = rope.inverseFrequencies();
        float[] divisors = new float[frequencies.length];
        for (int j = 0; j < divisors.length; j++) {
            float plain = (float) (1 / Math.pow(theta, (double) j / divisors.length));
            divisors[j] = plain / frequencies[j];
        }
        return divisors;
    }

    private void number(String name, double value) {
        metadata.putFloat32(key(name), (float) value);
    }

    private void string(String name, String value) {
        metadata.putString(key(name), value);
    }

    private String key(String name) {
        return architecture.key() + ".rope." + name;
    }
}
