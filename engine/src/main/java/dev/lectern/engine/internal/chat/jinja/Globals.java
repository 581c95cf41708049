package dev.lectern.engine.internal.chat.jinja;

import dev.lectern.engine.internal.chat.jinja.TemplateException.Reason;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// The functions that every template may call.
final class Globals {
    /// As Jinja's sandbox has it.
    private static final long MAX_RANGE = 100_000;

    private Globals() {}

    static Map<String, Value> of(LocalDateTime now) {
        Map<String, Value> globals = new LinkedHashMap<>();
        define(globals, "range", Globals::range);
        define(globals, "dict", Globals::dict);
        define(globals, "namespace", Globals::namespace);
        define(globals, "joiner", Globals::joiner);
        define(globals, "raise_exception", (evaluator, arguments) -> {
            Value message = arguments.bind("raise_exception", 1, "message")[0];
            throw new TemplateException(
                    Reason.RAISED,
                    message == null ? "" : evaluator.text(message).value());
        });
        define(globals, "strftime_now", (evaluator, arguments) -> {
            @Nullable Value[] bound = arguments.bind("strftime_now", 1, "format");
            if (!(bound[0] instanceof Text format)) {
                throw TemplateException.type("strftime_now takes a format string");
            }
            evaluator.budget().characters(32L * format.length());
            return Text.of(DateFormat.strftime(now, format.value()));
        });
        return globals;
    }

    private static void define(Map<String, Value> globals, String name, Value.Body body) {
        globals.put(name, new Value.Callable(name, body));
    }

    private static Value range(Evaluator evaluator, Arguments arguments) {
        @Nullable Value[] bound = arguments.bind("range", 1, "start", "stop", "step");
        Value only = bound[0] == null ? Value.NONE : bound[0];
        long start = bound[1] == null ? 0 : Operators.integer(only);
        long stop = Operators.integer(bound[1] == null ? only : bound[1]);
        long step = bound[2] == null ? 1 : Operators.integer(bound[2]);
        if (step == 0) {
            throw TemplateException.type("range() arg 3 must not be zero");
        }
        // In floating point, where nothing overflows: exact enough to be compared with the limit.
        double length = Math.ceil(((double) stop - start) / step);
        if (length > MAX_RANGE) {
            throw TemplateException.limit("Range too big. The sandbox blocks ranges larger than " + MAX_RANGE + ".");
        }
        evaluator.budget().elements(Math.max(0, (long) length));
        List<Value> items = new ArrayList<>();
        for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
            items.add(Value.number(i));
            if (step > 0 ? i > stop - step : i < stop - step) {
                break;
            }
        }
        return Value.sequence(Value.Sequence.Kind.RANGE, items);
    }

    private static Value dict(Evaluator evaluator, Arguments arguments) {
        return Value.mapping(entries(evaluator, arguments));
    }

    private static Map<Value, Value> entries(Evaluator evaluator, Arguments arguments) {
        Map<Value, Value> entries = new LinkedHashMap<>();
        for (Value argument : arguments.positional()) {
            if (argument instanceof Value.Mapping mapping) {
                evaluator.budget().elements(mapping.entries().size());
                entries.putAll(mapping.entries());
            } else {
                for (Value pair : evaluator.operators().items(argument)) {
                    List<Value> both = evaluator.operators().items(pair);
                    if (both.size() != 2) {
                        throw TemplateException.type("dict takes a mapping, or pairs of key and value");
                    }
                    entries.put(Value.Mapping.key(both.getFirst()), both.getLast());
                }
            }
        }
        arguments.named().forEach((name, value) -> entries.put(Text.of(name), value));
        return entries;
    }

    private static Value namespace(Evaluator evaluator, Arguments arguments) {
        Map<String, Value> attributes = new LinkedHashMap<>();
        entries(evaluator, arguments)
                .forEach((key, value) -> attributes.put(evaluator.text(key).value(), value));
        return new Value.Namespace(attributes);
    }

    private static Value joiner(Evaluator evaluator, Arguments arguments) {
        @Nullable Value[] bound = arguments.bind("joiner", 0, "sep");
        Value separator = bound[0] == null ? Text.of(", ") : bound[0];
        AtomicBoolean used = new AtomicBoolean();
        return new Value.Callable("joiner", (inner, none) -> used.getAndSet(true) ? separator : Text.EMPTY);
    }
}
