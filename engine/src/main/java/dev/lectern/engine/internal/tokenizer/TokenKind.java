package dev.lectern.engine.internal.tokenizer;

import dev.lectern.engine.EngineException.ModelCorrupt;
import java.util.regex.Pattern;

/// What an id stands for. The kind decides whether text can become the token, and what the token decodes to.
enum TokenKind {
    /// No token has this id.
    NONE,
    /// A piece of text, reached by merges.
    TEXT,
    /// One byte, the fallback of SentencePiece vocabularies for characters that have no piece (`<0x0A>`).
    BYTE,
    /// An added token that is plain text: letters, white space, an element of HTML; found in text before
    /// anything else.
    ADDED_TEXT,
    /// An added token that looks like markup (`<think>`): reached by its id only, decodes to its spelling.
    ADDED_MARKUP,
    /// A control token: reached by its id only, decodes to nothing.
    CONTROL;

    private static final Pattern BYTE_SPELLING = Pattern.compile("<0x[0-9A-F]{2}>");

    /// Elements of HTML, which some vocabularies (Gemma) hold as tokens: in a document they are text.
    private static final Pattern HTML = Pattern.compile("</?(table|caption|thead|tbody|tfoot|tr|th|td|h[1-6]|blockquote"
            + "|strong|em|b|i|u|sub|sup|code|ul|ol|li|p|br|hr|div|span|a|img|pre)>");

    /// Kind of an added token that its vocabulary does not call special.
    static TokenKind ofAdded(String content) {
        boolean text = !content.isEmpty()
                && (content.codePoints().allMatch(Character::isLetter)
                        || content.codePoints().allMatch(TokenKind::isSpace)
                        || HTML.matcher(content).matches());
        return text ? ADDED_TEXT : ADDED_MARKUP;
    }

    /// Kind of a token that its vocabulary calls a byte.
    ///
    /// @throws ModelCorrupt when it is not spelled as one
    static TokenKind ofByte(String origin, int id, String content) {
        if (!isByte(content)) {
            throw new ModelCorrupt("[" + origin + "] token " + id + " is said to be a byte and is '" + content
                    + "'; expected <0x00> to <0xFF>");
        }
        return BYTE;
    }

    /// Whether a token is spelled as a byte, `<0x0A>`.
    static boolean isByte(String content) {
        return BYTE_SPELLING.matcher(content).matches();
    }

    private static boolean isSpace(int character) {
        return Character.isWhitespace(character) || character == Vocabulary.VISIBLE_SPACE;
    }
}
