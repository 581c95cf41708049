package dev.lectern.engine.internal.chat.jinja;

import dev.lectern.engine.internal.chat.jinja.Value.Sequence;
import dev.lectern.engine.internal.chat.jinja.Value.Sequence.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `value.name` and `value[key]`, as Jinja's sandbox looks them up: the one falls back to the other, and what neither
/// finds is undefined. Methods that would change a value are not there.
final class Attributes {
    private final Evaluator evaluator;

    Attributes(Evaluator evaluator) {
        this.evaluator = evaluator;
    }

    Value attribute(Value value, String name) {
        Operators.requireDefined(value);
        Value member = member(value, name);
        if (member == null && value instanceof Value.Mapping mapping) {
            member = mapping.get(name);
        }
        return member == null ? missing(value, "attribute", "'" + name + "'") : member;
    }

    Value attributeOnly(Value value, String name) {
        Operators.requireDefined(value);
        Value member = member(value, name);
        return member == null ? missing(value, "attribute", "'" + name + "'") : member;
    }

    Value item(Value value, Value key) {
        Operators.requireDefined(value);
        Value item = switch (value) {
            case Value.Mapping mapping ->
                key instanceof Sequence || key instanceof Value.Mapping ? null : mapping.get(key);
            case Sequence sequence
            when sequence.indexed() && Operators.isInteger(key) -> element(sequence.items(), Operators.integer(key));
            case Text text when Operators.isInteger(key) -> character(text, Operators.integer(key));
            case Text _,
                    Sequence _,
                    Value.None _,
                    Value.Bool _,
                    Value.Int _,
                    Value.Real _,
                    Value.Undefined _,
                    Value.Namespace _,
                    Value.Callable _,
                    LoopVariable _ -> null;
        };
        if (item == null && key instanceof Text name) {
            item = member(value, name.value());
            if (item == null) {
                return missing(value, "attribute", PythonText.quoted(name.value()));
            }
        }
        return item == null
                ? missing(value, "element", evaluator.operators().texts().repr(key))
                : item;
    }

    private static Value missing(Value value, String what, String name) {
        String owner = value instanceof Value.None ? "None" : "'" + Operators.typeName(value) + " object'";
        return new Value.Undefined(owner + " has no " + what + " " + name);
    }

    private static @Nullable Value element(List<Value> items, long index) {
        long at = index < 0 ? index + items.size() : index;
        return at >= 0 && at < items.size() ? items.get((int) at) : null;
    }

    private @Nullable Value character(Text text, long index) {
        evaluator.budget().characters(text.length());
        int length = text.value().codePointCount(0, text.length());
        long at = index < 0 ? index + length : index;
        if (at < 0 || at >= length) {
            return null;
        }
        int start = text.value().offsetByCodePoints(0, (int) at);
        return text.substring(start, start + Character.charCount(text.value().codePointAt(start)));
    }

    /// Attributes and methods that Python's type has, but not a dict's items. Null where there is none.
    private static @Nullable Value member(Value value, String name) {
        return switch (value) {
            case Text text -> {
                TextMethods.Method method = TextMethods.named(name);
                yield method == null
                        ? null
                        : new Value.Callable(name, (evaluator, arguments) -> method.call(evaluator, text, arguments));
            }
            case Value.Mapping mapping -> method(mapping, name);
            case Sequence sequence -> method(sequence, name);
            case Value.Namespace namespace -> namespace.attributes().get(name);
            case LoopVariable loop -> loop.attribute(name);
            case Value.Callable callable -> name.equals("name") ? Text.of(callable.name()) : null;
            case Value.None _, Value.Bool _, Value.Int _, Value.Real _, Value.Undefined _ -> null;
        };
    }

    private static @Nullable Value method(Value.Mapping mapping, String name) {
        return switch (name) {
            case "items" -> callable(name, evaluator -> Value.sequence(Kind.ITEMS, pairs(evaluator, mapping)));
            case "keys" ->
                callable(
                        name,
                        evaluator ->
                                Value.sequence(Kind.KEYS, evaluator.operators().items(mapping)));
            case "values" ->
                callable(name, evaluator -> {
                    evaluator.budget().elements(mapping.entries().size());
                    return Value.sequence(
                            Kind.VALUES, new ArrayList<>(mapping.entries().values()));
                });
            case "copy" -> callable(name, evaluator -> mapping);
            case "get" ->
                new Value.Callable(name, (evaluator, arguments) -> {
                    @Nullable Value[] bound = arguments.bind("get", 1, "key", "default");
                    Value key = bound[0] == null ? Value.NONE : bound[0];
                    Value found = mapping.get(key);
                    Value otherwise = bound[1] == null ? Value.NONE : bound[1];
                    return found == null ? otherwise : found;
                });
            default -> null;
        };
    }

    /// A dict's items as tuples of two.
    static List<Value> pairs(Evaluator evaluator, Value.Mapping mapping) {
        evaluator.budget().elements(3L * mapping.entries().size());
        List<Value> pairs = new ArrayList<>(mapping.entries().size());
        mapping.entries().forEach((key, value) -> pairs.add(Value.tuple(List.of(key, value))));
        return pairs;
    }

    private static @Nullable Value method(Sequence sequence, String name) {
        if (!sequence.indexed()) {
            return null;
        }
        return switch (name) {
            case "count" ->
                new Value.Callable(
                        name,
                        (evaluator, arguments) -> Value.number(sequence.items().stream()
                                .filter(item -> evaluator.operators().equal(item, only(name, arguments)))
                                .count()));
            case "index" ->
                new Value.Callable(name, (evaluator, arguments) -> {
                    Value wanted = only(name, arguments);
                    for (int i = 0; i < sequence.items().size(); i++) {
                        if (evaluator.operators().equal(sequence.items().get(i), wanted)) {
                            return Value.number(i);
                        }
                    }
                    throw TemplateException.type("value is not in the list");
                });
            case "copy" -> sequence.kind() == Kind.LIST ? callable(name, evaluator -> sequence) : null;
            default -> null;
        };
    }

    private static Value only(String name, Arguments arguments) {
        Value value = arguments.bind(name, 1, "value")[0];
        return value == null ? Value.NONE : value;
    }

    private interface NoArguments {
        Value call(Evaluator evaluator);
    }

    private static Value callable(String name, NoArguments body) {
        return new Value.Callable(name, (evaluator, arguments) -> {
            arguments.bind(name, 0);
            return body.call(evaluator);
        });
    }
}
