package dev.lectern.pipeline.ingest;

import java.util.HashMap;
import java.util.Map;

/// The escape sequences of roff (groff_char(7), groff(7)): characters are kept, layout is dropped.
final class RoffEscapes {
    private static final int MAX_DEPTH = 8;
    private static final Map<String, String> CHARS = Map.ofEntries(
            Map.entry("em", "—"),
            Map.entry("en", "–"),
            Map.entry("hy", "-"),
            Map.entry("bu", "•"),
            Map.entry("aq", "'"),
            Map.entry("dq", "\""),
            Map.entry("lq", "“"),
            Map.entry("rq", "”"),
            Map.entry("oq", "‘"),
            Map.entry("cq", "’"),
            Map.entry("ga", "`"),
            Map.entry("ha", "^"),
            Map.entry("ti", "~"),
            Map.entry("rs", "\\"),
            Map.entry("co", "©"),
            Map.entry("rg", "®"),
            Map.entry("tm", "™"),
            Map.entry("mu", "×"),
            Map.entry("+-", "±"),
            Map.entry("<=", "≤"),
            Map.entry(">=", "≥"),
            Map.entry("!=", "≠"),
            Map.entry("->", "→"),
            Map.entry("<-", "←"),
            Map.entry("de", "°"),
            Map.entry("mc", "µ"),
            Map.entry("*m", "μ"),
            Map.entry("12", "½"),
            Map.entry("ss", "ß"),
            Map.entry(":a", "ä"),
            Map.entry(":o", "ö"),
            Map.entry(":u", "ü"),
            Map.entry("'e", "é"),
            Map.entry("`e", "è"),
            Map.entry("'a", "á"),
            Map.entry("'o", "ó"),
            Map.entry("~n", "ñ"),
            Map.entry("la", "⟨"),
            Map.entry("ra", "⟩"),
            Map.entry("or", "|"),
            Map.entry("ba", "|"),
            Map.entry("sl", "/"),
            Map.entry("at", "@"),
            Map.entry("sh", "#"),
            Map.entry("Do", "$"),
            Map.entry("pl", "+"),
            Map.entry("mi", "−"),
            Map.entry("eq", "="),
            Map.entry("lB", "["),
            Map.entry("rB", "]"),
            Map.entry("lC", "{"),
            Map.entry("rC", "}"),
            Map.entry("Tm", "™"),
            Map.entry("R", "®"),
            Map.entry("Fo", "«"),
            Map.entry("Fc", "»"));

    private final Map<String, String> strings = new HashMap<>(Map.of("lq", "“", "rq", "”", "R", "®", "Tm", "™"));

    void define(String name, String value) {
        strings.put(name, value);
    }

    String plain(String line) {
        StringBuilder out = new StringBuilder(line.length());
        append(line, out, 0);
        return out.toString();
    }

    /// The line without a comment that ends it.
    static String withoutComment(String line) {
        for (int i = line.indexOf('\\'); i >= 0 && i + 1 < line.length(); i = line.indexOf('\\', i + 2)) {
            char next = line.charAt(i + 1);
            if (next == '"' || next == '#') {
                return line.substring(0, i);
            }
        }
        return line;
    }

    private void append(String line, StringBuilder out, int depth) {
        int i = 0;
        while (i < line.length()) {
            char c = line.charAt(i++);
            if (c != '\\') {
                out.append(c);
            } else if (i < line.length()) {
                i = escape(line, i, out, depth);
            }
        }
    }

    /// @param i after the backslash
    /// @return after the whole sequence
    private int escape(String line, int i, StringBuilder out, int depth) {
        char c = line.charAt(i);
        int after = i + 1;
        switch (c) {
            case '-' -> out.append('-');
            case 'e', '\\', 'E' -> out.append('\\');
            case '~', ' ', '0' -> out.append(' ');
            case '\'' -> out.append('´');
            case '`' -> out.append('`');
            case '.' -> out.append('.');
            case 't' -> out.append('\t');
            case '(' -> {
                String name = line.substring(after, Math.min(line.length(), after + 2));
                out.append(CHARS.getOrDefault(name, ""));
                return after + name.length();
            }
            case '[' -> {
                Name name = name(line, i);
                out.append(special(name.text));
                return name.after;
            }
            case '*' -> {
                Name name = name(line, after);
                String value = strings.get(name.text);
                if (value != null && depth < MAX_DEPTH) {
                    append(value, out, depth + 1);
                }
                return name.after;
            }
            case 'f', 'F', 'm', 'M', 'n', 'g', 'k', 'Y', 'V' -> {
                return name(line, after).after;
            }
            case 's' -> {
                return size(line, after);
            }
            case 'h', 'v', 'w', 'l', 'L', 'D', 'o', 'x', 'X', 'b', 'B', 'A', 'R', 'S', 'H', 'N', 'Z', 'C' -> {
                return quoted(line, after);
            }
            case '"', '#' -> {
                return line.length();
            }
            default -> {
                // Zero-width marks, breaks and the like: layout.
            }
        }
        return after;
    }

    private static String special(String name) {
        String known = CHARS.get(name);
        if (known != null) {
            return known;
        }
        if (name.matches("u[0-9A-Fa-f]{4,6}")) {
            int codePoint = Integer.parseInt(name.substring(1), 16);
            return Character.isValidCodePoint(codePoint) ? Character.toString(codePoint) : "";
        }
        return "";
    }

    private record Name(String text, int after) {}

    /// `x`, `(xx` or `[name]`.
    private static Name name(String line, int i) {
        if (i >= line.length()) {
            return new Name("", i);
        }
        char c = line.charAt(i);
        if (c == '(') {
            int end = Math.min(line.length(), i + 3);
            return new Name(line.substring(i + 1, end), end);
        }
        if (c == '[') {
            int close = line.indexOf(']', i);
            return close < 0 ? new Name("", line.length()) : new Name(line.substring(i + 1, close), close + 1);
        }
        if (c == '+' || c == '-') {
            Name name = name(line, i + 1);
            return new Name(c + name.text, name.after);
        }
        return new Name(String.valueOf(c), i + 1);
    }

    /// `\s-1`, `\s+(10`, `\s[12]`, `\s'12'`, `\s12`: groff reads two digits from 10 to 39.
    private static int size(String line, int i) {
        int at = i;
        if (at < line.length() && (line.charAt(at) == '+' || line.charAt(at) == '-')) {
            at++;
        }
        if (at >= line.length()) {
            return at;
        }
        char c = line.charAt(at);
        if (c == '(' || c == '[') {
            return name(line, at).after;
        }
        if (c == '\'') {
            return quoted(line, at);
        }
        boolean twoDigits =
                c >= '1' && c <= '3' && at == i && at + 1 < line.length() && Character.isDigit(line.charAt(at + 1));
        return Character.isDigit(c) ? at + (twoDigits ? 2 : 1) : at;
    }

    private static int quoted(String line, int i) {
        if (i >= line.length()) {
            return i;
        }
        int close = line.indexOf(line.charAt(i), i + 1);
        return close < 0 ? line.length() : close + 1;
    }
}
