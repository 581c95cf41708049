package dev.lectern.engine.internal.chat.jinja;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// The methods of Python's `str`.
final class TextMethods {
    /// A method of `self`.
    interface Method {
        Value call(Evaluator evaluator, Text self, Arguments arguments);
    }

    /// Arguments of a method, matched with its parameters.
    private record Bound(
            Evaluator evaluator, Text self, @Nullable Value[] values) {
        @Nullable
        Value at(int i) {
            return values[i] instanceof Value.None ? null : values[i];
        }

        Text text(int i) {
            if (values[i] instanceof Text text) {
                return text;
            }
            Value value = values[i];
            throw TemplateException.type("must be str, not " + (value == null ? "nothing" : Operators.typeName(value)));
        }

        @Nullable
        Text textOrNull(int i) {
            return at(i) == null ? null : text(i);
        }

        long number(int i, long otherwise) {
            Value value = at(i);
            return value == null ? otherwise : Operators.integer(value);
        }
    }

    private interface BoundMethod {
        Value call(Bound bound);
    }

    private static final Map<String, Method> METHODS = methods();

    private TextMethods() {}

    static @Nullable Method named(String name) {
        return METHODS.get(name);
    }

    private static Map<String, Method> methods() {
        Map<String, Method> methods = new HashMap<>();
        define(methods, "strip", 0, b -> strip(b.self(), b.textOrNull(0), true, true), "chars");
        define(methods, "lstrip", 0, b -> strip(b.self(), b.textOrNull(0), true, false), "chars");
        define(methods, "rstrip", 0, b -> strip(b.self(), b.textOrNull(0), false, true), "chars");
        define(
                methods,
                "split",
                0,
                b -> split(b.evaluator(), b.self(), b.textOrNull(0), b.number(1, -1)),
                "sep",
                "maxsplit");
        define(
                methods,
                "rsplit",
                0,
                b -> TextSplitting.fromRight(b.evaluator(), b.self(), b.textOrNull(0), b.number(1, -1)),
                "sep",
                "maxsplit");
        define(
                methods,
                "splitlines",
                0,
                b -> Value.list(TextSplitting.lines(b.evaluator(), b.self(), b.at(0) != null && truth(b.at(0)))),
                "keepends");
        define(methods, "partition", 1, b -> TextSplitting.partition(b.self(), b.text(0), false), "sep");
        define(methods, "rpartition", 1, b -> TextSplitting.partition(b.self(), b.text(0), true), "sep");
        define(methods, "startswith", 1, b -> affix(b, true), "prefix", "start", "end");
        define(methods, "endswith", 1, b -> affix(b, false), "suffix", "start", "end");
        define(
                methods,
                "replace",
                2,
                b -> replace(b.evaluator(), b.self(), b.text(0), b.text(1), b.number(2, -1)),
                "old",
                "new",
                "count");
        define(methods, "removeprefix", 1, b -> removeAffix(b.self(), b.text(0), true), "prefix");
        define(methods, "removesuffix", 1, b -> removeAffix(b.self(), b.text(0), false), "suffix");
        define(methods, "upper", 0, b -> b.self().mapped(text -> text.toUpperCase(Locale.ROOT)));
        define(methods, "lower", 0, b -> b.self().mapped(text -> text.toLowerCase(Locale.ROOT)));
        define(methods, "casefold", 0, b -> b.self().mapped(text -> text.toLowerCase(Locale.ROOT)));
        define(methods, "title", 0, b -> b.self().mapped(TextMethods::title));
        define(methods, "capitalize", 0, b -> b.self().mapped(TextMethods::capitalize));
        define(methods, "swapcase", 0, b -> b.self().mapped(TextMethods::swapCase));
        define(methods, "find", 1, b -> Value.number(find(b, false)), "sub", "start", "end");
        define(methods, "rfind", 1, b -> Value.number(find(b, true)), "sub", "start", "end");
        define(methods, "index", 1, b -> Value.number(found(find(b, false))), "sub", "start", "end");
        define(methods, "rindex", 1, b -> Value.number(found(find(b, true))), "sub", "start", "end");
        define(
                methods,
                "count",
                1,
                b -> Value.number(count(b.self().value(), b.text(0).value())),
                "sub");
        define(methods, "join", 1, TextMethods::join, "iterable");
        define(methods, "isdigit", 0, b -> all(b.self(), Character::isDigit));
        define(methods, "isdecimal", 0, b -> all(b.self(), Character::isDigit));
        define(methods, "isnumeric", 0, b -> all(b.self(), Character::isDigit));
        define(methods, "isalpha", 0, b -> all(b.self(), Character::isLetter));
        define(methods, "isalnum", 0, b -> all(b.self(), Character::isLetterOrDigit));
        define(methods, "isspace", 0, b -> all(b.self(), PythonText::isSpace));
        define(methods, "isupper", 0, b -> Value.bool(isCase(b.self().value(), true)));
        define(methods, "islower", 0, b -> Value.bool(isCase(b.self().value(), false)));
        define(methods, "zfill", 1, TextMethods::zeroFill, "width");
        define(methods, "center", 1, b -> pad(b, 1, 1), "width", "fillchar");
        define(methods, "ljust", 1, b -> pad(b, 0, 1), "width", "fillchar");
        define(methods, "rjust", 1, b -> pad(b, 1, 0), "width", "fillchar");
        methods.put(
                "format",
                (evaluator, self, arguments) -> evaluator.operators().formats().format(self, arguments));
        return Map.copyOf(methods);
    }

