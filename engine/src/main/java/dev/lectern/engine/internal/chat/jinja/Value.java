package dev.lectern.engine.internal.chat.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a template computes with: the values of Python that chat templates meet. Immutable but for [Namespace].
public sealed interface Value
        permits Text,
                LoopVariable,
                Value.None,
                Value.Bool,
                Value.Int,
                Value.Real,
                Value.Sequence,
                Value.Mapping,
                Value.Undefined,
                Value.Namespace,
                Value.Callable {
    Value NONE = new None();
    Bool TRUE = new Bool(true);
    Bool FALSE = new Bool(false);

    /// Containers in containers; more is a template that builds without end.
    int MAX_DEPTH = 100;

    record None() implements Value {}

    record Bool(boolean value) implements Value {}

    /// Python's int, bounded to 64 bits here; what does not fit is an error.
    record Int(long value) implements Value {}

    record Real(double value) implements Value {}

    /// A name, attribute or item that is not there. Prints as nothing, is false, has no items; any other use fails
    /// with the hint.
    record Undefined(String hint) implements Value {}

    /// @param name as messages call it
    record Callable(String name, Body body) implements Value {}

    /// What a [Callable] does.
    interface Body {
        Value call(Evaluator evaluator, Arguments arguments);
    }

    /// Anything with items in order.
    final class Sequence implements Value {
        /// Which of Python's types; `GENERATOR` has neither length nor items by index, a view no items by index.
        enum Kind {
            LIST,
            TUPLE,
            RANGE,
            KEYS,
            VALUES,
            ITEMS,
            GENERATOR
        }

        private final Kind kind;
        private final List<Value> items;
        private final int depth;

        private Sequence(Kind kind, List<Value> items) {
            this.kind = kind;
            this.items = Collections.unmodifiableList(items);
            this.depth = depthOver(items);
        }

        Kind kind() {
            return kind;
        }

        List<Value> items() {
            return items;
        }

        boolean indexed() {
            return switch (kind) {
                case LIST, TUPLE, RANGE -> true;
                case KEYS, VALUES, ITEMS, GENERATOR -> false;
            };
        }
    }

    /// Python's dict.
    final class Mapping implements Value {
        private final Map<Value, Value> entries;
        private final int depth;

        private Mapping(Map<Value, Value> entries) {
            this.entries = Collections.unmodifiableMap(entries);
            this.depth = depthOver(entries.values());
        }

        /// In order of insertion; keys are normalised, see [#key].
        Map<Value, Value> entries() {
            return entries;
        }

        /// Null where there is no such key.
        ///
        /// @throws TemplateException for a list or dict, which no dict can be asked for
        @Nullable
        Value get(Value key) {
            boolean neverKey = switch (key) {
                case Sequence sequence ->
                    sequence.kind() == Sequence.Kind.TUPLE || sequence.kind() == Sequence.Kind.RANGE;
                case Namespace _, LoopVariable _, Callable _ -> true;
                case Text _, None _, Bool _, Int _, Real _, Undefined _, Mapping _ -> false;
            };
            return neverKey ? null : entries.get(key(key));
        }

        @Nullable
        Value get(String key) {
            return entries.get(Text.of(key));
        }

        /// Equal numbers are one key in Python, whatever their type.
        ///
        /// @throws TemplateException for a value that Python cannot hash
        static Value key(Value value) {
            return switch (value) {
                case Text text -> text;
                case Bool bool -> new Int(bool.value() ? 1 : 0);
                case Real real when real.value() == (long) real.value() -> new Int((long) real.value());
                case Int number -> number;
                case Real real -> real;
                case None none -> none;
                case Undefined undefined -> undefined;
                case Sequence sequence -> throw TemplateException.type("unhashable type: 'list'");
                case Mapping mapping -> throw TemplateException.type("unhashable type: 'dict'");
                case Namespace namespace -> throw TemplateException.type("a namespace cannot be a key here");
                case LoopVariable loop -> throw TemplateException.type("a loop cannot be a key here");
                case Callable callable -> throw TemplateException.type("a function cannot be a key here");
            };
        }
    }

    /// The one mutable value: `{% set ns.x = … %}`.
    final class Namespace implements Value {
        private final Map<String, Value> attributes;

        Namespace(Map<String, Value> attributes) {
            this.attributes = new LinkedHashMap<>(attributes);
        }

        Map<String, Value> attributes() {
            return attributes;
        }
    }

    /// @param items kept, not copied
    static Sequence list(List<Value> items) {
        return new Sequence(Sequence.Kind.LIST, items);
    }

    /// @param items kept, not copied
    static Sequence tuple(List<Value> items) {
        return new Sequence(Sequence.Kind.TUPLE, items);
    }

    /// @param items kept, not copied
    static Sequence sequence(Sequence.Kind kind, List<Value> items) {
        return new Sequence(kind, items);
    }

    /// @param entries kept, not copied; keys normalised
    static Mapping mapping(Map<Value, Value> entries) {
        return new Mapping(entries);
    }

    static Mapping record(Map<String, Value> entries) {
        Map<Value, Value> values = LinkedHashMap.newLinkedHashMap(entries.size());
        entries.forEach((key, value) -> values.put(Text.of(key), value));
        return new Mapping(values);
    }

    static Bool bool(boolean value) {
        return value ? TRUE : FALSE;
    }

    static Int number(long value) {
        return new Int(value);
    }

    /// A value of Java's: null, Boolean, Number, String, List, Map with string keys, or a Value.
    static Value of(@Nullable Object object) {
        return switch (object) {
            case null -> NONE;
            case Value value -> value;
            case Boolean flag -> bool(flag);
            case Integer number -> new Int(number);
            case Long number -> new Int(number);
            case Number number -> new Real(number.doubleValue());
            case String text -> Text.of(text);
            case List<?> list ->
                list(new ArrayList<>(list.stream().map(Value::of).toList()));
            case Map<?, ?> map ->
                record(map.entrySet().stream()
                        .collect(Collectors.toMap(
                                entry -> String.valueOf(entry.getKey()),
                                entry -> of(entry.getValue()),
                                (first, second) -> second,
                                LinkedHashMap::new)));
            default -> throw new IllegalArgumentException("no value of templates: " + object.getClass());
        };
    }

    private static int depthOver(Iterable<Value> items) {
        int depth = 0;
        for (Value item : items) {
            int below = switch (item) {
                case Sequence sequence -> sequence.depth;
                case Mapping mapping -> mapping.depth;
                case None _, Bool _, Int _, Real _, Text _, Undefined _, Namespace _, Callable _, LoopVariable _ -> 0;
            };
            depth = Math.max(depth, below);
        }
        if (depth >= MAX_DEPTH) {
            throw TemplateException.limit("lists and dicts nested deeper than " + MAX_DEPTH);
        }
        return depth + 1;
    }
}
