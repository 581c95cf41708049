package dev.lectern.engine.internal.constraint.lexical;

import dev.lectern.engine.internal.constraint.lexical.LexicalException.Reason;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads regular expressions of ECMAScript, over code points (as with the flag `u`), with what the language
/// without that flag admits where both agree on the meaning: escapes of punctuation that need none, a
/// hyphen beside a class escape, braces and brackets that stand for themselves.
///
/// Source: ECMA-262, 22.2.1 Patterns and B.1.2.
final class RegexParser {
    private static final int MAX_LENGTH = 50_000;
    private static final int MAX_DEPTH = 200;

    private final String pattern;
    private int at;
    private int depth;

    private RegexParser(String pattern) {
        this.pattern = pattern;
    }

    static Regex parse(String pattern) {
        if (pattern.length() > MAX_LENGTH) {
            throw new LexicalException(
                    Reason.LIMIT, "a pattern of " + pattern.length() + " characters; at most " + MAX_LENGTH);
        }
        RegexParser parser = new RegexParser(pattern);
        Regex regex = parser.choice();
        if (parser.at < pattern.length()) {
            throw parser.syntax("')' without '('");
        }
        return regex;
    }

    private LexicalException syntax(String why) {
        return failure(Reason.SYNTAX, why, at);
    }

    private LexicalException failure(Reason reason, String why, int position) {
        return new LexicalException(reason, why + " at character " + position + " of the pattern");
    }

    private boolean more() {
        return at < pattern.length();
    }

    private boolean accept(String text) {
        if (pattern.startsWith(text, at)) {
            at += text.length();
            return true;
        }
        return false;
    }

    private int codePoint() {
        int codePoint = pattern.codePointAt(at);
        at += Character.charCount(codePoint);
        return codePoint;
    }

    private Regex choice() {
        if (++depth > MAX_DEPTH) {
            throw failure(Reason.LIMIT, "groups nest more than " + MAX_DEPTH + " deep", at);
        }
        List<Regex> branches = new ArrayList<>();
        do {
            branches.add(sequence());
        } while (accept("|"));
        depth--;
        return branches.size() == 1 ? branches.getFirst() : new Regex.Choice(branches);
    }

    private Regex sequence() {
        List<Regex> parts = new ArrayList<>();
        while (more() && pattern.charAt(at) != '|' && pattern.charAt(at) != ')') {
            int from = at;
            Regex term = term();
            parts.add(quantified(term, from));
        }
        return parts.size() == 1 ? parts.getFirst() : new Regex.Sequence(parts);
    }

    private Regex term() {
        char c = pattern.charAt(at);
        switch (c) {
            case '^' -> {
                at++;
                return new Regex.Start();
            }
            case '$' -> {
                at++;
                return new Regex.End();
            }
            case '(' -> {
                return group();
            }
            case '.' -> {
                at++;
                return new Regex.Chars(CharClass.DOT);
            }
            case '[' -> {
                return new Regex.Chars(charClass());
            }
            case '\\' -> {
                if (accept("\\b")) {
                    return new Regex.Boundary(false);
                }
                if (accept("\\B")) {
                    return new Regex.Boundary(true);
                }
                return new Regex.Chars(escape(false));
            }
            case '*', '+', '?' -> throw syntax("nothing for '" + c + "' to repeat");
            case '{' -> {
                if (bounds() != null) {
                    throw syntax("nothing to repeat before the bounds");
                }
            }
            default -> {}
        }
        return new Regex.Chars(CharClass.exactly(CodePoints.of(codePoint())));
    }

    private Regex group() {
        int from = at;
        boolean ahead = false;
        boolean negated = false;
        if (accept("(?")) {
            if (accept("=") || accept("!")) {
                ahead = true;
                negated = pattern.charAt(at - 1) == '!';
            } else if (accept("<=") || accept("<!")) {
                throw failure(Reason.UNSUPPORTED, "a look-behind", from);
            } else if (accept("<")) {
                int end = pattern.indexOf('>', at);
                if (end < 0 || !pattern.substring(at, end).matches("[\\p{L}_$][\\p{L}\\p{N}_$]*")) {
                    throw syntax("a group with a name that is none");
                }
                at = end + 1;
            } else if (!accept(":")) {
                throw failure(Reason.UNSUPPORTED, "a group '(?" + (more() ? pattern.charAt(at) : "") + "'", from);
            }
        } else {
            at++;
        }
        Regex body = choice();
        if (!accept(")")) {
            throw failure(Reason.SYNTAX, "'(' without ')'", from);
        }
        return ahead ? new Regex.Ahead(body, negated, from) : body;
    }

