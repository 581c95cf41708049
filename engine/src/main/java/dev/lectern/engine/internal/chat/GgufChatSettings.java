package dev.lectern.engine.internal.chat;

import dev.lectern.engine.Tokenizer;
import dev.lectern.engine.internal.source.Metadata;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// Reads [ChatSettings] from a GGUF file's metadata.
final class GgufChatSettings {
    private static final List<String> END_KEYS = List.of("eos_token_id", "eot_token_id", "eom_token_id");
    private static final List<String> LLAMA3_PRE_TOKENIZERS = List.of("llama3", "llama-v3", "llama-bpe");

    /// GGUF's keys by the names that templates know.
    private static final Map<String, String> SPECIALS = Map.of(
            "bos_token", "bos_token_id",
            "eos_token", "eos_token_id",
            "unk_token", "unknown_token_id",
            "pad_token", "padding_token_id");

    private GgufChatSettings() {}

    static ChatSettings read(Metadata metadata, Tokenizer tokenizer) {
        Metadata keys = metadata.sub("tokenizer.ggml");
        List<Integer> ends = new ArrayList<>();
        END_KEYS.forEach(key -> id(keys, key).ifPresent(ends::add));
        Map<String, String> specials = new LinkedHashMap<>();
        SPECIALS.forEach((name, key) -> id(keys, key)
                .ifPresent(id -> specials.put(name, id >= 0 && id < tokenizer.vocabSize() ? tokenizer.piece(id) : "")));
        // llama.cpp's defaults for files that do not say.
        boolean begins =
                keys.stringOr("model", "").equals("llama") || LLAMA3_PRE_TOKENIZERS.contains(keys.stringOr("pre", ""));
        return new ChatSettings(
                metadata.string("tokenizer.chat_template"),
                specials,
                id(keys, "bos_token_id"),
                keys.booleanOr("add_bos_token", begins),
                ends);
    }

    private static OptionalInt id(Metadata keys, String key) {
        return keys.has(key) ? OptionalInt.of(keys.requireInt(key)) : OptionalInt.empty();
    }
}
