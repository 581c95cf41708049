package dev.lectern.engine.internal.chat.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Strings into parts, as `split`, `rsplit`, `splitlines` and `partition` cut them.
final class TextSplitting {
    private TextSplitting() {}

    /// @param most cuts; negative for all
    static List<Value> parts(Evaluator evaluator, Text text, Text separator, long most) {
        requireSeparator(separator);
        List<Value> parts = new ArrayList<>();
        int from = 0;
        for (long left = most; left != 0; left--) {
            int at = TextSearch.indexOf(text.value(), separator.value(), from);
            if (at < 0) {
                break;
            }
            evaluator.budget().elements(1);
            parts.add(text.substring(from, at));
            from = at + separator.length();
        }
        parts.add(text.substring(from, text.length()));
        return parts;
    }

    /// Between runs of white space.
    static List<Value> words(Evaluator evaluator, Text text, long most) {
        List<Value> words = new ArrayList<>();
        String value = text.value();
        long left = most;
        int at = skip(value, 0, true);
        while (at < value.length()) {
            evaluator.budget().elements(1);
            if (left-- == 0) {
                words.add(TextMethods.strip(text.substring(at, value.length()), null, false, true));
                break;
            }
            int end = skip(value, at, false);
            words.add(text.substring(at, end));
            at = skip(value, end, true);
        }
        return words;
    }

    private static int skip(String value, int at, boolean space) {
        int end = at;
        while (end < value.length() && PythonText.isSpace(value.charAt(end)) == space) {
            end++;
        }
        return end;
    }

    /// Cuts from the right; matters where the number of cuts is bounded.
    static Value fromRight(Evaluator evaluator, Text text, @Nullable Text separator, long most) {
        if (most < 0) {
            return TextMethods.split(evaluator, text, separator, most);
        }
        List<Value> parts = new ArrayList<>();
        Text rest = separator == null ? TextMethods.strip(text, null, true, true) : text;
        for (long left = most; left > 0 && !(separator == null && rest.isEmpty()); left--) {
            evaluator.budget().characters(rest.length());
            int at = separator == null ? lastSpace(rest.value()) : lastIndexOf(rest, separator);
            if (at < 0) {
                break;
            }
            evaluator.budget().elements(1);
            parts.add(rest.substring(at + (separator == null ? 1 : separator.length()), rest.length()));
            rest = rest.substring(0, at);
            if (separator == null) {
                rest = TextMethods.strip(rest, null, false, true);
            }
        }
        if (separator != null || !rest.isEmpty()) {
            parts.add(rest);
        }
        Collections.reverse(parts);
        return Value.list(parts);
    }

    private static int lastSpace(String value) {
        int at = value.length() - 1;
        while (at >= 0 && !PythonText.isSpace(value.charAt(at))) {
            at--;
        }
        return at;
    }

    private static int lastIndexOf(Text text, Text separator) {
        requireSeparator(separator);
        return TextSearch.lastIndexOf(text.value(), separator.value());
    }

    static List<Value> lines(Evaluator evaluator, Text text, boolean keepEnds) {
        List<Value> lines = new ArrayList<>();
        String value = text.value();
        int from = 0;
        while (from < value.length()) {
            evaluator.budget().elements(1);
            int end = from;
            while (end < value.length() && !isLineEnd(value.charAt(end))) {
                end++;
            }
            int next = end;
            if (next < value.length()) {
                boolean pair =
                        value.charAt(next) == '\r' && next + 1 < value.length() && value.charAt(next + 1) == '\n';
                next += pair ? 2 : 1;
            }
            lines.add(text.substring(from, keepEnds ? next : end));
            from = next;
        }
        return lines;
    }

    private static boolean isLineEnd(char c) {
        return switch (c) {
            case '\n', '\r', 0x0B, 0x0C, 0x1C, 0x1D, 0x1E, 0x85, 0x2028, 0x2029 -> true;
            default -> false;
        };
    }

    static Value partition(Text text, Text separator, boolean last) {
        requireSeparator(separator);
        int at = last
                ? TextSearch.lastIndexOf(text.value(), separator.value())
                : TextSearch.indexOf(text.value(), separator.value(), 0);
        if (at < 0) {
            return Value.tuple(last ? List.of(Text.EMPTY, Text.EMPTY, text) : List.of(text, Text.EMPTY, Text.EMPTY));
        }
        int end = at + separator.length();
        return Value.tuple(List.of(text.substring(0, at), text.substring(at, end), text.substring(end, text.length())));
    }

    private static void requireSeparator(Text separator) {
        if (separator.isEmpty()) {
            throw TemplateException.type("empty separator");
        }
    }
}