    private Regex quantified(Regex term, int from) {
        int min;
        int max;
        if (accept("*")) {
            min = 0;
            max = Integer.MAX_VALUE;
        } else if (accept("+")) {
            min = 1;
            max = Integer.MAX_VALUE;
        } else if (accept("?")) {
            min = 0;
            max = 1;
        } else if (more() && pattern.charAt(at) == '{') {
            int[] bounds = bounds();
            if (bounds == null) {
                return term;
            }
            min = bounds[0];
            max = bounds[1];
            if (min > max) {
                throw syntax("bounds out of order: " + min + " to " + max);
            }
        } else {
            return term;
        }
        if (!accept("?") && more() && "*+?".indexOf(pattern.charAt(at)) >= 0) {
            throw syntax("nothing for '" + pattern.charAt(at) + "' to repeat");
        }
        if (more() && pattern.charAt(at) == '{' && bounds() != null) {
            throw syntax("nothing to repeat before the bounds");
        }
        if (!(term instanceof Regex.Chars) && isAssertion(term, from)) {
            throw failure(Reason.SYNTAX, "a place cannot be repeated", from);
        }
        return new Regex.Repeat(term, min, max);
    }

    /// A group that holds an anchor may be repeated, the anchor itself not.
    private boolean isAssertion(Regex term, int from) {
        return pattern.charAt(from) != '('
                ? term instanceof Regex.Start || term instanceof Regex.End || term instanceof Regex.Boundary
                : term instanceof Regex.Ahead;
    }

