package dev.lectern.engine.internal.chat.jinja;

import dev.lectern.engine.internal.chat.jinja.Expression.BinaryOperator;
import dev.lectern.engine.internal.chat.jinja.Expression.Comparator;
import dev.lectern.engine.internal.chat.jinja.Value.Sequence;
import dev.lectern.engine.internal.chat.jinja.Value.Sequence.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Python's operators on values: truth, equality, order, membership, arithmetic, iteration, length.
final class Operators {
    private final Budget budget;
    private final PythonText texts;
    private final StringFormat formats;

    Operators(Budget budget, PythonText texts) {
        this.budget = budget;
        this.texts = texts;
        this.formats = new StringFormat(budget, texts, this);
    }

    static boolean truth(Value value) {
        return switch (value) {
            case Value.None none -> false;
            case Value.Undefined undefined -> false;
            case Value.Bool bool -> bool.value();
            case Value.Int number -> number.value() != 0;
            case Value.Real number -> number.value() != 0;
            case Text text -> !text.isEmpty();
            case Sequence sequence ->
                sequence.kind() == Kind.GENERATOR || !sequence.items().isEmpty();
            case Value.Mapping mapping -> !mapping.entries().isEmpty();
            case Value.Namespace _, Value.Callable _, LoopVariable _ -> true;
        };
    }

    /// The type's name as Python's messages have it.
    static String typeName(Value value) {
        return switch (value) {
            case Value.None none -> "NoneType";
            case Value.Undefined undefined -> "Undefined";
            case Value.Bool bool -> "bool";
            case Value.Int number -> "int";
            case Value.Real number -> "float";
            case Text text -> "str";
            case Sequence sequence ->
                switch (sequence.kind()) {
                    case LIST -> "list";
                    case TUPLE -> "tuple";
                    case RANGE -> "range";
                    case KEYS -> "dict_keys";
                    case VALUES -> "dict_values";
                    case ITEMS -> "dict_items";
                    case GENERATOR -> "generator";
                };
            case Value.Mapping mapping -> "dict";
            case Value.Namespace namespace -> "Namespace";
            case Value.Callable callable -> "function";
            case LoopVariable loop -> "LoopContext";
        };
    }

    boolean equal(Value left, Value right) {
        budget.spend(1);
        if (left == right) {
            return true;
        }
        if (isNumber(left) && isNumber(right)) {
            return left instanceof Value.Real || right instanceof Value.Real
                    ? real(left) == real(right)
                    : integer(left) == integer(right);
        }
        return switch (left) {
            case Text text -> {
                budget.characters(text.length());
                yield text.equals(right);
            }
            case Sequence sequence -> right instanceof Sequence other && equal(sequence, other);
            case Value.Mapping mapping -> right instanceof Value.Mapping other && equal(mapping, other);
            case Value.Undefined undefined -> right instanceof Value.Undefined;
            case Value.None none -> right instanceof Value.None;
            case Value.Bool _, Value.Int _, Value.Real _, Value.Namespace _, Value.Callable _, LoopVariable _ -> false;
        };
    }

    private boolean equal(Sequence left, Sequence right) {
        boolean comparable = left.kind() == right.kind() && (left.indexed() || left.kind() == Kind.KEYS);
        if (!comparable || left.items().size() != right.items().size()) {
            return false;
        }
        for (int i = 0; i < left.items().size(); i++) {
            if (!equal(left.items().get(i), right.items().get(i))) {
                return false;
            }
        }
        return true;
    }

    private boolean equal(Value.Mapping left, Value.Mapping right) {
        if (left.entries().size() != right.entries().size()) {
            return false;
        }
        for (Map.Entry<Value, Value> entry : left.entries().entrySet()) {
            Value other = right.entries().get(entry.getKey());
            if (other == null || !equal(entry.getValue(), other)) {
                return false;
            }
        }
        return true;
    }

    boolean compare(Comparator comparator, Value left, Value right) {
        return switch (comparator) {
            case EQUAL -> equal(left, right);
            case NOT_EQUAL -> !equal(left, right);
            case IN -> contains(right, left);
            case NOT_IN -> !contains(right, left);
            case LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL -> {
                if (isNumber(left) && isNumber(right) && (Double.isNaN(real(left)) || Double.isNaN(real(right)))) {
                    yield false;
                }
                int order = order(comparator.symbol, left, right);
                yield switch (comparator) {
                    case LESS -> order < 0;
                    case LESS_OR_EQUAL -> order <= 0;
                    case GREATER -> order > 0;
                    default -> order >= 0;
                };
            }
        };
    }

