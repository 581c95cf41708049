package dev.lectern.engine.internal.chat.jinja;

import dev.lectern.engine.internal.chat.jinja.Expression.BinaryOperator;
import dev.lectern.engine.internal.chat.jinja.Expression.Comparator;
import dev.lectern.engine.internal.chat.jinja.Value.Sequence;
import dev.lectern.engine.internal.chat.jinja.Value.Sequence.Kind;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The tests by name: `value is name(arguments)`.
final class Tests {
    interface Test {
        boolean holds(Evaluator evaluator, Value value, Arguments arguments);
    }

    private static final Map<String, Test> TESTS = tests();

    private Tests() {}

    static @Nullable Test named(String name) {
        return TESTS.get(name);
    }

    /// For messages.
    static String supported() {
        return String.join(", ", TESTS.keySet());
    }

    private static Map<String, Test> tests() {
        Map<String, Test> tests = new TreeMap<>();
        plain(tests, "defined", value -> !(value instanceof Value.Undefined));
        plain(tests, "undefined", value -> value instanceof Value.Undefined);
        plain(tests, "none", value -> value instanceof Value.None);
        plain(tests, "boolean", value -> value instanceof Value.Bool);
        plain(tests, "true", value -> value instanceof Value.Bool bool && bool.value());
        plain(tests, "false", value -> value instanceof Value.Bool bool && !bool.value());
        plain(tests, "integer", value -> value instanceof Value.Int);
        plain(tests, "float", value -> value instanceof Value.Real);
        plain(tests, "number", Operators::isNumber);
        plain(tests, "string", value -> value instanceof Text);
        plain(tests, "mapping", value -> value instanceof Value.Mapping);
        plain(tests, "sequence", Tests::isSequence);
        plain(tests, "iterable", Tests::isIterable);
        // Calling an undefined value fails with its hint; so it is callable.
        plain(
                tests,
                "callable",
                value -> value instanceof Value.Callable
                        || value instanceof LoopVariable
                        || value instanceof Value.Undefined);
        plain(tests, "escaped", value -> false);
        tests.put(
                "upper",
                (evaluator, value, arguments) ->
                        TextMethods.isCase(evaluator.text(value).value(), true));
        tests.put(
                "lower",
                (evaluator, value, arguments) ->
                        TextMethods.isCase(evaluator.text(value).value(), false));
        plain(tests, "filter", value -> value instanceof Text name && Filters.named(name.value()) != null);
        plain(tests, "test", value -> value instanceof Text name && named(name.value()) != null);
        tests.put("odd", (evaluator, value, arguments) -> leaves(value, Value.number(2), 1));
        tests.put("even", (evaluator, value, arguments) -> leaves(value, Value.number(2), 0));
        tests.put("divisibleby", (evaluator, value, arguments) -> leaves(value, other(arguments, "divisibleby"), 0));
        tests.put("sameas", (evaluator, value, arguments) -> same(value, other(arguments, "sameas")));
        comparing(tests, Comparator.EQUAL, "eq", "equalto", "==");
        comparing(tests, Comparator.NOT_EQUAL, "ne", "!=");
        comparing(tests, Comparator.LESS, "lt", "lessthan", "<");
        comparing(tests, Comparator.LESS_OR_EQUAL, "le", "<=");
        comparing(tests, Comparator.GREATER, "gt", "greaterthan", ">");
        comparing(tests, Comparator.GREATER_OR_EQUAL, "ge", ">=");
        comparing(tests, Comparator.IN, "in");
        return tests;
    }

    private static void plain(Map<String, Test> tests, String name, Predicate<Value> holds) {
        tests.put(name, (evaluator, value, arguments) -> {
            arguments.bind("test '" + name + "'", 0);
            return holds.test(value);
        });
    }

    private static void comparing(Map<String, Test> tests, Comparator comparator, String... names) {
        for (String name : names) {
            tests.put(
                    name,
                    (evaluator, value, arguments) ->
                            evaluator.operators().compare(comparator, value, other(arguments, name)));
        }
    }

    private static Value other(Arguments arguments, String name) {
        Value other = arguments.bind("test '" + name + "'", 1, "other")[0];
        return other == null ? Value.NONE : other;
    }

    /// Whatever has a length and items by key, as Jinja asks it: a dict and an undefined value, too.
    private static boolean isSequence(Value value) {
        return switch (value) {
            case Text _, Value.Mapping _, Value.Undefined _ -> true;
            case Sequence sequence -> sequence.indexed();
            case Value.None _,
                    Value.Bool _,
                    Value.Int _,
                    Value.Real _,
                    Value.Namespace _,
                    Value.Callable _,
                    LoopVariable _ -> false;
        };
    }

    private static boolean isIterable(Value value) {
        return value instanceof Text
                || value instanceof Sequence
                || value instanceof Value.Mapping
                || value instanceof Value.Undefined
                || value instanceof LoopVariable;
    }

    private static boolean leaves(Value value, Value divisor, long remainder) {
        Operators.requireDefined(value);
        if (!Operators.isNumber(value) || !Operators.isNumber(divisor)) {
            throw TemplateException.type("'" + Operators.typeName(value) + "' is no number");
        }
        return Operators.real(Arithmetic.apply(BinaryOperator.MODULO, value, divisor)) == remainder;
    }

    /// Python's `is`, as far as it is the same in every run: small values are their own only copy.
    private static boolean same(Value value, Value other) {
        return switch (value) {
            case Value.None _, Value.Bool _ -> value.equals(other);
            case Value.Int number -> number.equals(other);
            case Text text -> text.equals(other);
            case Sequence sequence ->
                sequence == other
                        || (sequence.kind() == Kind.TUPLE
                                && sequence.items().isEmpty()
                                && other instanceof Sequence tuple
                                && tuple.kind() == Kind.TUPLE
                                && tuple.items().isEmpty());
            case Value.Real _,
                    Value.Undefined _,
                    Value.Mapping _,
                    Value.Namespace _,
                    Value.Callable _,
                    LoopVariable _ -> value == other;
        };
    }
}
