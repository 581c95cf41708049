package dev.lectern.engine.internal.chat.jinja;

import dev.lectern.engine.internal.chat.jinja.Token.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Cuts a template into tokens, as Jinja's lexer does with `trim_blocks` and `lstrip_blocks` on: the newline after a
/// block or comment is dropped, and so is white space between a line's start and a block or comment. `-` inside a tag
/// drops all white space on its side, `+` keeps it. One newline at the template's end is dropped.
final class Lexer {
    private static final Pattern NEWLINES = Pattern.compile("\r\n?");
    private static final Pattern FLOAT = Pattern.compile(
            "(?:\\d+_)*+\\d+(?:(?:\\.(?:\\d+_)*+\\d+)?e[+-]?(?:\\d+_)*+\\d+|\\.(?:\\d+_)*+\\d+)",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern INTEGER = Pattern.compile(
            "0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\\da-f])+|[1-9](?:_?\\d)*+|0(?:_?0)*+", Pattern.CASE_INSENSITIVE);
    private static final Pattern RAW = Pattern.compile("[-+]?\\s*+raw\\s*+(-?)%}");
    private static final Pattern END_RAW = Pattern.compile("\\{%([-+]?)\\s*+endraw\\s*+([-+]?)%}");

    /// Longer ones first.
    private static final String[] OPERATORS = {
        "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=",
        ".", ":", "|", ",", ";"
    };

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private final Lines lines;
    private int at;
    /// Whether the text at hand begins where a line does.
    private boolean lineStart = true;

    private Lexer(String source) {
        this.source = source;
        this.lines = new Lines(source);
    }

    static List<Token> tokens(String template) {
        String source = NEWLINES.matcher(template).replaceAll("\n");
        return new Lexer(source.endsWith("\n") ? source.substring(0, source.length() - 1) : source).run();
    }

    private List<Token> run() {
        while (at < source.length()) {
            int tag = nextTag(at);
            if (tag < 0) {
                data(at, source.length());
                at = source.length();
                break;
            }
            char kind = source.charAt(tag + 1);
            char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
            data(at, textEnd(at, tag, kind, sign));
            at = tag + 2;
            Matcher raw = RAW.matcher(source).region(at, source.length());
            if (kind == '%' && raw.lookingAt()) {
                at = raw.end();
                raw(!raw.group(1).isEmpty(), tag);
                continue;
            }
            if (sign == '-' || sign == '+') {
                at++;
            }
            switch (kind) {
                case '#' -> comment(tag);
                case '%' -> code(Kind.BLOCK_BEGIN, tag);
                default -> code(Kind.OUTPUT_BEGIN, tag);
            }
        }
        add(Kind.END, "", source.length());
        return tokens;
    }

    private int nextTag(int from) {
        for (int i = source.indexOf('{', from); i >= 0; i = source.indexOf('{', i + 1)) {
            char next = i + 1 < source.length() ? source.charAt(i + 1) : ' ';
            if (next == '{' || next == '%' || next == '#') {
                return i;
            }
        }
        return -1;
    }

    /// Where the text before a tag ends, once white space is stripped as the tag wants it.
    private int textEnd(int from, int tag, char kind, char sign) {
        int end = tag;
        if (sign == '-') {
            while (end > from && PythonText.isSpace(source.charAt(end - 1))) {
                end--;
            }
        } else if (sign != '+' && kind != '{') {
            while (end > from && source.charAt(end - 1) != '\n' && PythonText.isSpace(source.charAt(end - 1))) {
                end--;
            }
            boolean wholeLine = end == from ? lineStart : source.charAt(end - 1) == '\n';
            return wholeLine ? end : tag;
        }
        return end;
    }

    private void data(int from, int to) {
        if (from < to) {
            add(Kind.DATA, source.substring(from, to), from);
        }
    }

    private void comment(int tag) {
        int end = source.indexOf("#}", at);
        if (end < 0) {
            throw failure("Missing end of comment tag", tag);
        }
        char sign = end > at ? source.charAt(end - 1) : ' ';
        at = end + 2;
        afterBlock(sign);
    }

    private void raw(boolean strip, int tag) {
        if (strip) {
            skipSpace();
        }
        lineStart = at > 0 && source.charAt(at - 1) == '\n';
        Matcher end = END_RAW.matcher(source);
        if (!end.find(at)) {
            throw failure("Missing end of raw directive", tag);
        }
        char sign = end.group(1).isEmpty() ? ' ' : end.group(1).charAt(0);
        data(at, textEnd(at, end.start(), '%', sign));
        at = end.end();
        afterBlock(end.group(2).isEmpty() ? ' ' : end.group(2).charAt(0));
    }

    /// What follows a block's or comment's end.
    private void afterBlock(char sign) {
        if (sign == '-') {
            skipSpace();
        } else if (sign != '+' && at < source.length() && source.charAt(at) == '\n') {
            at++;
        }
        lineStart = source.charAt(at - 1) == '\n';
    }

    private void skipSpace() {
        while (at < source.length() && PythonText.isSpace(source.charAt(at))) {
            at++;
        }
    }

    private void code(Kind begin, int tag) {
        boolean block = begin == Kind.BLOCK_BEGIN;
        String end = block ? "%}" : "}}";
        add(begin, source.substring(tag, tag + 2), tag);
        Deque<Character> open = new ArrayDeque<>();
        while (true) {
            skipSpace();
            if (at >= source.length()) {
                throw failure("unexpected end of template, expected '" + end + "'", tag);
            }
            if (open.isEmpty() && isEnd(end, block)) {
                char sign = source.charAt(at);
                add(block ? Kind.BLOCK_END : Kind.OUTPUT_END, end, at);
                at += sign == end.charAt(0) ? 2 : 3;
                if (block) {
                    afterBlock(sign);
                } else {
                    if (sign == '-') {
                        skipSpace();
                    }
                    lineStart = source.charAt(at - 1) == '\n';
                }
                return;
            }
            token(open);
        }
    }

    private boolean isEnd(String end, boolean block) {
        return source.startsWith(end, at)
                || source.startsWith("-" + end, at)
                || (block && source.startsWith("+" + end, at));
    }

    private void token(Deque<Character> open) {
        char c = source.charAt(at);
        if (c == '\'' || c == '"') {
            string(c);
        } else if (c >= '0' && c <= '9') {
            number();
        } else if (isWord(source.codePointAt(at))) {
            name();
        } else {
            operator(open);
        }
    }

    private void string(char quote) {
        int end = at + 1;
        while (end < source.length() && source.charAt(end) != quote) {
            end += source.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= source.length()) {
            throw failure("a string without its closing quote", at);
        }
        add(Kind.STRING, source.substring(at + 1, end), at);
        at = end + 1;
    }

    private void number() {
        Matcher number = FLOAT.matcher(source).region(at, source.length());
        boolean afterDot = at > 0 && source.charAt(at - 1) == '.';
        Kind kind = Kind.FLOAT;
        if (afterDot || !number.lookingAt()) {
            kind = Kind.INTEGER;
            number = INTEGER.matcher(source).region(at, source.length());
            if (!number.lookingAt()) {
                throw failure("unexpected char '" + source.charAt(at) + "'", at);
            }
        }
        add(kind, number.group(), at);
        at = number.end();
    }

    private void name() {
        int end = at;
        while (end < source.length() && isWord(source.codePointAt(end))) {
            end += Character.charCount(source.codePointAt(end));
        }
        String name = source.substring(at, end);
        if (!Character.isUnicodeIdentifierStart(name.codePointAt(0)) && name.charAt(0) != '_') {
            throw failure("Invalid character in identifier", at);
        }
        add(Kind.NAME, name, at);
        at = end;
    }

    private static boolean isWord(int codePoint) {
        return codePoint == '_' || Character.isLetterOrDigit(codePoint);
    }

    private void operator(Deque<Character> open) {
        for (String operator : OPERATORS) {
            if (source.startsWith(operator, at)) {
                switch (operator) {
                    case "{", "[", "(" -> open.push(operator.charAt(0));
                    case "}", "]", ")" -> close(open, operator.charAt(0));
                    default -> {}
                }
                add(Kind.OPERATOR, operator, at);
                at += operator.length();
                return;
            }
        }
        throw failure("unexpected char " + PythonText.quoted(Character.toString(source.codePointAt(at))), at);
    }

    private void close(Deque<Character> open, char bracket) {
        char expected = open.isEmpty()
                ? ' '
                : switch (open.pop()) {
                    case '{' -> '}';
                    case '[' -> ']';
                    default -> ')';
                };
        if (expected != bracket) {
            throw failure(
                    "unexpected '" + bracket + "'" + (expected == ' ' ? "" : ", expected '" + expected + "'"), at);
        }
    }

    private void add(Kind kind, String text, int offset) {
        tokens.add(new Token(kind, text, lines.position(offset)));
    }

    private TemplateException failure(String message, int offset) {
        return new TemplateException(TemplateException.Reason.SYNTAX, message, lines.position(offset));
    }

    /// Lines and columns of offsets that mostly ascend.
    private static final class Lines {
        private final String source;
        private int line = 1;
        private int lineStart;

        Lines(String source) {
            this.source = source;
        }

        Position position(int offset) {
            if (offset < lineStart) {
                line = 1;
                lineStart = 0;
            }
            for (int next = source.indexOf('\n', lineStart);
                    next >= 0 && next < offset;
                    next = source.indexOf('\n', lineStart)) {
                line++;
                lineStart = next + 1;
            }
            return new Position(line, offset - lineStart + 1);
        }
    }
}
