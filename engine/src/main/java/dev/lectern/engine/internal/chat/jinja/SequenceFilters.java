package dev.lectern.engine.internal.chat.jinja;

import dev.lectern.engine.internal.chat.jinja.Filters.Filter;
import dev.lectern.engine.internal.chat.jinja.Value.Sequence;
import dev.lectern.engine.internal.chat.jinja.Value.Sequence.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Filters over the items of a value: their number, order, groups.
final class SequenceFilters {
    private SequenceFilters() {}

    static void addTo(Map<String, Filter> filters) {
        filters.put("length", SequenceFilters::length);
        filters.put("count", SequenceFilters::length);
        filters.put("first", (evaluator, value, arguments) -> end(evaluator, value, true));
        filters.put("last", (evaluator, value, arguments) -> end(evaluator, value, false));
        filters.put("list", (evaluator, value, arguments) -> {
            List<Value> items = evaluator.operators().items(value);
            evaluator.budget().copies(items.size());
            return Value.list(new ArrayList<>(items));
        });
        filters.put("items", SequenceFilters::items);
        filters.put("join", SequenceFilters::join);
        filters.put("reverse", SequenceFilters::reverse);
        filters.put("sort", SequenceFilters::sort);
        filters.put("dictsort", SequenceFilters::dictSort);
        filters.put("unique", SequenceFilters::unique);
        filters.put("groupby", SequenceFilters::groupBy);
        filters.put("min", (evaluator, value, arguments) -> extreme(evaluator, value, arguments, false));
        filters.put("max", (evaluator, value, arguments) -> extreme(evaluator, value, arguments, true));
        filters.put("batch", SequenceFilters::batch);
        filters.put("slice", SequenceFilters::slice);
    }

    private static Value length(Evaluator evaluator, Value value, Arguments arguments) {
        arguments.bind("length", 0);
        Integer length = Operators.length(value);
        if (length == null) {
            throw TemplateException.type("object of type '" + Operators.typeName(value) + "' has no len()");
        }
        return Value.number(length);
    }

    private static Value end(Evaluator evaluator, Value value, boolean first) {
        if (!first && value instanceof Sequence sequence && sequence.kind() == Kind.GENERATOR) {
            throw TemplateException.type("'generator' object is not reversible");
        }
        List<Value> items = evaluator.operators().items(value);
        if (items.isEmpty()) {
            return new Value.Undefined("No " + (first ? "first" : "last") + " item, sequence was empty.");
        }
        return first ? items.getFirst() : items.getLast();
    }

    private static Value items(Evaluator evaluator, Value value, Arguments arguments) {
        if (value instanceof Value.Undefined) {
            return Value.sequence(Kind.GENERATOR, List.of());
        }
        if (!(value instanceof Value.Mapping mapping)) {
            throw TemplateException.type("Can only get item pairs from a mapping.");
        }
        return Value.sequence(Kind.GENERATOR, Attributes.pairs(evaluator, mapping));
    }

    private static Value join(Evaluator evaluator, Value value, Arguments arguments) {
        @Nullable Value[] bound = arguments.bind("join", 0, "d", "attribute");
        Text separator = Filters.text(evaluator, bound[0], "");
        UnaryOperator<Value> key = key(evaluator, bound[1], true);
        Text.Builder out = new Text.Builder();
        boolean first = true;
        for (Value item : evaluator.operators().items(value)) {
            Text text = evaluator.text(key.apply(item));
            evaluator.budget().characters((long) text.length() + separator.length());
            if (!first) {
                out.append(separator);
            }
            out.append(text);
            first = false;
        }
        return out.build();
    }

    private static Value reverse(Evaluator evaluator, Value value, Arguments arguments) {
        List<Value> items = new ArrayList<>(evaluator.operators().items(value));
        evaluator.budget().copies(items.size());
        Collections.reverse(items);
        if (value instanceof Text) {
            Text.Builder out = new Text.Builder();
            items.forEach(character -> out.append((Text) character));
            return out.build();
        }
        return Value.sequence(Kind.GENERATOR, items);
    }

