package dev.lectern.engine.internal.constraint.quote;

/// Tells where spans may begin: at the first character of a word, of a number, of what stands alone between blanks,
/// at opening brackets and signs of currency, and at every character of scripts that do not put blanks between
/// words.
///
/// What follows a start tells where the next ones are, whatever is before it: equal texts have equal starts, from
/// the first of both on. For that and so that starts are never far apart, a run without any gets one every
/// [#MAX_GAP] bytes or so.
final class WordStarts {
    /// After so many bytes the next character is a start in any case.
    static final int MAX_GAP = 32;

    private static final int BLANK = 0;
    private static final int WORD = 1;
    private static final int ALONE = 2;
    private static final int OPENING = 3;
    private static final int OTHER = 4;
    /// A combining mark: belongs to what is before it.
    private static final int MARK = 5;

    private static final byte[] ASCII = new byte[128];

    static {
        for (int c = 0; c < ASCII.length; c++) {
            ASCII[c] = (byte) classify(c);
        }
    }

    private int previous = BLANK;
    private int gap;

    /// To be called where a text begins.
    void reset() {
        previous = BLANK;
        gap = 0;
    }

    /// Whether the next character is a start.
    ///
    /// @param bytes its size
    boolean next(int codePoint, int bytes) {
        int kind = codePoint < ASCII.length ? ASCII[codePoint] : classify(codePoint);
        boolean start = gap >= MAX_GAP;
        switch (kind) {
            case BLANK -> {}
            case WORD -> start |= previous != WORD;
            case ALONE, OPENING -> start = true;
            case MARK -> kind = start ? OTHER : previous;
            default -> start |= previous == BLANK;
        }
        previous = kind;
        gap = start ? bytes : gap + bytes;
        return start;
    }

    private static int classify(int codePoint) {
        if (Character.isWhitespace(codePoint) || Character.isSpaceChar(codePoint)) {
            return BLANK;
        }
        return switch (Character.getType(codePoint)) {
            case Character.UPPERCASE_LETTER,
                    Character.LOWERCASE_LETTER,
                    Character.TITLECASE_LETTER,
                    Character.DECIMAL_DIGIT_NUMBER,
                    Character.LETTER_NUMBER,
                    Character.OTHER_NUMBER,
                    Character.CONNECTOR_PUNCTUATION -> WORD;
            case Character.OTHER_LETTER, Character.MODIFIER_LETTER -> isWrittenWithoutBlanks(codePoint) ? ALONE : WORD;
            case Character.START_PUNCTUATION, Character.INITIAL_QUOTE_PUNCTUATION, Character.CURRENCY_SYMBOL -> OPENING;
            case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK -> MARK;
            default -> OTHER;
        };
    }

    private static boolean isWrittenWithoutBlanks(int codePoint) {
        if (codePoint < 0x0E00) {
            return false;
        }
        if (Character.isIdeographic(codePoint)) {
            return true;
        }
        return switch (Character.UnicodeScript.of(codePoint)) {
            case HAN, HIRAGANA, KATAKANA, BOPOMOFO, YI, THAI, LAO, KHMER, MYANMAR, TIBETAN, JAVANESE, BALINESE -> true;
            default -> codePoint == 'ー';
        };
    }
}
