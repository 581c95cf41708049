package dev.lectern.engine.internal.chat.jinja;

import dev.lectern.engine.internal.chat.jinja.Expression.BinaryOperator;
import dev.lectern.engine.internal.chat.jinja.Filters.Filter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Filters that make numbers.
final class NumberFilters {
    private static final Pattern FLOAT =
            Pattern.compile("[-+]?(?:\\d+(?:_\\d+)*\\.?(?:\\d+(?:_\\d+)*)?|\\.\\d+(?:_\\d+)*)(?:[eE][-+]?\\d+)?");
    private static final int MAX_DIGITS = 400;

    private NumberFilters() {}

    static void addTo(Map<String, Filter> filters) {
        filters.put("int", NumberFilters::toInt);
        filters.put("float", NumberFilters::toReal);
        filters.put("abs", (evaluator, value, arguments) -> {
            if (value instanceof Value.Real real) {
                return new Value.Real(Math.abs(real.value()));
            }
            boolean negative = Operators.isInteger(value) && Operators.integer(value) < 0;
            return evaluator.operators().unary(negative, value);
        });
        filters.put("round", NumberFilters::round);
        filters.put("sum", NumberFilters::sum);
    }

    private static Value toInt(Evaluator evaluator, Value value, Arguments arguments) {
        @Nullable Value[] bound = arguments.bind("int", 0, "default", "base");
        Value otherwise = bound[0] == null ? Value.number(0) : bound[0];
        int base = (int) Math.clamp(Filters.number(bound[1], 10), 0, 37);
        Operators.requireDefined(value);
        if (Operators.isInteger(value)) {
            return Value.number(Operators.integer(value));
        }
        if (value instanceof Text text) {
            Long parsed = parse(text.value(), base);
            if (parsed != null) {
                return Value.number(parsed);
            }
        }
        Double real = real(value);
        return real != null && Math.abs(real) < 0x1p63 ? Value.number(real.longValue()) : otherwise;
    }

    private static @Nullable Long parse(String text, int base) {
        String digits = TextMethods.strip(Text.of(text), null, true, true).value();
        if (digits.length() > MAX_DIGITS || digits.contains("__") || digits.startsWith("_") || digits.endsWith("_")) {
            return null;
        }
        try {
            return Long.parseLong(digits.replace("_", ""), base);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static Value toReal(Evaluator evaluator, Value value, Arguments arguments) {
        @Nullable Value[] bound = arguments.bind("float", 0, "default");
        Operators.requireDefined(value);
        Double real = real(value);
        if (real != null) {
            return new Value.Real(real);
        }
        return bound[0] == null ? new Value.Real(0) : bound[0];
    }

    private static @Nullable Double real(Value value) {
        if (Operators.isNumber(value)) {
            return Operators.real(value);
        }
        if (!(value instanceof Text text)) {
            return null;
        }
        String digits = TextMethods.strip(text, null, true, true).value();
        return digits.length() <= MAX_DIGITS && FLOAT.matcher(digits).matches()
                ? Double.valueOf(digits.replace("_", ""))
                : null;
    }

    private static Value round(Evaluator evaluator, Value value, Arguments arguments) {
        @Nullable Value[] bound = arguments.bind("round", 0, "precision", "method");
        int precision = (int) Math.clamp(Filters.number(bound[0], 0), -MAX_DIGITS, MAX_DIGITS);
        String method = Filters.text(evaluator, bound[1], "common").value();
        if (!Operators.isNumber(value)) {
            throw TemplateException.type("type " + Operators.typeName(value) + " doesn't define __round__ method");
        }
        double number = Operators.real(value);
        double scale = Math.pow(10, precision);
        return switch (method) {
            case "common" -> {
                if (Operators.isInteger(value) && precision >= 0) {
                    yield Value.number(Operators.integer(value));
                }
                boolean finite = !Double.isNaN(number) && !Double.isInfinite(number);
                double rounded = finite
                        ? new BigDecimal(number)
                                .setScale(precision, RoundingMode.HALF_EVEN)
                                .doubleValue()
                        : number;
                yield Operators.isInteger(value) ? Value.number((long) rounded) : new Value.Real(rounded);
            }
            case "ceil" -> new Value.Real(Math.ceil(number * scale) / scale);
            case "floor" -> new Value.Real(Math.floor(number * scale) / scale);
            default -> throw TemplateException.type("method must be common, ceil or floor");
        };
    }

    private static Value sum(Evaluator evaluator, Value value, Arguments arguments) {
        @Nullable Value[] bound = arguments.bind("sum", 0, "attribute", "start");
        UnaryOperator<Value> key = SequenceFilters.key(evaluator, bound[0], true);
        Value sum = bound[1] == null ? Value.number(0) : bound[1];
        for (Value item : evaluator.operators().items(value)) {
            sum = evaluator.operators().binary(BinaryOperator.ADD, sum, key.apply(item));
        }
        return sum;
    }
}
