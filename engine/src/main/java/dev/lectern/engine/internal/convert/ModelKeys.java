package dev.lectern.engine.internal.convert;

import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.AttentionSpec.GroupedQuery;
import dev.lectern.engine.internal.model.AttentionSpec.Latent;
import dev.lectern.engine.internal.model.AttentionSpec.Mask;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.MlpSpec.Dense;
import dev.lectern.engine.internal.model.MlpSpec.Moe;
import dev.lectern.engine.internal.model.ModelConfig;
import java.util.List;

/// The keys of a GGUF file that describe its decoder, from the decoder's specification. Names and types are those of
/// llama.cpp's converter.
///
/// GGUF has no keys for some of what a specification can say. Llama 4's chunk and temperature are constants in
/// llama.cpp; `llama4.attention.chunk_size`, `.temperature_length` and `.temperature_scale` are this engine's own and
/// written where the model has other values (llama.cpp ignores them). Whether the keys say all is seen by reading
/// them back: [ConfigDifference].
final class ModelKeys {
    /// What llama.cpp takes for the chunk, and for the temperature's floor.
    static final int LLAMA4_CHUNK = 8192;

    private static final int GATING_SIGMOID = 2;

    private final GgufArchitecture architecture;
    private final ModelConfig config;
    private final GgufMetadata metadata;

    private ModelKeys(GgufArchitecture architecture, ModelConfig config, GgufMetadata metadata) {
        this.architecture = architecture;
        this.config = config;
        this.metadata = metadata;
    }

    static void put(GgufArchitecture architecture, ModelConfig config, GgufMetadata metadata) {
        new ModelKeys(architecture, config, metadata).put();
    }

    private void put() {
        AttentionSpec attention = config.layers().getFirst().attention();
        integer("block_count", config.layers().size());
        integer("context_length", config.contextLength());
        integer("embedding_length", config.hiddenSize());
        integer("vocab_size", config.vocabSize());
        integer("attention.head_count", attention.heads());
        number("attention.layer_norm_rms_epsilon", config.rmsNormEps());
        switch (attention) {
            case GroupedQuery grouped -> put(grouped);
            case Latent latent -> put(latent);
        }
        putMasks();
        putFeedForward();
        putMultipliers();
    }

    private void put(GroupedQuery attention) {
        integer("attention.head_count_kv", attention.kvHeads());
        integer("attention.key_length", attention.headDim());
        integer("attention.value_length", attention.headDim());
        integer(
                "rope.dimension_count",
                attention.rope().map(rope -> rope.turned()).orElse(attention.headDim()));
        float scale = attention.scores().scale();
        if (!ConfigDifference.near(scale, (float) (1 / Math.sqrt(attention.headDim())))) {
            number("attention.scale", scale);
        }
    }

    /// Key and value lengths are those of the absorbed form, one key head; those of the heads have keys of their
    /// own.
    private void put(Latent attention) {
        integer("attention.head_count_kv", 1);
        integer("attention.key_length", attention.latentDim() + attention.ropeDim());
        integer("attention.value_length", attention.latentDim());
        integer("attention.key_length_mla", attention.queryDim());
        integer("attention.value_length_mla", attention.valueDim());
        integer("attention.kv_lora_rank", attention.latentDim());
        if (attention.queryRank() > 0) {
            integer("attention.q_lora_rank", attention.queryRank());
        }
        integer("rope.dimension_count", attention.ropeDim());
    }

    private void putMasks() {
        boolean window = false;
        for (ModelConfig.LayerSpec layer : config.layers()) {
            switch (layer.attention().mask()) {
                case Mask.Window local -> {
                    integer("attention.sliding_window", local.size());
                    window = true;
                }
                case Mask.Chunked chunked -> {
                    if (chunked.size() != LLAMA4_CHUNK) {
                        integer("attention.chunk_size", chunked.size());
                    }
                }
                case Mask.Full _ -> {}
            }
            if (layer.attention() instanceof GroupedQuery grouped) {
                grouped.temperature().ifPresent(this::put);
            }
        }
        if (!window && architecture == GgufArchitecture.PHI3) {
            // Its loader wants the key.
            integer("attention.sliding_window", 0);
        }
    }

    private void put(AttentionSpec.Temperature temperature) {
        if (temperature.floor() != LLAMA4_CHUNK || temperature.scale() != 0.1f) {
            integer("attention.temperature_length", temperature.floor());
            number("attention.temperature_scale", temperature.scale());
        }
    }

    private void putFeedForward() {
        List<MlpSpec> parts =
                config.layers().stream().map(ModelConfig.LayerSpec::mlp).toList();
        Moe moe = parts.stream()
                .filter(Moe.class::isInstance)
                .map(Moe.class::cast)
                .findFirst()
                .orElse(null);
        int denseWidth = parts.stream()
                .filter(Dense.class::isInstance)
                .mapToInt(part -> ((Dense) part).intermediateSize())
                .findFirst()
                .orElse(moe == null ? 0 : moe.intermediateSize());
        integer("feed_forward_length", denseWidth);
        if (moe == null) {
            return;
        }
        integer("expert_count", moe.experts());
        integer("expert_used_count", moe.topK());
        if (architecture.hasExpertWidthKey()) {
            integer("expert_feed_forward_length", moe.intermediateSize());
        }
        if (architecture == GgufArchitecture.LLAMA4) {
            integer("interleave_moe_layer_step", parts.indexOf(moe) + 1);
        }
        if (architecture == GgufArchitecture.DEEPSEEK2) {
            putDeepSeek(moe, parts.indexOf(moe));
        }
    }

    private void putDeepSeek(Moe moe, int leadingDense) {
        MlpSpec.Router router = moe.router();
        integer("leading_dense_block_count", leadingDense);
        integer("expert_shared_count", moe.sharedIntermediateSize() / moe.intermediateSize());
        number("expert_weights_scale", router.scale());
        metadata.putBool(key("expert_weights_norm"), router.renormalise());
        integer("expert_gating_func", router.gating() == MlpSpec.Gating.SIGMOID ? GATING_SIGMOID : 1);
        router.groups().ifPresent(groups -> {
            integer("expert_group_count", groups.count());
            integer("expert_group_used_count", groups.chosen());
        });
    }

    private void putMultipliers() {
        // Gemma's is not a key: llama.cpp knows it.
        if (architecture == GgufArchitecture.GRANITE || architecture == GgufArchitecture.GRANITE_MOE) {
            number("embedding_scale", config.multipliers().embedding());
            number("residual_scale", config.multipliers().residual());
            number("logit_scale", 1 / config.multipliers().logits());
        }
    }

    private void integer(String name, int value) {
        metadata.putUint32(key(name), value);
    }

    private void number(String name, float value) {
        metadata.putFloat32(key(name), value);
    }

    private String key(String name) {
        return architecture.key() + "." + name;
    }
}
