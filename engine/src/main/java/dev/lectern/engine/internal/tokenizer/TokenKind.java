package dev.lectern.engine.internal.tokenizer;

/// What an id stands for. The kind decides whether text can become the token, and what the token decodes to.
enum TokenKind {
    /// No token has this id.
    NONE,
    /// A piece of text, reached by merges.
    TEXT,
    /// One byte, the fallback of SentencePiece vocabularies for characters that have no piece (`<0x0A>`).
    BYTE,
    /// An added token that is plain text, all letters or all white space; matched in text before anything
    /// else.
    ADDED_TEXT,
    /// An added token that looks like markup (`<think>`): reached by its id only, decodes to its spelling.
    ADDED_MARKUP,
    /// A control token: reached by its id only, decodes to nothing.
    CONTROL;

    /// Kind of an added token that its vocabulary does not call special.
    static TokenKind ofAdded(String content) {
        boolean text = !content.isEmpty()
                && (content.codePoints().allMatch(Character::isLetter)
                        || content.codePoints().allMatch(Character::isWhitespace));
        return text ? ADDED_TEXT : ADDED_MARKUP;
    }
}
