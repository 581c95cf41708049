package dev.lectern.engine.internal.chat.jinja;

import dev.lectern.engine.internal.chat.jinja.Filters.Filter;
import dev.lectern.engine.internal.chat.jinja.Value.Sequence.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// Filters that apply another filter or a test to each item: map, select, reject and those by attribute.
final class SelectionFilters {
    private SelectionFilters() {}

    static void addTo(Map<String, Filter> filters) {
        filters.put("map", SelectionFilters::map);
        filters.put("select", (evaluator, value, arguments) -> select(evaluator, value, arguments, true, false));
        filters.put("reject", (evaluator, value, arguments) -> select(evaluator, value, arguments, false, false));
        filters.put("selectattr", (evaluator, value, arguments) -> select(evaluator, value, arguments, true, true));
        filters.put("rejectattr", (evaluator, value, arguments) -> select(evaluator, value, arguments, false, true));
    }

    private static Value map(Evaluator evaluator, Value value, Arguments arguments) {
        UnaryOperator<Value> operation;
        if (arguments.positional().isEmpty() && arguments.named().containsKey("attribute")) {
            Value otherwise = arguments.named().get("default");
            UnaryOperator<Value> attribute =
                    SequenceFilters.key(evaluator, arguments.named().get("attribute"), true);
            operation = item -> {
                Value found = attribute.apply(item);
                return found instanceof Value.Undefined && otherwise != null ? otherwise : found;
            };
        } else {
            String filter = name(arguments.positional(), 0, "map requires a filter argument");
            Arguments rest = rest(arguments, 1);
            operation = item -> evaluator.filter(filter, item, rest);
        }
        List<Value> mapped = new ArrayList<>();
        for (Value item : items(evaluator, value)) {
            evaluator.budget().elements(1);
            mapped.add(operation.apply(item));
        }
        return Value.sequence(Kind.GENERATOR, mapped);
    }

    private static Value select(
            Evaluator evaluator, Value value, Arguments arguments, boolean wanted, boolean byAttribute) {
        List<Value> positional = arguments.positional();
        int next = byAttribute ? 1 : 0;
        if (byAttribute && positional.isEmpty()) {
            throw TemplateException.type("Missing parameter for attribute name");
        }
        UnaryOperator<Value> subject =
                byAttribute ? SequenceFilters.key(evaluator, positional.getFirst(), true) : item -> item;
        boolean tested = positional.size() > next;
        String test = tested ? name(positional, next, "a test's name must be a string") : "";
        Arguments rest = rest(arguments, Math.min(next + 1, positional.size()));
        List<Value> kept = new ArrayList<>();
        for (Value item : items(evaluator, value)) {
            evaluator.budget().copies(1);
            Value tried = subject.apply(item);
            boolean holds = tested ? evaluator.test(test, tried, rest) : Operators.truth(tried);
            if (holds == wanted) {
                kept.add(item);
            }
        }
        return Value.sequence(Kind.GENERATOR, kept);
    }

    /// None of anything false, as Jinja has it, also of what has no items at all.
    private static List<Value> items(Evaluator evaluator, Value value) {
        return Operators.truth(value) ? evaluator.operators().items(value) : List.of();
    }

    private static String name(List<Value> positional, int at, String otherwise) {
        if (positional.size() > at && positional.get(at) instanceof Text name) {
            return name.value();
        }
        throw TemplateException.type(otherwise);
    }

    private static Arguments rest(Arguments arguments, int from) {
        List<Value> positional = arguments.positional();
        return new Arguments(
                positional.subList(Math.min(from, positional.size()), positional.size()), arguments.named());
    }
}
