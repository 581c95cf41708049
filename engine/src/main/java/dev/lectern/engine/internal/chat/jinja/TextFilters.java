package dev.lectern.engine.internal.chat.jinja;

import dev.lectern.engine.internal.chat.jinja.Filters.Filter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Filters that make text of a value, whatever it is.
final class TextFilters {
    private static final Pattern WORD_BEGINNINGS = Pattern.compile("([-\\s({\\[<]+)", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern WORD = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);

    private TextFilters() {}

    static void addTo(Map<String, Filter> filters) {
        filters.put("string", mapped("string", text -> text));
        filters.put("safe", mapped("safe", text -> text));
        filters.put("upper", mapped("upper", text -> text.toUpperCase(Locale.ROOT)));
        filters.put("lower", mapped("lower", text -> text.toLowerCase(Locale.ROOT)));
        filters.put("capitalize", mapped("capitalize", TextMethods::capitalize));
        filters.put("title", mapped("title", TextFilters::title));
        filters.put("e", mapped("escape", TextFilters::escaped));
        filters.put("escape", mapped("escape", TextFilters::escaped));
        filters.put("forceescape", mapped("forceescape", TextFilters::escaped));
        filters.put("trim", TextFilters::trim);
        filters.put("replace", TextFilters::replace);
        filters.put("indent", TextFilters::indent);
        filters.put("truncate", TextFilters::truncate);
        filters.put("center", (evaluator, value, arguments) -> {
            @Nullable Value[] bound = arguments.bind("center", 0, "width");
            Arguments width = Arguments.of(Value.number(Filters.number(bound[0], 80)));
            return method("center", evaluator, evaluator.text(value), width);
        });
        filters.put("format", (evaluator, value, arguments) -> {
            Value operands =
                    arguments.named().isEmpty() ? Value.tuple(arguments.positional()) : Value.record(arguments.named());
            return evaluator.operators().formats().percent(evaluator.text(value), operands);
        });
        filters.put("wordcount", (evaluator, value, arguments) -> {
            Text text = evaluator.text(value);
            evaluator.budget().characters(text.length());
            return Value.number(WORD.matcher(text.value()).results().count());
        });
    }

    private static Filter mapped(String name, UnaryOperator<String> operation) {
        return (evaluator, value, arguments) -> {
            arguments.bind(name, 0);
            Text text = evaluator.text(value);
            evaluator.budget().characters(2L * text.length());
            String result = operation.apply(text.value());
            return result.equals(text.value()) ? text : text.derived(result);
        };
    }

    private static Value method(String name, Evaluator evaluator, Text text, Arguments arguments) {
        TextMethods.Method method = TextMethods.named(name);
        if (method == null) {
            throw new IllegalStateException("no method " + name);
        }
        return method.call(evaluator, text, arguments);
    }

    private static Value trim(Evaluator evaluator, Value value, Arguments arguments) {
        @Nullable Value[] bound = arguments.bind("trim", 0, "chars");
        Text characters = bound[0] == null || bound[0] instanceof Value.None ? null : evaluator.text(bound[0]);
        Text text = evaluator.text(value);
        evaluator.budget().characters(text.length());
        return TextMethods.strip(text, characters, true, true);
    }

    private static Value replace(Evaluator evaluator, Value value, Arguments arguments) {
        @Nullable Value[] bound = arguments.bind("replace", 2, "old", "new", "count");
        Text text = evaluator.text(value);
        evaluator.budget().characters(text.length());
        return TextMethods.replace(
                evaluator,
                text,
                Filters.text(evaluator, bound[0], ""),
                Filters.text(evaluator, bound[1], ""),
                bound[2] instanceof Value.None ? -1 : Filters.number(bound[2], -1));
    }

    private static String title(String text) {
        StringBuilder out = new StringBuilder(text.length());
        Matcher between = WORD_BEGINNINGS.matcher(text);
        int from = 0;
        while (between.find()) {
            out.append(TextMethods.capitalize(text.substring(from, between.start())))
                    .append(between.group());
            from = between.end();
        }
        return out.append(TextMethods.capitalize(text.substring(from))).toString();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
    }

    private static Value indent(Evaluator evaluator, Value value, Arguments arguments) {
        @Nullable Value[] bound = arguments.bind("indent", 0, "width", "first", "blank");
        Text indent = bound[0] instanceof Text given
                ? given
                : evaluator.operators().repeat(Text.of(" "), Filters.number(bound[0], 4));
        boolean blank = Filters.flag(bound[2], false);
        // The added newline makes an empty last line of a text that ends in one, as Jinja does.
        List<Value> lines =
                TextSplitting.lines(evaluator, string("indent", value).plus(Text.of("\n")), false);
        Text.Builder out = new Text.Builder();
        for (int i = 0; i < lines.size(); i++) {
            Text line = (Text) lines.get(i);
            evaluator.budget().characters((long) line.length() + indent.length() + 1);
            if (i > 0) {
                out.append("\n");
            }
            if (i == 0 ? Filters.flag(bound[1], false) : blank || !line.isEmpty()) {
                out.append(indent);
            }
            out.append(line);
        }
        return out.build();
    }

    /// Some filters take strings only.
    private static Text string(String filter, Value value) {
        Operators.requireDefined(value);
        if (value instanceof Text text) {
            return text;
        }
        throw TemplateException.type(filter + " takes a string, not '" + Operators.typeName(value) + "'");
    }

    private static Value truncate(Evaluator evaluator, Value value, Arguments arguments) {
        @Nullable Value[] bound = arguments.bind("truncate", 0, "length", "killwords", "end", "leeway");
        long length = Filters.number(bound[0], 255);
        Text end = Filters.text(evaluator, bound[2], "...");
        Integer characters = Operators.length(value);
        if (characters != null && characters <= length + Filters.number(bound[3], 5)) {
            return value;
        }
        Text text = string("truncate", value);
        Integer endLength = Operators.length(end);
        if (endLength == null || length < endLength) {
            throw TemplateException.type("expected length >= " + endLength + ", got " + length);
        }
        int cut = text.value().offsetByCodePoints(0, (int) (length - endLength));
        Text kept = text.substring(0, cut);
        if (!Filters.flag(bound[1], false)) {
            int space = kept.value().lastIndexOf(' ');
            kept = space < 0 ? kept : kept.substring(0, space);
        }
        return kept.plus(end);
    }
}
