package dev.lectern.engine.internal.tokenizer;

/// Places where a long text can be cut so that the parts' tokens are the whole's tokens.
///
/// Which places are certain follows from the tokenizer, never from trying:
///
/// - `AFTER_WORD`, with the patterns of [PreTokenizer#cutsAfterWords]: between a letter or digit and a space or
///   punctuation mark (no apostrophe). No match of these patterns holds both, so one ends there; none looks back, so
///   what follows is cut as it would be alone; the word before is cut by a greedy run that ends either way. Only
///   characters are trusted whose category no Unicode version disputes.
/// - `BEFORE_SPACE`, in SentencePiece vocabularies without a piece that holds `▁` after another character: before a
///   `▁` that follows another character. Merging across would make such a piece.
/// - `NOWHERE`: the text is encoded as a whole.
enum WordCuts {
    AFTER_WORD {
        @Override
        boolean isCertain(char before, char after) {
            return isWord(before) && isSeparator(after);
        }
    },
    BEFORE_SPACE {
        @Override
        boolean isCertain(char before, char after) {
            return after == Vocabulary.VISIBLE_SPACE && before != Vocabulary.VISIBLE_SPACE;
        }
    },
    NOWHERE {
        @Override
        boolean isCertain(char before, char after) {
            return false;
        }
    };

    abstract boolean isCertain(char before, char after);

    static WordCuts of(PreTokenizer preTokenizer, Vocabulary vocabulary) {
        return switch (vocabulary.alphabet()) {
            case BYTE_LEVEL -> preTokenizer.cutsAfterWords() ? AFTER_WORD : NOWHERE;
            case SENTENCE_PIECE -> preTokenizer.isLiteral() && vocabulary.wordsStandAlone() ? BEFORE_SPACE : NOWHERE;
        };
    }

    /// The first certain cut at or after `from`, or the text's length.
    int next(String text, int from) {
        if (this == NOWHERE) {
            return text.length();
        }
        for (int i = Math.max(1, from); i < text.length(); i++) {
            if (isCertain(text.charAt(i - 1), text.charAt(i))) {
                return i;
            }
        }
        return text.length();
    }

    private static boolean isWord(char unit) {
        if (unit < 0x80) {
            return (unit >= 'a' && unit <= 'z') || (unit >= 'A' && unit <= 'Z') || (unit >= '0' && unit <= '9');
        }
        boolean stable = (unit >= 0x00C0 && unit <= 0x024F) // Latin
                || (unit >= 0x0391 && unit <= 0x03C9) // Greek
                || (unit >= 0x0400 && unit <= 0x0481) // Cyrillic
                || (unit >= 0x05D0 && unit <= 0x05EA) // Hebrew
                || (unit >= 0x0620 && unit <= 0x064A) // Arabic
                || (unit >= 0x0904 && unit <= 0x0939) // Devanagari
                || (unit >= 0x0E01 && unit <= 0x0E30) // Thai
                || (unit >= 0x3041 && unit <= 0x3096) // Hiragana
                || (unit >= 0x30A1 && unit <= 0x30FA) // Katakana
                || (unit >= 0x4E00 && unit <= 0x9FA5) // Han
                || (unit >= 0xAC00 && unit <= 0xD7A3); // Hangul
        return stable && Character.isLetter(unit);
    }

    private static boolean isSeparator(char unit) {
        if (unit < 0x80) {
            return unit == '\n' || (unit >= ' ' && unit <= '~' && unit != '\'' && !isWord(unit));
        }
        return switch (unit) {
            // Ideographic space, comma and full stop, and the full-width marks , . : ; ! ?
            case '\u3000', '\u3001', '\u3002', '\uFF0C', '\uFF0E', '\uFF1A', '\uFF1B', '\uFF01', '\uFF1F' -> true;
            default -> false;
        };
    }
}
