package dev.lectern.engine.internal.tokenizer;

import dev.lectern.engine.EngineException.ModelUnsupported;
import java.lang.Character.UnicodeScript;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Compiles a regular expression of a tokenizer.json, which is Oniguruma's, for Java's engine.
///
/// What both read alike passes (classes, categories, groups, lookahead, quantifiers), what they spell
/// differently is respelled (`\p{Han}`, `$`, which in Oniguruma ends a line), and what differs in meaning or
/// looks back is refused by name. Looking back is refused because a text that arrives in parts is matched
/// from the last certain word on.
final class OnigurumaPattern {
    private static final int MAX_LENGTH = 10_000;
    private static final int MAX_DEPTH = 50;

    /// Java's `\s`, `\d` and `\p{L}` in Unicode's sense, and a dot that stops at line feeds alone, as
    /// Oniguruma's.
    private static final int FLAGS = Pattern.UNICODE_CHARACTER_CLASS | Pattern.UNIX_LINES;

    private static final Set<String> CATEGORIES = Set.of(
            "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps",
            "Pe", "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Co", "Cn");
    private static final String ESCAPES = "sSdDwWrntfae";
    private static final String GROUPS = ":=!>";

    private final String origin;
    private final String source;
    private final StringBuilder java = new StringBuilder();
    private int at;
    private int groupDepth;
    private int classDepth;

    private OnigurumaPattern(String origin, String source) {
        this.origin = origin;
        this.source = source;
    }

    /// @throws ModelUnsupported for what has no equal here, naming it
    static Pattern compile(String origin, String source) {
        if (source.length() > MAX_LENGTH) {
            throw new ModelUnsupported("[" + origin + "] tokenizer: unsupported pattern of " + source.length()
                    + " characters; at most " + MAX_LENGTH);
        }
        OnigurumaPattern translation = new OnigurumaPattern(origin, source);
        translation.translate();
        try {
            return Pattern.compile(translation.java.toString(), FLAGS);
        } catch (PatternSyntaxException e) {
            throw translation.refused("pattern: " + e.getDescription() + " near " + e.getIndex());
        }
    }

    private void translate() {
        while (at < source.length()) {
            char c = source.charAt(at);
            switch (c) {
                case '\\' -> escape();
                case '[' -> openClass();
                case ']' -> {
                    classDepth = Math.max(0, classDepth - 1);
                    copy(1);
                }
                case '(' -> {
                    if (classDepth == 0) {
                        openGroup();
                    } else {
                        copy(1);
                    }
                }
                case ')' -> {
                    groupDepth -= classDepth == 0 ? 1 : 0;
                    copy(1);
                }
                case '$' -> respell(classDepth == 0 ? "(?=\\n|\\z)" : "\\$", 1);
                case '^' -> {
                    if (classDepth == 0) {
                        throw refused("'^' outside a class, which looks back");
                    }
                    copy(1);
                }
                case '}' -> {
                    // In Oniguruma `{n}+` repeats the repetition, in Java it never gives back.
                    copy(1);
                    if (classDepth == 0 && at < source.length() && source.charAt(at) == '+') {
                        throw refused("'}+'");
                    }
                }
                case ' ', '#' -> copy(1);
                default -> copy(1);
            }
        }
    }

    private void escape() {
        if (at + 1 == source.length()) {
            throw refused("a backslash at the end");
        }
        char c = source.charAt(at + 1);
        if (c == 'p' || c == 'P') {
            category(c);
        } else if (c == 'x' || c == 'u') {
            codePoint(c);
        } else if (ESCAPES.indexOf(c) >= 0) {
            copy(2);
        } else if (!Character.isLetterOrDigit(c)) {
            copy(2);
        } else {
            throw refused("'\\" + c + "'");
        }
    }

    /// `\p{Lu}` alike, `\p{Han}` as `\p{IsHan}`.
    private void category(char p) {
        int end = source.indexOf('}', at);
        if (at + 2 >= source.length() || source.charAt(at + 2) != '{' || end < 0) {
            throw refused("'\\" + p + "' without braces");
        }
        String name = source.substring(at + 3, end);
        boolean negated = name.startsWith("^");
        String plain = negated ? name.substring(1) : name;
        String spelled;
        if (CATEGORIES.contains(plain)) {
            spelled = plain;
        } else if (isScript(plain)) {
            spelled = "Is" + plain;
        } else {
            throw refused("'\\" + p + "{" + name + "}'");
        }
        respell("\\" + (negated == (p == 'p') ? 'P' : 'p') + "{" + spelled + "}", end + 1 - at);
    }

    private static boolean isScript(String name) {
        try {
            return UnicodeScript.forName(name) != UnicodeScript.UNKNOWN;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private void codePoint(char kind) {
        int start = at + 2;
        boolean braces = start < source.length() && source.charAt(start) == '{';
        int end = braces ? source.indexOf('}', start) : start + (kind == 'x' ? 2 : 4);
        if (end < 0 || end > source.length() || (braces && kind == 'u')) {
            throw refused("'\\" + kind + "' without its digits");
        }
        String digits = source.substring(braces ? start + 1 : start, end);
        if (!digits.matches("[0-9A-Fa-f]{2,6}") || Integer.parseInt(digits, 16) > Character.MAX_CODE_POINT) {
            throw refused("'\\" + kind + digits + "'");
        }
        respell(String.format(Locale.ROOT, "\\x{%s}", digits), end + (braces ? 1 : 0) - at);
    }

    private void openClass() {
        if (source.startsWith("[:", at) && classDepth > 0) {
            throw refused("'[:', a named class");
        }
        if (++classDepth > MAX_DEPTH) {
            throw refused("classes nested deeper than " + MAX_DEPTH);
        }
        copy(1);
        if (source.startsWith("^", at)) {
            copy(1);
        }
        if (source.startsWith("]", at)) {
            throw refused("an empty class");
        }
    }

    private void openGroup() {
        if (++groupDepth > MAX_DEPTH) {
            throw refused("groups nested deeper than " + MAX_DEPTH);
        }
        if (!source.startsWith("(?", at)) {
            // Nothing refers to what a group held.
            respell("(?:", 1);
            return;
        }
        char kind = at + 2 < source.length() ? source.charAt(at + 2) : ' ';
        if (GROUPS.indexOf(kind) >= 0) {
            copy(3);
        } else if (source.startsWith("(?i:", at)) {
            respell("(?iu:", 4);
        } else {
            throw refused("'(?" + kind + "'");
        }
    }

    private void copy(int count) {
        java.append(source, at, at + count);
        at += count;
    }

    private void respell(String text, int count) {
        java.append(text);
        at += count;
    }

    private ModelUnsupported refused(String what) {
        String shown = source.length() <= 80 ? source : source.substring(0, 80) + "…";
        return new ModelUnsupported(
                "[" + origin + "] tokenizer: unsupported " + what + " in the pattern '" + shown + "'");
    }
}
