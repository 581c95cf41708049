package dev.lectern.engine.internal.chat;

import dev.lectern.engine.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a GGUF file says about chat, from a Hugging Face folder: the other way of [GgufChatSettings].
public final class GgufChatKeys {
    private static final String END = "tokenizer.ggml.eos_token_id";
    private static final List<String> FURTHER_ENDS =
            List.of("tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id");

    private GgufChatKeys() {}

    /// Keys for the template, for whether texts begin with a token, and for the ends of an answer besides the one
    /// that `known` names already. Values are `String`, `Boolean` or `Integer` (uint32).
    ///
    /// @param known the tokenizer's keys
    public static Map<String, Object> ofFolder(Path folder, Tokenizer tokenizer, Map<String, Object> known) {
        ChatSettings settings = FolderChatSettings.read(folder, tokenizer);
        Map<String, Object> keys = new LinkedHashMap<>();
        List<Integer> ends = new ArrayList<>(settings.endOfText());
        if (known.get(END) instanceof Integer end) {
            ends.remove(end);
        } else if (!ends.isEmpty()) {
            keys.put(END, ends.removeFirst());
        }
        for (String key : FURTHER_ENDS) {
            if (!ends.isEmpty()) {
                keys.put(key, ends.removeFirst());
            }
        }
        keys.put("tokenizer.ggml.add_bos_token", settings.addsBegin());
        settings.template().ifPresent(template -> keys.put("tokenizer.chat_template", template));
        return keys;
    }
}
