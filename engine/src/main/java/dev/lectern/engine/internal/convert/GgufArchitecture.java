package dev.lectern.engine.internal.convert;

import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.internal.family.ModelFamily;
import dev.lectern.engine.internal.source.ModelSource;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// What llama.cpp calls the architectures of Hugging Face's models (`MODEL_ARCH_NAMES` of its gguf-py), and which of
/// two spellings of the same its loader expects.
enum GgufArchitecture {
    LLAMA("llama", ExpertWidth.PLAIN, "llama", "mistral", "mixtral"),
    LLAMA4("llama4", ExpertWidth.OWN_KEY, "llama4", "llama4_text"),
    QWEN2("qwen2", ExpertWidth.PLAIN, "qwen2"),
    QWEN3("qwen3", ExpertWidth.PLAIN, "qwen3"),
    QWEN3_MOE("qwen3moe", ExpertWidth.OWN_KEY, "qwen3_moe"),
    OLMOE("olmoe", ExpertWidth.PLAIN, "olmoe"),
    GRANITE("granite", ExpertWidth.PLAIN, "granite"),
    GRANITE_MOE("granitemoe", ExpertWidth.PLAIN, "granitemoe"),
    GPT_OSS("gpt-oss", ExpertWidth.OWN_KEY, "gpt_oss"),
    GEMMA3("gemma3", ExpertWidth.PLAIN, "gemma3", "gemma3_text"),
    PHI3("phi3", ExpertWidth.PLAIN, "phi3"),
    DEEPSEEK2("deepseek2", ExpertWidth.OWN_KEY, "deepseek_v3", "kimi_k2");

    /// Where a file says how wide an expert is.
    enum ExpertWidth {
        /// `feed_forward_length`.
        PLAIN,
        /// `expert_feed_forward_length`.
        OWN_KEY
    }

    private final String key;
    private final ExpertWidth expertWidth;
    private final List<String> huggingFaceNames;

    GgufArchitecture(String key, ExpertWidth expertWidth, String... huggingFaceNames) {
        this.key = key;
        this.expertWidth = expertWidth;
        this.huggingFaceNames = List.of(huggingFaceNames);
    }

    /// @throws ModelUnsupported naming the architecture and what is supported
    static GgufArchitecture of(ModelSource source) {
        for (GgufArchitecture architecture : values()) {
            if (architecture.huggingFaceNames.contains(source.architecture())) {
                return architecture;
            }
        }
        // Says which are known at all, where this one is not.
        ModelFamily.of(source);
        throw new ModelUnsupported("[" + source.location() + "] architecture '" + source.architecture()
                + "' has no name in GGUF here; supported: "
                + Arrays.stream(values())
                        .flatMap(known -> known.huggingFaceNames.stream())
                        .collect(Collectors.joining(", ")));
    }

    /// The value of `general.architecture`, and the prefix of the architecture's keys.
    String key() {
        return key;
    }

    boolean hasExpertWidthKey() {
        return expertWidth == ExpertWidth.OWN_KEY;
    }
}
