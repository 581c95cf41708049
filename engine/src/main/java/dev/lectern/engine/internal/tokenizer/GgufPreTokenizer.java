package dev.lectern.engine.internal.tokenizer;

import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.internal.tokenizer.PreTokenizer.Step;
import java.util.Map;
import java.util.TreeSet;

/// What a name in `tokenizer.ggml.pre` stands for (llama.cpp, `llama-vocab.cpp`).
///
/// @param steps        how words are cut
/// @param ignoreMerges whether a word that is a token needs no merges
record GgufPreTokenizer(PreTokenizer steps, boolean ignoreMerges) {
    private static final GgufPreTokenizer GPT2 = new GgufPreTokenizer(PreTokenizer.of(new Step.ByteLevel(true)), false);
    private static final GgufPreTokenizer LLAMA3 =
            new GgufPreTokenizer(PreTokenizer.byteLevel(PreTokenizer.LLAMA3), true);
    private static final GgufPreTokenizer LLAMA4 =
            new GgufPreTokenizer(PreTokenizer.byteLevel(PreTokenizer.LLAMA4), true);
    private static final GgufPreTokenizer QWEN2 =
            new GgufPreTokenizer(PreTokenizer.byteLevel(PreTokenizer.QWEN2), false);
    private static final GgufPreTokenizer TEKKEN =
            new GgufPreTokenizer(PreTokenizer.byteLevel(PreTokenizer.TEKKEN), true);
    private static final GgufPreTokenizer SINGLE_DIGITS =
            new GgufPreTokenizer(PreTokenizer.of(new Step.Digits(true), new Step.ByteLevel(true)), false);

    /// llama.cpp's own choice for files that name none.
    private static final GgufPreTokenizer DEFAULT = new GgufPreTokenizer(
            PreTokenizer.of(
                    isolated("[\\p{P}\\$\\+<=>\\^~\\|]+"),
                    isolated("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)"),
                    isolated("\\p{N}+"),
                    isolated("[0-9][0-9][0-9]"),
                    new Step.ByteLevel(false)),
            false);

    private static final Map<String, GgufPreTokenizer> BY_NAME = Map.ofEntries(
            Map.entry("default", DEFAULT),
            Map.entry("gpt-2", GPT2),
            Map.entry("phi-2", GPT2),
            Map.entry("olmo", GPT2),
            Map.entry("llama3", LLAMA3),
            Map.entry("llama-v3", LLAMA3),
            Map.entry("llama-bpe", LLAMA3),
            Map.entry("llama4", LLAMA4),
            Map.entry("gpt-4o", LLAMA4),
            Map.entry("qwen2", QWEN2),
            Map.entry("deepseek-r1-qwen", QWEN2),
            Map.entry("tekken", TEKKEN),
            Map.entry("smollm", SINGLE_DIGITS),
            Map.entry("starcoder", SINGLE_DIGITS),
            Map.entry("refact", SINGLE_DIGITS),
            Map.entry("command-r", SINGLE_DIGITS));

    static GgufPreTokenizer named(String origin, String name) {
        GgufPreTokenizer found = BY_NAME.get(name);
        if (found == null) {
            throw new ModelUnsupported("[" + origin + "] tokenizer.ggml.pre '" + name + "' unknown; supported: "
                    + String.join(", ", new TreeSet<>(BY_NAME.keySet())));
        }
        return found;
    }

    private static Step isolated(String pattern) {
        return new Step.Split(pattern, true, "Isolated", false);
    }
}
