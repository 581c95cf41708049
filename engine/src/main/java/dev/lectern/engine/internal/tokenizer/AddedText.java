package dev.lectern.engine.internal.tokenizer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The added tokens that are plain text, found before anything else: the leftmost, and of those that begin at
/// one place the longest. Immutable and thread-safe.
final class AddedText {
    private final List<Token> longestFirst;
    private final int longest;
    private final boolean[] firstCharacters = new boolean[1 << Byte.SIZE];

    private record Token(String text, int id) {}

    /// Where a token was found.
    record Match(int from, int to, int id) {}

    AddedText(TokenizerSpec spec) {
        Vocabulary vocabulary = spec.vocabulary();
        List<Token> tokens = new ArrayList<>();
        for (int id = 0; id < vocabulary.size(); id++) {
            String piece = vocabulary.piece(id);
            if (piece != null && !piece.isEmpty() && vocabulary.kind(id) == TokenKind.ADDED_TEXT) {
                String text = spec.normaliser().visibleSpaces() ? piece.replace(' ', Vocabulary.VISIBLE_SPACE) : piece;
                tokens.add(new Token(text, id));
                firstCharacters[text.charAt(0) & 0xFF] = true;
            }
        }
        tokens.sort(Comparator.comparingInt((Token token) -> token.text.length())
                .reversed()
                .thenComparingInt(Token::id));
        this.longestFirst = List.copyOf(tokens);
        this.longest = tokens.isEmpty() ? 0 : tokens.getFirst().text.length();
    }

    boolean isEmpty() {
        return longestFirst.isEmpty();
    }

    /// Characters of the longest token.
    int longest() {
        return longest;
    }

    /// The first token that begins in `[from, beginsBefore)` and lies before `to`.
    @Nullable
    Match find(char[] text, int from, int beginsBefore, int to) {
        for (int at = from; at < beginsBefore; at++) {
            if (!firstCharacters[text[at] & 0xFF]) {
                continue;
            }
            for (Token token : longestFirst) {
                if (isAt(token.text, text, at, to)) {
                    return new Match(at, at + token.text.length(), token.id);
                }
            }
        }
        return null;
    }

    private static boolean isAt(String token, char[] text, int at, int to) {
        if (to - at < token.length()) {
            return false;
        }
        for (int i = 0; i < token.length(); i++) {
            if (text[at + i] != token.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
