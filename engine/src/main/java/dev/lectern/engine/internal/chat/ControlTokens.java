package dev.lectern.engine.internal.chat;

import dev.lectern.engine.Tokenizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// A vocabulary's control tokens, to be found in a chat template's own text. Immutable.
final class ControlTokens {
    /// A control token in a text.
    record Match(int start, int end, int id) {}

    private record Spelling(String content, int id) {}

    /// Longest first, by their first UTF-16 unit.
    private final Map<Character, List<Spelling>> spellings = new HashMap<>();

    private ControlTokens() {}

    static ControlTokens of(Tokenizer tokenizer) {
        ControlTokens tokens = new ControlTokens();
        for (int id = 0; id < tokenizer.vocabSize(); id++) {
            String piece = tokenizer.piece(id);
            OptionalInt control = piece.isEmpty() ? OptionalInt.empty() : tokenizer.controlToken(piece);
            if (control.isPresent() && control.getAsInt() == id) {
                tokens.spellings
                        .computeIfAbsent(piece.charAt(0), first -> new ArrayList<>())
                        .add(new Spelling(piece, id));
            }
        }
        tokens.spellings
                .values()
                .forEach(all -> all.sort(Comparator.comparing(
                                (Spelling spelling) -> spelling.content().length())
                        .reversed()));
        return tokens;
    }

    /// The first control token within [from, to) of a text: of several that start at one place the longest. Null where
    /// there is none.
    @Nullable
    Match find(String text, int from, int to) {
        for (int at = from; at < to; at++) {
            for (Spelling spelling : spellings.getOrDefault(text.charAt(at), List.of())) {
                int end = at + spelling.content().length();
                if (end <= to && text.startsWith(spelling.content(), at)) {
                    return new Match(at, end, spelling.id());
                }
            }
        }
        return null;
    }
}