    private static void define(
            Map<String, Method> methods, String name, int required, BoundMethod method, String... parameters) {
        methods.put(name, (evaluator, self, arguments) -> {
            evaluator.budget().characters(2L * self.length());
            return method.call(new Bound(evaluator, self, arguments.bind(name, required, parameters)));
        });
    }

    private static boolean truth(@Nullable Value value) {
        return value != null && Operators.truth(value);
    }

    /// @param characters what to strip; null for white space
    static Text strip(Text text, @Nullable Text characters, boolean left, boolean right) {
        String value = text.value();
        IntPredicate stripped = characters == null
                ? PythonText::isSpace
                : c -> characters.value().indexOf(c) >= 0;
        int start = 0;
        int end = value.length();
        while (left && start < end && stripped.test(value.codePointAt(start))) {
            start += Character.charCount(value.codePointAt(start));
        }
        while (right && end > start && stripped.test(value.codePointBefore(end))) {
            end -= Character.charCount(value.codePointBefore(end));
        }
        return text.substring(start, end);
    }

    static Value split(Evaluator evaluator, Text text, @Nullable Text separator, long most) {
        return Value.list(
                separator == null
                        ? TextSplitting.words(evaluator, text, most)
                        : TextSplitting.parts(evaluator, text, separator, most));
    }

    private static Value affix(Bound bound, boolean atStart) {
        String part = window(bound);
        List<Value> candidates =
                bound.values()[0] instanceof Value.Sequence tuple ? tuple.items() : List.of(bound.text(0));
        for (Value candidate : candidates) {
            if (!(candidate instanceof Text affix)) {
                throw TemplateException.type("startswith and endswith take a str or a tuple of str");
            }
            if (atStart ? part.startsWith(affix.value()) : part.endsWith(affix.value())) {
                return Value.TRUE;
            }
        }
        return Value.FALSE;
    }

    /// The part of the text that the optional arguments `start` and `end` (1 and 2) name.
    private static String window(Bound bound) {
        Text self = bound.self();
        if (bound.at(1) == null && bound.at(2) == null) {
            return self.value();
        }
        return ((Text) bound.evaluator().operators().slice(self, none(bound.at(1)), none(bound.at(2)), Value.NONE))
                .value();
    }

    private static Value none(@Nullable Value value) {
        return value == null ? Value.NONE : value;
    }

    private static Text removeAffix(Text text, Text affix, boolean atStart) {
        if (affix.isEmpty()) {
            return text;
        }
        if (atStart) {
            return text.value().startsWith(affix.value()) ? text.substring(affix.length(), text.length()) : text;
        }
        return text.value().endsWith(affix.value()) ? text.substring(0, text.length() - affix.length()) : text;
    }

    /// @param most replacements; negative for all
    static Text replace(Evaluator evaluator, Text text, Text old, Text replacement, long most) {
        long left = most < 0 ? Long.MAX_VALUE : most;
        if (old.isEmpty()) {
            return between(evaluator, text, replacement, left);
        }
        Text.Builder out = new Text.Builder();
        int from = 0;
        while (left > 0) {
            int at = TextSearch.indexOf(text.value(), old.value(), from);
            if (at < 0) {
                break;
            }
            evaluator.budget().characters((long) at - from + replacement.length());
            out.append(text.substring(from, at)).append(replacement);
            from = at + old.length();
            left--;
        }
        return from == 0
                ? text
                : out.append(text.substring(from, text.length())).build();
    }