    /// @param symbol the operator that asks, for messages
    int order(String symbol, Value left, Value right) {
        budget.spend(1);
        requireDefined(left);
        requireDefined(right);
        if (isNumber(left) && isNumber(right)) {
            return left instanceof Value.Real || right instanceof Value.Real
                    ? Double.compare(real(left) + 0.0, real(right) + 0.0)
                    : Long.compare(integer(left), integer(right));
        }
        if (left instanceof Text a && right instanceof Text b) {
            budget.characters(Math.min(a.length(), b.length()));
            return TextSearch.compareCodePoints(a.value(), b.value());
        }
        if (left instanceof Sequence a && right instanceof Sequence b && a.kind() == b.kind() && isArray(a)) {
            int common = Math.min(a.items().size(), b.items().size());
            for (int i = 0; i < common; i++) {
                if (!equal(a.items().get(i), b.items().get(i))) {
                    return order(symbol, a.items().get(i), b.items().get(i));
                }
            }
            return Integer.compare(a.items().size(), b.items().size());
        }
        throw mismatch("'" + symbol + "' not supported between instances of '{left}' and '{right}'", left, right);
    }

    private static boolean isArray(Sequence sequence) {
        return sequence.kind() == Kind.LIST || sequence.kind() == Kind.TUPLE;
    }

    boolean contains(Value container, Value item) {
        return switch (container) {
            case Text text -> {
                if (!(item instanceof Text part)) {
                    throw mismatch("'in <string>' requires string as left operand, not {right}", text, item);
                }
                budget.characters(text.length() + part.length());
                yield TextSearch.indexOf(text.value(), part.value(), 0) >= 0;
            }
            case Value.Mapping mapping -> mapping.get(item) != null;
            case Value.None _,
                    Value.Undefined _,
                    Value.Bool _,
                    Value.Int _,
                    Value.Real _,
                    Sequence _,
                    Value.Namespace _,
                    Value.Callable _,
                    LoopVariable _ -> {
                for (Value value : items(container)) {
                    if (equal(value, item)) {
                        yield true;
                    }
                }
                yield false;
            }
        };
    }

    /// What a loop over the value sees.
    List<Value> items(Value value) {
        return switch (value) {
            case Sequence sequence -> sequence.items();
            case Value.Mapping mapping -> {
                budget.elements(mapping.entries().size());
                yield new ArrayList<>(mapping.entries().keySet());
            }
            case Value.Undefined undefined -> List.of();
            case Text text -> characters(text);
            case Value.None _,
                    Value.Bool _,
                    Value.Int _,
                    Value.Real _,
                    Value.Namespace _,
                    Value.Callable _,
                    LoopVariable _ -> throw TemplateException.type("'" + typeName(value) + "' object is not iterable");
        };
    }

    private List<Value> characters(Text text) {
        budget.elements(text.length());
        List<Value> characters = new ArrayList<>(text.length());
        for (int at = 0; at < text.length(); ) {
            int end = at + Character.charCount(text.value().codePointAt(at));
            characters.add(text.substring(at, end));
            at = end;
        }
        return characters;
    }

    /// Empty where Python's `len` fails.
    static @Nullable Integer length(Value value) {
        return switch (value) {
            case Text text -> text.value().codePointCount(0, text.length());
            case Sequence sequence ->
                sequence.kind() == Kind.GENERATOR ? null : sequence.items().size();
            case Value.Mapping mapping -> mapping.entries().size();
            case Value.Undefined undefined -> 0;
            case Value.None _,
                    Value.Bool _,
                    Value.Int _,
                    Value.Real _,
                    Value.Namespace _,
                    Value.Callable _,
                    LoopVariable _ -> null;
        };
    }

    Value binary(BinaryOperator operator, Value left, Value right) {
        requireDefined(left);
        if (operator == BinaryOperator.MODULO && left instanceof Text format) {
            return formats.percent(format, right);
        }
        requireDefined(right);
        if (isNumber(left) && isNumber(right)) {
            return Arithmetic.apply(operator, left, right);
        }
        if (operator == BinaryOperator.ADD) {
            if (left instanceof Text a && right instanceof Text b) {
                budget.characters((long) a.length() + b.length());
                return a.plus(b);
            }
            if (left instanceof Sequence a && right instanceof Sequence b && a.kind() == b.kind() && isArray(a)) {
                budget.copies((long) a.items().size() + b.items().size());
                List<Value> both = new ArrayList<>(a.items());
                both.addAll(b.items());
                return Value.sequence(a.kind(), both);
            }
        }
        if (operator == BinaryOperator.MULTIPLY) {
            Value times = isInteger(left) ? left : right;
            Value repeated = times == left ? right : left;
            if (isInteger(times) && repeated instanceof Text text) {
                return repeat(text, integer(times));
            }
            if (isInteger(times) && repeated instanceof Sequence sequence && isArray(sequence)) {
                return repeat(sequence, integer(times));
            }
        }
        throw mismatch("unsupported operand type(s) for " + operator.symbol + ": '{left}' and '{right}'", left, right);
    }

