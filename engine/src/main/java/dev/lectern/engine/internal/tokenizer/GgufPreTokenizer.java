package dev.lectern.engine.internal.tokenizer;

import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.internal.tokenizer.PreTokenizer.Step;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// What a name in `tokenizer.ggml.pre` stands for (llama.cpp, `llama-vocab.cpp`).
///
/// Where llama.cpp approximates a model's own pattern because its regular expressions lack Unicode categories
/// (`gpt-4o`, `llama4`, `tekken`), the model's own is here. The names that are missing cut digits from the
/// right (`superbpe`, `tiny_aya`, `afmoe`) or belong to models without text of their own (`chameleon`,
/// embedders).
///
/// @param steps        how words are cut
/// @param ignoreMerges whether a word that is a token needs no merges
record GgufPreTokenizer(PreTokenizer steps, boolean ignoreMerges) {
    private static final Map<String, GgufPreTokenizer> BY_NAME = new LinkedHashMap<>();

    static {
        // The first name of a line is the one that is written.
        pattern(
                WordPatterns.LLAMA3,
                true,
                "llama-bpe",
                "llama3",
                "llama-v3",
                "falcon3",
                "falcon-h1",
                "pixtral",
                "lfm2");
        pattern(WordPatterns.LLAMA3, true, "midm-2.0", "jina-v5-nano");
        pattern(WordPatterns.LLAMA3, false, "dbrx", "smaug-bpe", "glm4", "chatglm-bpe");
        pattern(WordPatterns.LLAMA4, true, "llama4", "gpt-4o", "kanana2", "talkie", "minimax-m2");
        pattern(WordPatterns.LLAMA4, true, "granite-embed-multi-97m");
        pattern(WordPatterns.QWEN2, false, "qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "megrez", "stablelm2");
        pattern(WordPatterns.QWEN2, false, "hunyuan", "solar-open", "grok-2");
        pattern(WordPatterns.QWEN35, false, "qwen35");
        pattern(WordPatterns.TEKKEN, true, "tekken");
        pattern(WordPatterns.KIMI, true, "kimi-k2");
        pattern(WordPatterns.SEED_CODER, false, "seed-coder");
        pattern(WordPatterns.BAILING, false, "bailingmoe", "bailingmoe2", "llada-moe");
        pattern(WordPatterns.BLOOM, false, "bloom", "poro-chat", "gpt3-finnish");
        add(
                new GgufPreTokenizer(PreTokenizer.of(new Step.ByteLevel(true)), false),
                "gpt-2",
                "phi-2",
                "mpt",
                "olmo",
                "jais",
                "trillion",
                "granite-docling",
                "gigachat",
                "exaone4",
                "a.x-4.0",
                "mellum",
                "modern-bert",
                "roberta-bpe",
                "jina-es",
                "jina-de",
                "jina-v1-en",
                "jina-v2-es",
                "jina-v2-de",
                "jina-v2-code");
        add(
                new GgufPreTokenizer(PreTokenizer.of(new Step.Digits(true), new Step.ByteLevel(true)), false),
                "smollm",
                "starcoder",
                "refact",
                "command-r",
                "codeshell",
                "exaone",
                "minerva-7b",
                "mellum2");
        cascade(false, List.of("viking"), isolated(WordPatterns.BLOOM), new Step.Digits(true));
        cascade(true, List.of("minicpm5"), isolated(WordPatterns.UP_TO_THREE_DIGITS), isolated(WordPatterns.MINICPM5));
        cascade(
                false,
                List.of("deepseek-v3", "hunyuan-dense", "joyai-llm"),
                isolated(WordPatterns.UP_TO_THREE_DIGITS),
                isolated(WordPatterns.CJK_RUN),
                isolated(WordPatterns.DEEPSEEK_V3));
        cascade(true, List.of("youtu"), isolated(WordPatterns.YOUTU_SCRIPTS), isolated(WordPatterns.YOUTU));
        cascade(
                false,
                List.of("deepseek-llm"),
                isolated(WordPatterns.LINE_END),
                isolated(WordPatterns.DEEPSEEK_LETTERS),
                isolated(WordPatterns.DEEPSEEK_PUNCTUATION),
                isolated(WordPatterns.TRAILING_SPACE),
                isolated(WordPatterns.DEEPSEEK_CJK),
                new Step.Digits(true));
        cascade(
                false,
                List.of("deepseek-coder"),
                isolated(WordPatterns.LINE_END),
                isolated(WordPatterns.DEEPSEEK_CODER_LETTERS),
                isolated(WordPatterns.DEEPSEEK_CODER_PUNCTUATION),
                isolated(WordPatterns.DEEPSEEK_CJK),
                new Step.Digits(true));
        cascade(
                false,
                List.of("falcon"),
                isolated(WordPatterns.FALCON_PUNCTUATION),
                isolated(WordPatterns.GPT2),
                isolated(WordPatterns.THREE_DIGITS));
        cascade(
                false,
                List.of("default"),
                isolated(WordPatterns.DEFAULT_PUNCTUATION),
                isolated(WordPatterns.GPT2),
                isolated(WordPatterns.DIGITS),
                isolated(WordPatterns.THREE_DIGITS));
    }

    /// @throws ModelUnsupported for a name that is not listed here
    static GgufPreTokenizer named(String origin, String name) {
        GgufPreTokenizer found = BY_NAME.get(name);
        if (found == null) {
            throw new ModelUnsupported("[" + origin + "] tokenizer.ggml.pre '" + name + "' unknown; supported: "
                    + String.join(", ", new TreeSet<>(BY_NAME.keySet())));
        }
        return found;
    }

    /// The name under which a GGUF file says that words are cut this way; empty when there is none.
    static Optional<String> nameOf(PreTokenizer steps, boolean ignoreMerges) {
        Optional<String> exact = nameOf(new GgufPreTokenizer(steps, ignoreMerges));
        return exact.isPresent() ? exact : nameOf(new GgufPreTokenizer(steps, !ignoreMerges));
    }

    private static Optional<String> nameOf(GgufPreTokenizer cutting) {
        return BY_NAME.entrySet().stream()
                .filter(entry -> entry.getValue().equals(cutting))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private static void pattern(String pattern, boolean ignoreMerges, String... names) {
        add(new GgufPreTokenizer(PreTokenizer.byteLevel(pattern), ignoreMerges), names);
    }

    private static void cascade(boolean ignoreMerges, List<String> names, Step... steps) {
        Step[] spelled = java.util.Arrays.copyOf(steps, steps.length + 1);
        spelled[steps.length] = new Step.ByteLevel(false);
        add(new GgufPreTokenizer(PreTokenizer.of(spelled), ignoreMerges), names.toArray(new String[0]));
    }

    private static void add(GgufPreTokenizer cutting, String... names) {
        for (String name : names) {
            BY_NAME.put(name, cutting);
        }
    }

    private static Step isolated(String pattern) {
        return new Step.Split(pattern, true, "Isolated", false);
    }
}
