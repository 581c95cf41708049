package dev.lectern.engine.internal.chat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// What a model's files say about chat, whatever files they are.
///
/// @param template    Jinja source of the chat template
/// @param specials    spellings of special tokens under the names that templates know: `bos_token`, `eos_token`, …
/// @param beginOfText id of the begin-of-text token
/// @param addsBegin   whether the model's own tokenizer puts it before plain text
/// @param endOfText   ids that the files name as ends of an answer
record ChatSettings(
        Optional<String> template,
        Map<String, String> specials,
        OptionalInt beginOfText,
        boolean addsBegin,
        List<Integer> endOfText) {
    ChatSettings {
        specials = Map.copyOf(specials);
        endOfText = List.copyOf(endOfText);
    }
}
