package dev.lectern.engine.internal.chat.jinja;

import dev.lectern.engine.internal.chat.jinja.Value.Sequence;
import dev.lectern.engine.internal.chat.jinja.Value.Sequence.Kind;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Python's two ways to fill in a string: `'%s' % value` and `'{}'.format(value)`, the latter without format
/// specifications beyond a plain conversion.
final class StringFormat {
    private static final Pattern DIRECTIVE =
            Pattern.compile("%(?:\\((\\w+)\\))?([-+ 0#]*)(\\d{0,6})(?:\\.(\\d{0,3}))?([%a-zA-Z])");
    private static final Pattern FIELD = Pattern.compile("\\{\\{|}}|\\{(\\w*)(?:!([rs]))?}");

    private final Budget budget;
    private final PythonText texts;
    private final Operators operators;

    StringFormat(Budget budget, PythonText texts, Operators operators) {
        this.budget = budget;
        this.texts = texts;
        this.operators = operators;
    }

    /// `format % operands`: a tuple fills in one directive an item, anything else the only one.
    Text percent(Text format, Value operands) {
        List<Value> values =
                operands instanceof Sequence tuple && tuple.kind() == Kind.TUPLE ? tuple.items() : List.of(operands);
        Text.Builder out = new Text.Builder();
        int from = 0;
        int next = 0;
        Matcher directive = DIRECTIVE.matcher(format.value());
        for (int at = format.value().indexOf('%'); at >= 0; at = format.value().indexOf('%', from)) {
            if (!directive.region(at, format.length()).lookingAt()) {
                throw TemplateException.type("a bad directive of a % format: "
                        + format.value().substring(at, Math.min(format.length(), at + 10)));
            }
            append(out, format.substring(from, at));
            from = directive.end();
            if (directive.group(5).equals("%")) {
                append(out, Text.of("%"));
                continue;
            }
            String name = directive.group(1);
            if (name == null && next == values.size()) {
                throw TemplateException.type("not enough arguments for format string");
            }
            append(out, converted(directive, name == null ? values.get(next++) : named(operands, name)));
        }
        append(out, format.substring(from, format.length()));
        if (next < values.size() && !mayBeLeft(operands)) {
            throw TemplateException.type("not all arguments converted during string formatting");
        }
        return out.build();
    }

    /// Python asks dicts and lists by key, so what is not asked for does not matter.
    private static boolean mayBeLeft(Value operands) {
        return operands instanceof Value.Mapping
                || operands instanceof Value.Undefined
                || (operands instanceof Sequence sequence && sequence.indexed() && sequence.kind() != Kind.TUPLE);
    }

    private static Value named(Value operands, String name) {
        Value value = operands instanceof Value.Mapping mapping ? mapping.get(name) : null;
        if (value == null) {
            throw TemplateException.type("format requires a mapping with the key '" + name + "'");
        }
        return value;
    }

    private Text converted(Matcher directive, Value value) {
        String flags = directive.group(2);
        int width = directive.group(3).isEmpty() ? 0 : Integer.parseInt(directive.group(3));
        String digits = directive.group(4);
        int precision = digits == null ? -1 : digits.isEmpty() ? 0 : Integer.parseInt(digits);
        char kind = directive.group(5).charAt(0);
        Text text = switch (kind) {
            case 's' -> cut(texts.str(value), precision);
            case 'r' -> cut(Text.of(texts.repr(value)), precision);
            case 'd', 'i', 'u' -> Text.of(signed(Long.toString(whole(value)), flags));
            case 'x' -> Text.of(signed(Long.toString(Operators.integer(value), 16), flags));
            case 'X' ->
                Text.of(signed(Long.toString(Operators.integer(value), 16).toUpperCase(java.util.Locale.ROOT), flags));
            case 'o' -> Text.of(signed(Long.toString(Operators.integer(value), 8), flags));
            case 'f', 'F' -> Text.of(signed(fixed(Operators.real(value), precision < 0 ? 6 : precision), flags));
            default -> throw TemplateException.unsupported("% formats have no '" + kind + "' here");
        };
        Integer length = Operators.length(text);
        long missing = width - (length == null ? 0L : length);
        if (missing <= 0) {
            return text;
        }
        if (flags.indexOf('-') >= 0) {
            return text.plus(operators.repeat(Text.of(" "), missing));
        }
        boolean zeros = flags.indexOf('0') >= 0 && kind != 's' && kind != 'r';
        Text fill = operators.repeat(Text.of(zeros ? "0" : " "), missing);
        boolean sign = zeros && !text.isEmpty() && "+- ".indexOf(text.value().charAt(0)) >= 0;
        return sign ? text.substring(0, 1).plus(fill).plus(text.substring(1, text.length())) : fill.plus(text);
    }

    private static Text cut(Text text, int precision) {
        boolean cut = precision >= 0 && text.value().codePointCount(0, text.length()) > precision;
        return cut ? text.substring(0, text.value().offsetByCodePoints(0, precision)) : text;
    }

    private static long whole(Value value) {
        return value instanceof Value.Real number ? (long) number.value() : Operators.integer(value);
    }

    private static String signed(String number, String flags) {
        if (number.startsWith("-")) {
            return number;
        }
        return (flags.indexOf('+') >= 0 ? "+" : flags.indexOf(' ') >= 0 ? " " : "") + number;
    }

    private static String fixed(double value, int precision) {
        return Double.isNaN(value) || Double.isInfinite(value)
                ? PythonText.real(value)
                : new BigDecimal(value)
                        .setScale(precision, RoundingMode.HALF_EVEN)
                        .toPlainString();
    }

    /// `format.format(arguments)`.
    Text format(Text format, Arguments arguments) {
        Text.Builder out = new Text.Builder();
        Matcher field = FIELD.matcher(format.value());
        int from = 0;
        int automatic = 0;
        while (field.find()) {
            append(out, plain(format.substring(from, field.start())));
            from = field.end();
            String name = field.group(1);
            if (name == null) {
                append(out, format.substring(field.start(), field.start() + 1));
                continue;
            }
            Value value = argument(arguments, name.isEmpty() ? Integer.toString(automatic++) : name);
            append(out, "r".equals(field.group(2)) ? Text.of(texts.repr(value)) : texts.str(value));
        }
        append(out, plain(format.substring(from, format.length())));
        return out.build();
    }

    /// A text between fields; a brace left in it is a field that is not understood.
    private static Text plain(Text text) {
        if (text.value().indexOf('{') >= 0 || text.value().indexOf('}') >= 0) {
            throw TemplateException.unsupported("str.format takes {}, {0}, {name} and their !r and !s here");
        }
        return text;
    }

    private static Value argument(Arguments arguments, String name) {
        boolean index = Character.isDigit(name.charAt(0)) && name.length() < 10;
        @Nullable Value value = null;
        if (!index) {
            value = arguments.named().get(name);
        } else if (name.chars().allMatch(Character::isDigit)
                && Integer.parseInt(name) < arguments.positional().size()) {
            value = arguments.positional().get(Integer.parseInt(name));
        }
        if (value == null) {
            throw TemplateException.type("no argument '" + name + "' for the format string");
        }
        return value;
    }

    private void append(Text.Builder out, Text text) {
        budget.characters(text.length());
        out.append(text);
    }
}
