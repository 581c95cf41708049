package dev.lectern.engine.internal.tokenizer;

import java.util.BitSet;

/// Places where a text can be cut so that the parts' tokens are the whole's tokens, told by the two
/// characters that meet there.
///
/// Which places are certain follows from the tokenizer, never from trying:
///
/// - [#afterWords], for the patterns of [PreTokenizer#cutsAfterWords]: between an ASCII letter or a Han
///   character and a space, line feed, ideographic comma or full stop. No match of these patterns holds both,
///   so one ends there; none looks back, so what follows is cut as it would be alone.
/// - [#beforeSpaces], where words are cut before every `▁`: before a `▁` that follows another character.
/// - [#betweenPieces], where no pattern cuts: between two characters that no piece of the vocabulary holds
///   side by side. A token across the place would be such a piece.
final class WordCuts {
    private static final int PAIR_BITS = 20;

    private enum Rule {
        AFTER_WORDS,
        BEFORE_SPACES,
        BETWEEN_PIECES
    }

    private final Rule rule;

    /// Hashes of the pairs that pieces hold; pairs that share a hash with one are not cut, which is safe.
    private final BitSet pairs;

    private WordCuts(Rule rule, BitSet pairs) {
        this.rule = rule;
        this.pairs = pairs;
    }

    static WordCuts afterWords() {
        return new WordCuts(Rule.AFTER_WORDS, new BitSet());
    }

    static WordCuts beforeSpaces() {
        return new WordCuts(Rule.BEFORE_SPACES, new BitSet());
    }

    /// Of a vocabulary that spells text as it is.
    static WordCuts betweenPieces(Vocabulary vocabulary) {
        BitSet pairs = new BitSet(1 << PAIR_BITS);
        for (int id = 0; id < vocabulary.size(); id++) {
            String piece = vocabulary.piece(id);
            if (piece == null || !vocabulary.isText(id)) {
                continue;
            }
            for (int i = 1; i < piece.length(); i++) {
                pairs.set(hash(piece.charAt(i - 1), piece.charAt(i)));
            }
        }
        return new WordCuts(Rule.BETWEEN_PIECES, pairs);
    }

    boolean isCertain(char before, char after) {
        return switch (rule) {
            case AFTER_WORDS ->
                (after == ' ' || after == '\n' || after == '\uFF0C' || after == '\u3002')
                        && ((before >= 'a' && before <= 'z')
                                || (before >= 'A' && before <= 'Z')
                                || (before >= 0x4E00 && before <= 0x9FA5));
            case BEFORE_SPACES -> after == Vocabulary.VISIBLE_SPACE && before != Vocabulary.VISIBLE_SPACE;
            case BETWEEN_PIECES -> !Character.isLowSurrogate(after) && !pairs.get(hash(before, after));
        };
    }

    /// The last certain cut in `(from, to)`, or `from` where there is none.
    int last(char[] text, int from, int to) {
        for (int i = to - 1; i > from; i--) {
            if (isCertain(text[i - 1], text[i])) {
                return i;
            }
        }
        return from;
    }

    /// The first certain cut in `(from, to)`, or `to` where there is none.
    int next(char[] text, int from, int to) {
        for (int i = from + 1; i < to; i++) {
            if (isCertain(text[i - 1], text[i])) {
                return i;
            }
        }
        return to;
    }

    private static int hash(char before, char after) {
        return ((before << Character.SIZE | after) * 0x9E3779B9) >>> (Integer.SIZE - PAIR_BITS);
    }
}