    /// Reads the attribute that a filter is told to go by: dotted names and indices. Without one the item itself.
    ///
    /// @param caseSensitive whether strings keep their case
    static UnaryOperator<Value> key(Evaluator evaluator, @Nullable Value attribute, boolean caseSensitive) {
        List<Value> path = path(evaluator, attribute);
        return item -> {
            Value value = item;
            for (Value step : path) {
                value = evaluator.item(value, step);
            }
            return !caseSensitive && value instanceof Text text
                    ? text.mapped(characters -> characters.toLowerCase(Locale.ROOT))
                    : value;
        };
    }

    private static List<Value> path(Evaluator evaluator, @Nullable Value attribute) {
        if (attribute == null || attribute instanceof Value.None) {
            return List.of();
        }
        if (!(attribute instanceof Text name)) {
            return List.of(attribute);
        }
        List<Value> path = new ArrayList<>();
        for (Value part : TextSplitting.parts(evaluator, name, Text.of("."), -1)) {
            String text = evaluator.text(part).value();
            boolean index =
                    !text.isEmpty() && text.length() < 10 && text.chars().allMatch(c -> c >= '0' && c <= '9');
            path.add(index ? Value.number(Long.parseLong(text)) : part);
        }
        return path;
    }

    private static Comparator<Value> order(Evaluator evaluator, UnaryOperator<Value> key) {
        return (left, right) -> evaluator.operators().order("<", key.apply(left), key.apply(right));
    }

    /// Jinja sorts by lists of keys, and lists ask for order only where their items are not equal: what has no order
    /// may be sorted as long as all of it is the same.
    private static Comparator<Value> listOrder(Evaluator evaluator, UnaryOperator<Value> key) {
        Operators operators = evaluator.operators();
        return (left, right) -> {
            Value a = key.apply(left);
            Value b = key.apply(right);
            return operators.equal(a, b) ? 0 : operators.order("<", a, b);
        };
    }

    private static List<Value> sorted(Evaluator evaluator, List<Value> items, Comparator<Value> order) {
        evaluator.budget().copies(items.size());
        List<Value> sorted = new ArrayList<>(items);
        sorted.sort(order);
        return sorted;
    }

    private static Value sort(Evaluator evaluator, Value value, Arguments arguments) {
        @Nullable Value[] bound = arguments.bind("sort", 0, "reverse", "case_sensitive", "attribute");
        boolean caseSensitive = Filters.flag(bound[1], false);
        List<UnaryOperator<Value>> keys = new ArrayList<>();
        if (bound[2] instanceof Text names) {
            for (Value name : TextSplitting.parts(evaluator, names, Text.of(","), -1)) {
                keys.add(key(evaluator, name, caseSensitive));
            }
        } else {
            keys.add(key(evaluator, bound[2], caseSensitive));
        }
        Comparator<Value> order = listOrder(evaluator, keys.getFirst());
        for (UnaryOperator<Value> key : keys.subList(1, keys.size())) {
            order = order.thenComparing(listOrder(evaluator, key));
        }
        boolean reverse = Filters.flag(bound[0], false);
        return Value.list(sorted(evaluator, evaluator.operators().items(value), reverse ? order.reversed() : order));
    }

    private static Value dictSort(Evaluator evaluator, Value value, Arguments arguments) {
        @Nullable Value[] bound = arguments.bind("dictsort", 0, "case_sensitive", "by", "reverse");
        String by = Filters.text(evaluator, bound[1], "key").value();
        if (!by.equals("key") && !by.equals("value")) {
            throw TemplateException.type("You can only sort by either \"key\" or \"value\"");
        }
        Operators.requireDefined(value);
        if (!(value instanceof Value.Mapping mapping)) {
            throw TemplateException.type("'" + Operators.typeName(value) + "' object has no attribute 'items'");
        }
        Comparator<Value> order =
                order(evaluator, key(evaluator, Value.number(by.equals("key") ? 0 : 1), Filters.flag(bound[0], false)));
        List<Value> pairs = Attributes.pairs(evaluator, mapping);
        return Value.list(sorted(evaluator, pairs, Filters.flag(bound[2], false) ? order.reversed() : order));
    }