    /// `text.replace('', replacement)`: before every character and at the end.
    private static Text between(Evaluator evaluator, Text text, Text replacement, long most) {
        Text.Builder out = new Text.Builder();
        long left = most;
        for (Value character : evaluator.operators().items(text)) {
            if (left-- > 0) {
                evaluator.budget().characters(replacement.length());
                out.append(replacement);
            }
            out.append((Text) character);
        }
        return left > 0 ? out.append(replacement).build() : out.build();
    }

    private static long find(Bound bound, boolean last) {
        String window = window(bound);
        String part = bound.text(0).value();
        int at = last ? TextSearch.lastIndexOf(window, part) : TextSearch.indexOf(window, part, 0);
        if (at < 0) {
            return -1;
        }
        Integer length = Operators.length(bound.self());
        long start = bound.number(1, 0);
        long skipped = start < 0 && length != null ? Math.max(0, start + length) : start;
        return skipped + window.codePointCount(0, at);
    }

    private static long found(long index) {
        if (index < 0) {
            throw TemplateException.type("substring not found");
        }
        return index;
    }

    private static long count(String text, String part) {
        if (part.isEmpty()) {
            return text.codePointCount(0, text.length()) + 1L;
        }
        long count = 0;
        for (int at = TextSearch.indexOf(text, part, 0);
                at >= 0;
                at = TextSearch.indexOf(text, part, at + part.length())) {
            count++;
        }
        return count;
    }

    private static Value join(Bound bound) {
        Value items = bound.values()[0];
        Text.Builder out = new Text.Builder();
        boolean first = true;
        for (Value item : bound.evaluator().operators().items(items == null ? Value.NONE : items)) {
            if (!(item instanceof Text text)) {
                throw TemplateException.type(
                        "sequence item: expected str instance, " + Operators.typeName(item) + " found");
            }
            bound.evaluator()
                    .budget()
                    .characters((long) text.length() + bound.self().length());
            if (!first) {
                out.append(bound.self());
            }
            out.append(text);
            first = false;
        }
        return out.build();
    }

    private static String title(String text) {
        StringBuilder out = new StringBuilder(text.length());
        boolean inWord = false;
        for (int c : text.codePoints().toArray()) {
            out.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
            inWord = Character.isLetter(c);
        }
        return out.toString();
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.codePointAt(0);
        return Character.toString(Character.toTitleCase(first))
                + text.substring(Character.charCount(first)).toLowerCase(Locale.ROOT);
    }

    private static String swapCase(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints()
                .forEach(c -> out.append(
                        Character.isUpperCase(c)
                                ? Character.toString(c).toLowerCase(Locale.ROOT)
                                : Character.toString(c).toUpperCase(Locale.ROOT)));
        return out.toString();
    }

    private static Value all(Text text, IntPredicate predicate) {
        return Value.bool(!text.isEmpty() && text.value().codePoints().allMatch(predicate));
    }

    static boolean isCase(String text, boolean upper) {
        boolean cased = false;
        for (int c : text.codePoints().toArray()) {
            if (upper
                    ? Character.isLowerCase(c) || Character.isTitleCase(c)
                    : Character.isUpperCase(c) || Character.isTitleCase(c)) {
                return false;
            }
            cased |= Character.isUpperCase(c) || Character.isLowerCase(c);
        }
        return cased;
    }

    private static Value zeroFill(Bound bound) {
        Text self = bound.self();
        boolean signed = self.value().startsWith("-") || self.value().startsWith("+");
        Integer length = Operators.length(self);
        long missing = bound.number(0, 0) - (length == null ? 0 : length);
        Text zeros = bound.evaluator().operators().repeat(Text.of("0"), missing);
        return signed ? self.substring(0, 1).plus(zeros).plus(self.substring(1, self.length())) : zeros.plus(self);
    }

    /// @param left  1 for padding on the left
    /// @param right 1 for padding on the right
    private static Value pad(Bound bound, int left, int right) {
        Text fill = bound.at(1) == null ? Text.of(" ") : bound.text(1);
        Integer length = Operators.length(bound.self());
        long width = bound.number(0, 0);
        long missing = Math.max(0, width - (length == null ? 0 : length));
        // CPython's rule for the odd character: left when the width is odd, too.
        long before = left == 0 ? 0 : right == 0 ? missing : missing / 2 + (missing & width & 1);
        Operators operators = bound.evaluator().operators();
        return operators.repeat(fill, before).plus(bound.self()).plus(operators.repeat(fill, missing - before));
    }
}