    Text repeat(Text text, long times) {
        if (times <= 0 || text.isEmpty()) {
            return Text.EMPTY;
        }
        budget.characters(product(text.length(), times));
        return text.repeat(Math.toIntExact(times));
    }

    private Value repeat(Sequence sequence, long times) {
        long count = sequence.items().isEmpty() ? 0 : Math.max(times, 0);
        budget.elements(product(sequence.items().size(), count));
        List<Value> all = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            all.addAll(sequence.items());
        }
        return Value.sequence(sequence.kind(), all);
    }

    private static long product(long a, long b) {
        return Math.multiplyHigh(a, b) == 0 && a * b >= 0 ? a * b : Long.MAX_VALUE / 16;
    }

    Value unary(boolean negative, Value value) {
        requireDefined(value);
        return switch (value) {
            case Value.Real number -> negative ? new Value.Real(-number.value()) : number;
            case Value.Bool _, Value.Int _ ->
                Value.number(negative ? Arithmetic.negate(integer(value)) : integer(value));
            case Text _,
                    Value.None _,
                    Value.Undefined _,
                    Sequence _,
                    Value.Mapping _,
                    Value.Namespace _,
                    Value.Callable _,
                    LoopVariable _ ->
                throw TemplateException.type(
                        "bad operand type for unary " + (negative ? "-" : "+") + ": '" + typeName(value) + "'");
        };
    }

    /// `object[start:stop:step]`, each bound None or an integer.
    Value slice(Value object, Value start, Value stop, Value step) {
        requireDefined(object);
        List<Value> items;
        if (object instanceof Text text) {
            items = step instanceof Value.None ? List.of() : characters(text);
        } else if (object instanceof Sequence sequence && sequence.indexed()) {
            items = sequence.items();
        } else {
            throw TemplateException.type("'" + typeName(object) + "' object cannot be sliced");
        }
        Integer known = length(object);
        int length = known == null ? 0 : known;
        long stride = step instanceof Value.None ? 1 : index(step);
        if (stride == 0) {
            throw TemplateException.type("slice step cannot be zero");
        }
        long low = stride > 0 ? 0 : -1;
        long high = stride > 0 ? length : length - 1L;
        long from = start instanceof Value.None ? (stride > 0 ? low : high) : clamp(index(start), length, low, high);
        long to = stop instanceof Value.None ? (stride > 0 ? high : low) : clamp(index(stop), length, low, high);
        if (object instanceof Text text && step instanceof Value.None) {
            budget.characters(text.length());
            return from >= to
                    ? Text.EMPTY
                    : text.substring(
                            text.value().offsetByCodePoints(0, (int) from),
                            text.value().offsetByCodePoints(0, (int) to));
        }
        List<Value> taken = new ArrayList<>();
        for (long i = from; stride > 0 ? i < to : i > to; i += stride) {
            budget.copies(1);
            taken.add(items.get((int) i));
            if (Math.abs(stride) > length) {
                break;
            }
        }
        if (object instanceof Sequence sequence) {
            return Value.sequence(sequence.kind(), taken);
        }
        Text.Builder out = new Text.Builder();
        taken.forEach(character -> out.append((Text) character));
        return out.build();
    }

    private static long clamp(long index, int length, long low, long high) {
        long absolute = index < 0 ? index + length : index;
        return Math.clamp(absolute, low, high);
    }

    private static long index(Value value) {
        if (!isInteger(value)) {
            throw TemplateException.type("slice indices must be integers or None, not " + typeName(value));
        }
        // Far outside any text, and safe to add a length to.
        return Math.clamp(integer(value), Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    /// @throws TemplateException for an undefined value, with its hint
    static void requireDefined(Value value) {
        if (value instanceof Value.Undefined undefined) {
            throw TemplateException.undefined(undefined);
        }
    }

    static boolean isNumber(Value value) {
        return value instanceof Value.Int || value instanceof Value.Real || value instanceof Value.Bool;
    }

    static boolean isInteger(Value value) {
        return value instanceof Value.Int || value instanceof Value.Bool;
    }

    static long integer(Value value) {
        return switch (value) {
            case Value.Int number -> number.value();
            case Value.Bool bool -> bool.value() ? 1 : 0;
            default ->
                throw TemplateException.type("'" + typeName(value) + "' object cannot be interpreted as an integer");
        };
    }

    static double real(Value value) {
        return value instanceof Value.Real number ? number.value() : integer(value);
    }

    PythonText texts() {
        return texts;
    }

    StringFormat formats() {
        return formats;
    }

    private static TemplateException mismatch(String message, Value left, Value right) {
        return TemplateException.type(message.replace("{left}", typeName(left)).replace("{right}", typeName(right)));
    }
}
