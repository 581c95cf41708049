package dev.lectern.engine.internal.chat.jinja;

import dev.lectern.engine.internal.chat.jinja.Value.Sequence;
import dev.lectern.engine.internal.chat.jinja.Value.Sequence.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The filter `tojson` as transformers replaces it: Python's `json.dumps`, without HTML escapes, and with characters
/// beyond ASCII as they are unless `ensure_ascii` says otherwise.
final class Json {
    private final Evaluator evaluator;
    private final Budget budget;
    private final boolean asciiOnly;
    private final boolean sortKeys;
    private final @Nullable Text indent;
    private final Text itemSeparator;
    private final Text keySeparator;
    private final Text.Builder out = new Text.Builder();

    private Json(
            Evaluator evaluator,
            boolean asciiOnly,
            boolean sortKeys,
            @Nullable Text indent,
            Text itemSeparator,
            Text keySeparator) {
        this.evaluator = evaluator;
        this.budget = evaluator.budget();
        this.asciiOnly = asciiOnly;
        this.sortKeys = sortKeys;
        this.indent = indent;
        this.itemSeparator = itemSeparator;
        this.keySeparator = keySeparator;
    }

    static Value filter(Evaluator evaluator, Value value, Arguments arguments) {
        @Nullable Value[] bound = arguments.bind("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys");
        Text indent = indent(evaluator, bound[1]);
        Text items = Text.of(indent == null ? ", " : ",");
        Text keys = Text.of(": ");
        if (bound[2] instanceof Sequence separators) {
            if (separators.items().size() != 2) {
                throw TemplateException.type("separators are two strings: between items, and after a key");
            }
            items = evaluator.text(separators.items().getFirst());
            keys = evaluator.text(separators.items().getLast());
        }
        Json json =
                new Json(evaluator, Filters.flag(bound[0], false), Filters.flag(bound[3], false), indent, items, keys);
        json.write(value, 0);
        return json.out.build();
    }

    private static @Nullable Text indent(Evaluator evaluator, @Nullable Value value) {
        if (value == null || value instanceof Value.None) {
            return null;
        }
        return value instanceof Text text ? text : evaluator.operators().repeat(Text.of(" "), Operators.integer(value));
    }

    private void write(Value value, int depth) {
        budget.spend(1);
        switch (value) {
            case Value.None none -> plain("null");
            case Value.Bool bool -> plain(bool.value() ? "true" : "false");
            case Value.Int number -> plain(Long.toString(number.value()));
            case Value.Real number -> plain(real(number.value()));
            case Text text -> quoted(text);
            case Value.Mapping mapping -> object(mapping, depth);
            case Sequence sequence
            when sequence.kind() == Kind.LIST || sequence.kind() == Kind.TUPLE -> array(sequence.items(), depth);
            case Sequence _, Value.Undefined _, Value.Namespace _, Value.Callable _, LoopVariable _ ->
                throw TemplateException.type(
                        "Object of type " + Operators.typeName(value) + " is not JSON serializable");
        }
    }

    private static String real(double value) {
        String text = PythonText.real(value);
        return switch (text) {
            case "nan" -> "NaN";
            case "inf" -> "Infinity";
            case "-inf" -> "-Infinity";
            default -> text;
        };
    }

    private void array(List<Value> items, int depth) {
        if (items.isEmpty()) {
            plain("[]");
            return;
        }
        plain("[");
        for (int i = 0; i < items.size(); i++) {
            if (i > 0) {
                append(itemSeparator);
            }
            newLine(depth + 1);
            write(items.get(i), depth + 1);
        }
        newLine(depth);
        plain("]");
    }

    private void object(Value.Mapping mapping, int depth) {
        if (mapping.entries().isEmpty()) {
            plain("{}");
            return;
        }
        plain("{");
        boolean first = true;
        for (Map.Entry<Value, Value> entry : entries(mapping)) {
            if (!first) {
                append(itemSeparator);
            }
            first = false;
            newLine(depth + 1);
            quoted(key(entry.getKey()));
            append(keySeparator);
            write(entry.getValue(), depth + 1);
        }
        newLine(depth);
        plain("}");
    }

    private List<Map.Entry<Value, Value>> entries(Value.Mapping mapping) {
        budget.copies(mapping.entries().size());
        List<Map.Entry<Value, Value>> entries =
                new ArrayList<>(mapping.entries().entrySet());
        if (sortKeys) {
            entries.sort((left, right) -> evaluator.operators().order("<", left.getKey(), right.getKey()));
        }
        return entries;
    }

    private static Text key(Value key) {
        return switch (key) {
            case Text text -> text;
            case Value.None none -> Text.of("null");
            case Value.Bool bool -> Text.of(bool.value() ? "true" : "false");
            case Value.Int number -> Text.of(Long.toString(number.value()));
            case Value.Real number -> Text.of(real(number.value()));
            case Sequence _, Value.Mapping _, Value.Undefined _, Value.Namespace _, Value.Callable _, LoopVariable _ ->
                throw TemplateException.type(
                        "keys must be str, int, float, bool or None, not " + Operators.typeName(key));
        };
    }

    private void newLine(int depth) {
        if (indent != null) {
            plain("\n");
            append(evaluator.operators().repeat(indent, depth));
        }
    }

    private void quoted(Text text) {
        budget.characters(2L * text.length());
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.value().charAt(i);
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                case '\b' -> quoted.append("\\b");
                case '\f' -> quoted.append("\\f");
                default -> {
                    if (c < 0x20 || (asciiOnly && c > 0x7E)) {
                        quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        out.append(text.derived(quoted.append('"').toString()));
    }

    private void append(Text text) {
        budget.characters(text.length());
        out.append(text);
    }

    private void plain(String text) {
        budget.characters(text.length());
        out.append(text);
    }
}
