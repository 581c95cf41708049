package dev.lectern.engine.internal.chat.jinja;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The filters by name.
final class Filters {
    /// `value | name(arguments)`
    interface Filter {
        Value apply(Evaluator evaluator, Value value, Arguments arguments);
    }

    private static final Map<String, Filter> FILTERS = filters();

    private Filters() {}

    static @Nullable Filter named(String name) {
        return FILTERS.get(name);
    }

    /// For messages.
    static String supported() {
        return String.join(", ", FILTERS.keySet());
    }

    private static Map<String, Filter> filters() {
        Map<String, Filter> filters = new TreeMap<>();
        TextFilters.addTo(filters);
        SequenceFilters.addTo(filters);
        SelectionFilters.addTo(filters);
        NumberFilters.addTo(filters);
        filters.put("default", Filters::otherwise);
        filters.put("d", Filters::otherwise);
        filters.put("tojson", Json::filter);
        filters.put("attr", (evaluator, value, arguments) -> {
            @Nullable Value[] bound = arguments.bind("attr", 1, "name");
            return evaluator.attributeOnly(value, text(evaluator, bound[0], "").value());
        });
        return filters;
    }

    private static Value otherwise(Evaluator evaluator, Value value, Arguments arguments) {
        @Nullable Value[] bound = arguments.bind("default", 0, "default_value", "boolean");
        boolean replace = value instanceof Value.Undefined || (flag(bound[1], false) && !Operators.truth(value));
        if (!replace) {
            return value;
        }
        return bound[0] == null ? Text.EMPTY : bound[0];
    }

    static boolean flag(@Nullable Value value, boolean otherwise) {
        return value == null ? otherwise : Operators.truth(value);
    }

    static long number(@Nullable Value value, long otherwise) {
        return value == null ? otherwise : Operators.integer(value);
    }

    static Text text(Evaluator evaluator, @Nullable Value value, String otherwise) {
        return value == null ? Text.of(otherwise) : evaluator.text(value);
    }
}