    /// `{n}`, `{n,}` or `{n,m}` behind this place, or null, if what stands there is not of this form and so
    /// stands for itself. A missing lower bound means zero to some readers and itself to others, and is
    /// refused.
    private int @Nullable [] bounds() {
        int from = at;
        int i = at + 1;
        int comma = -1;
        while (i < pattern.length() && (isDigit(pattern.charAt(i)) || (pattern.charAt(i) == ',' && comma < 0))) {
            if (pattern.charAt(i) == ',') {
                comma = i;
            }
            i++;
        }
        if (i >= pattern.length() || pattern.charAt(i) != '}' || i == from + 1) {
            return null;
        }
        if (comma == from + 1) {
            throw syntax("bounds without a lower one, which readers understand in two ways; write {0,");
        }
        int min = number(from + 1, comma < 0 ? i : comma);
        int max = comma < 0 ? min : comma + 1 == i ? Integer.MAX_VALUE : number(comma + 1, i);
        at = i + 1;
        return new int[] {min, max};
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private int number(int from, int to) {
        long value = 0;
        for (int i = from; i < to; i++) {
            value = Math.min(value * 10 + pattern.charAt(i) - '0', Integer.MAX_VALUE - 1);
        }
        return (int) value;
    }

    private CharClass charClass() {
        int from = at++;
        boolean negated = accept("^");
        CharClass set = CharClass.NONE;
        while (true) {
            if (!more()) {
                throw failure(Reason.SYNTAX, "'[' without ']'", from);
            }
            if (accept("]")) {
                return negated ? set.negated() : set;
            }
            int start = at;
            CharClass first = classAtom();
            if (pattern.startsWith("-", at) && at + 1 < pattern.length() && pattern.charAt(at + 1) != ']') {
                at++;
                CharClass last = classAtom();
                int low = single(first);
                int high = single(last);
                if (low < 0 || high < 0) {
                    set = set.union(first).union(last).union(CharClass.exactly(CodePoints.of('-')));
                } else if (low > high) {
                    throw failure(Reason.SYNTAX, "a range out of order", start);
                } else {
                    set = set.union(CharClass.exactly(CodePoints.range(low, high)));
                }
            } else {
                set = set.union(first);
            }
        }
    }

    private CharClass classAtom() {
        if (!more()) {
            throw syntax("'[' without ']'");
        }
        if (accept("\\b")) {
            return CharClass.exactly(CodePoints.of('\b'));
        }
        if (accept("\\-")) {
            return CharClass.exactly(CodePoints.of('-'));
        }
        return pattern.charAt(at) == '\\' ? escape(true) : CharClass.exactly(CodePoints.of(codePoint()));
    }

    /// The only member, or -1.
    private static int single(CharClass set) {
        CodePoints members = set.narrow();
        return members.ranges() == 1 && members.first(0) == members.last(0) ? members.first(0) : -1;
    }

    private CharClass escape(boolean inClass) {
        int from = at++;
        if (!more()) {
            throw failure(Reason.SYNTAX, "a backslash at the end", from);
        }
        int c = codePoint();
        return switch (c) {
            case 'd' -> CharClass.DIGIT;
            case 'D' -> CharClass.DIGIT.negated();
            case 'w' -> CharClass.WORD;
            case 'W' -> CharClass.WORD.negated();
            case 's' -> CharClass.SPACE;
            case 'S' -> CharClass.SPACE.negated();
            case 't' -> one('\t');
            case 'n' -> one('\n');
            case 'v' -> one(0x0B);
            case 'f' -> one('\f');
            case 'r' -> one('\r');
            case '0' -> {
                if (more() && isDigit(pattern.charAt(at))) {
                    throw failure(Reason.UNSUPPORTED, "an octal escape", from);
                }
                yield one(0);
            }
            case 'c' -> {
                if (!more() || !isLetter(pattern.charAt(at))) {
                    throw failure(Reason.SYNTAX, "\\c without a letter", from);
                }
                yield one(pattern.charAt(at++) & 0x1F);
            }
            case 'x' -> one(hex(2, from));
            case 'u' -> one(unicode(from));
            case 'p', 'P' -> property(c == 'P', from);
            default -> {
                if (c >= '1' && c <= '9') {
                    throw failure(Reason.UNSUPPORTED, inClass ? "an octal escape" : "a back-reference", from);
                }
                if (c < 0x80 && isLetter((char) c)) {
                    throw failure(
                            c == 'k' ? Reason.UNSUPPORTED : Reason.SYNTAX,
                            c == 'k' ? "a back-reference" : "the unknown escape \\" + (char) c,
                            from);
                }
                yield one(c);
            }
        };
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static CharClass one(int codePoint) {
        return CharClass.exactly(CodePoints.of(codePoint));
    }

    private int hex(int digits, int from) {
        int value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = more() ? Character.digit(pattern.charAt(at), 16) : -1;
            if (digit < 0 || pattern.charAt(at) > 'f') {
                throw failure(Reason.SYNTAX, "an escape with fewer than " + digits + " hex digits", from);
            }
            value = value << 4 | digit;
            at++;
        }
        return value;
    }

    private int unicode(int from) {
        if (accept("{")) {
            int end = pattern.indexOf('}', at);
            if (end < 0
                    || end == at
                    || end - at > 6
                    || !pattern.substring(at, end).matches("[0-9a-fA-F]+")) {
                throw failure(Reason.SYNTAX, "an escape without hex digits", from);
            }
            int value = Integer.parseInt(pattern.substring(at, end), 16);
            if (value > CodePoints.MAX) {
                throw failure(Reason.SYNTAX, "an escape beyond U+10FFFF", from);
            }
            at = end + 1;
            return value;
        }
        int unit = hex(4, from);
        if (Character.isHighSurrogate((char) unit) && pattern.startsWith("\\u", at)) {
            int back = at;
            at += 2;
            int low = pattern.startsWith("{", at) ? 0 : hex(4, from);
            if (Character.isLowSurrogate((char) low)) {
                return Character.toCodePoint((char) unit, (char) low);
            }
            at = back;
        }
        return unit;
    }

    private CharClass property(boolean negated, int from) {
        int end = accept("{") ? pattern.indexOf('}', at) : -1;
        if (end < 0) {
            throw failure(Reason.SYNTAX, "\\p without {...}", from);
        }
        String name = pattern.substring(at, end);
        CodePoints set = UnicodeProperties.of(name);
        if (set == null) {
            throw failure(Reason.UNSUPPORTED, "the unknown property \\p{" + name + "}", from);
        }
        at = end + 1;
        return CharClass.exactly(negated ? set.complement() : set);
    }
}
