package dev.lectern.engine.internal.constraint.lexical;

/// The code points that a part of a pattern matches: surely, and perhaps.
///
/// Dialects of regular expressions agree on most classes but not on all: whether `\s` takes a no-break
/// space, whether a dot takes U+0085. A language must take only strings that every validator takes, and its
/// complement likewise, so a pattern is read with the narrower sets and the complement of one with the
/// wider sets.
record CharClass(CodePoints narrow, CodePoints wide) {
    static final CharClass NONE = exactly(CodePoints.NONE);
    static final CharClass ALL = exactly(CodePoints.ALL);
    static final CharClass DIGIT = exactly(CodePoints.range('0', '9'));
    static final CharClass WORD = exactly(CodePoints.ofRanges('0', '9', 'A', 'Z', '_', '_', 'a', 'z'));

    /// ECMA's white space and line ends; only the ASCII ones are white space in Java too, and Python has a
    /// few more.
    static final CharClass SPACE = new CharClass(
            CodePoints.ofRanges('\t', '\r', ' ', ' '),
            CodePoints.ofRanges(
                    '\t', '\r', 0x1C, 0x20, 0x85, 0x85, 0xA0, 0xA0, 0x1680, 0x1680, 0x2000, 0x200A, 0x2028, 0x2029,
                    0x202F, 0x202F, 0x205F, 0x205F, 0x3000, 0x3000, 0xFEFF, 0xFEFF));

    /// All but ECMA's line ends; Java's dot does not take U+0085, Python's takes all but the line feed.
    static final CharClass DOT = new CharClass(
            CodePoints.ofRanges('\n', '\n', '\r', '\r', 0x85, 0x85, 0x2028, 0x2029)
                    .complement(),
            CodePoints.of('\n').complement());

    static CharClass exactly(CodePoints set) {
        return new CharClass(set, set);
    }

    CharClass union(CharClass other) {
        return new CharClass(narrow.union(other.narrow), wide.union(other.wide));
    }

    CharClass negated() {
        return new CharClass(wide.complement(), narrow.complement());
    }

    CodePoints set(boolean widely) {
        return widely ? wide : narrow;
    }
}