    private static Value unique(Evaluator evaluator, Value value, Arguments arguments) {
        @Nullable Value[] bound = arguments.bind("unique", 0, "case_sensitive", "attribute");
        UnaryOperator<Value> key = key(evaluator, bound[1], Filters.flag(bound[0], false));
        java.util.Set<Value> seen = new java.util.HashSet<>();
        List<Value> kept = new ArrayList<>();
        for (Value item : evaluator.operators().items(value)) {
            evaluator.budget().copies(2);
            if (seen.add(Value.Mapping.key(key.apply(item)))) {
                kept.add(item);
            }
        }
        return Value.sequence(Kind.GENERATOR, kept);
    }

    private static Value groupBy(Evaluator evaluator, Value value, Arguments arguments) {
        @Nullable Value[] bound = arguments.bind("groupby", 1, "attribute", "default", "case_sensitive");
        if (bound[1] != null) {
            throw TemplateException.unsupported("groupby's argument 'default' is not supported");
        }
        boolean caseSensitive = Filters.flag(bound[2], false);
        UnaryOperator<Value> key = key(evaluator, bound[0], caseSensitive);
        UnaryOperator<Value> shown = key(evaluator, bound[0], true);
        List<Value> sorted = sorted(evaluator, evaluator.operators().items(value), order(evaluator, key));
        List<Value> groups = new ArrayList<>();
        for (int start = 0, end; start < sorted.size(); start = end) {
            end = start;
            while (end < sorted.size()
                    && evaluator.operators().equal(key.apply(sorted.get(start)), key.apply(sorted.get(end)))) {
                end++;
            }
            List<Value> group = new ArrayList<>(sorted.subList(start, end));
            groups.add(Value.tuple(List.of(shown.apply(group.getFirst()), Value.list(group))));
        }
        return Value.list(groups);
    }

    private static Value extreme(Evaluator evaluator, Value value, Arguments arguments, boolean greatest) {
        @Nullable Value[] bound = arguments.bind(greatest ? "max" : "min", 0, "case_sensitive", "attribute");
        List<Value> items = evaluator.operators().items(value);
        if (items.isEmpty()) {
            return new Value.Undefined("No aggregated item, sequence was empty.");
        }
        Comparator<Value> order = order(evaluator, key(evaluator, bound[1], Filters.flag(bound[0], false)));
        Value best = items.getFirst();
        for (Value item : items) {
            int difference = order.compare(item, best);
            best = (greatest ? difference > 0 : difference < 0) ? item : best;
        }
        return best;
    }

    private static Value batch(Evaluator evaluator, Value value, Arguments arguments) {
        @Nullable Value[] bound = arguments.bind("batch", 1, "linecount", "fill_with");
        long size = Filters.number(bound[0], 1);
        List<Value> items = evaluator.operators().items(value);
        List<Value> batches = new ArrayList<>();
        List<Value> batch = new ArrayList<>();
        for (Value item : items) {
            evaluator.budget().elements(1);
            if (batch.size() == size) {
                batches.add(Value.list(batch));
                batch = new ArrayList<>();
            }
            batch.add(item);
        }
        if (!batch.isEmpty()) {
            if (bound[1] != null && !(bound[1] instanceof Value.None) && batch.size() < size) {
                evaluator.budget().elements(size - batch.size());
                batch.addAll(Collections.nCopies((int) size - batch.size(), bound[1]));
            }
            batches.add(Value.list(batch));
        }
        return Value.sequence(Kind.GENERATOR, batches);
    }

    private static Value slice(Evaluator evaluator, Value value, Arguments arguments) {
        @Nullable Value[] bound = arguments.bind("slice", 1, "slices", "fill_with");
        long slices = Filters.number(bound[0], 1);
        List<Value> items = evaluator.operators().items(value);
        if (slices <= 0) {
            throw TemplateException.type("slice takes a positive number of slices");
        }
        evaluator.budget().elements(slices);
        evaluator.budget().copies(items.size());
        int each = (int) (items.size() / slices);
        int longer = (int) (items.size() % slices);
        List<Value> result = new ArrayList<>();
        for (int i = 0, from = 0; i < slices; i++) {
            int to = from + each + (i < longer ? 1 : 0);
            List<Value> slice = new ArrayList<>(items.subList(from, to));
            if (bound[1] != null && !(bound[1] instanceof Value.None) && i >= longer) {
                slice.add(bound[1]);
            }
            result.add(Value.list(slice));
            from = to;
        }
        return Value.sequence(Kind.GENERATOR, result);
    }
}
