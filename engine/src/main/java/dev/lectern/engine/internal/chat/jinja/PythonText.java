package dev.lectern.engine.internal.chat.jinja;

import java.math.BigDecimal;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Values as Python's `str()` and `repr()` write them.
final class PythonText {
    private final Budget budget;

    PythonText(Budget budget) {
        this.budget = budget;
    }

    /// `str(value)`.
    Text str(Value value) {
        return switch (value) {
            case Text text -> text;
            case Value.Undefined undefined -> Text.EMPTY;
            case Value.Sequence sequence -> shown(sequence);
            case Value.Mapping mapping -> shown(mapping);
            case Value.None _,
                    Value.Bool _,
                    Value.Int _,
                    Value.Real _,
                    Value.Namespace _,
                    Value.Callable _,
                    LoopVariable _ -> Text.of(repr(value));
        };
    }

    private Text shown(Value value) {
        Writer writer = new Writer();
        writer.write(value, 0);
        return writer.out.build();
    }

    /// `repr(value)`.
    String repr(Value value) {
        return shown(value).value();
    }

    /// `repr` of a string: in single quotes unless it holds some and no double ones.
    static String quoted(String text) {
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        StringBuilder out = new StringBuilder(text.length() + 2).append(quote);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c == quote) {
                        out.append('\\').append(quote);
                    } else if (isPrintable(c)) {
                        out.appendCodePoint(c);
                    } else {
                        String format = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
                        out.append(String.format(Locale.ROOT, format, c));
                    }
                }
            }
        });
        return out.append(quote).toString();
    }

    private static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> c == ' ';
            default -> true;
        };
    }

    /// `repr` of a float: the shortest digits that give it back, with an exponent below 1e-4 and from 1e16 on.
    static String real(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        BigDecimal shortest = new BigDecimal(Double.toString(Math.abs(value))).stripTrailingZeros();
        String digits = shortest.unscaledValue().toString();
        int exponent = digits.length() - 1 - shortest.scale();
        String sign = value < 0 ? "-" : "";
        if (exponent < -4 || exponent >= 16) {
            String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
            String power = (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
            return sign + digits.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+") + power;
        }
        String plain = shortest.toPlainString();
        return sign + (plain.indexOf('.') < 0 ? plain + ".0" : plain);
    }

    /// White space as `str.isspace` and `\s` have it.
    static boolean isSpace(int c) {
        return switch (c) {
            case ' ',
                    '\t',
                    '\n',
                    '\r',
                    '\f',
                    0x0B,
                    0x1C,
                    0x1D,
                    0x1E,
                    0x1F,
                    0x85,
                    0xA0,
                    0x1680,
                    0x2028,
                    0x2029,
                    0x202F,
                    0x205F,
                    0x3000 -> true;
            default -> c >= 0x2000 && c <= 0x200A;
        };
    }

    /// Writes nested values; what comes from the input keeps its mark.
    private final class Writer {
        private final Text.Builder out = new Text.Builder();

        void write(Value value, int depth) {
            budget.spend(1);
            if (depth > 2 * Value.MAX_DEPTH) {
                throw TemplateException.limit("values nested too deep to be written, or inside themselves");
            }
            switch (value) {
                case Value.None none -> plain("None");
                case Value.Bool bool -> plain(bool.value() ? "True" : "False");
                case Value.Int number -> plain(Long.toString(number.value()));
                case Value.Real number -> plain(real(number.value()));
                case Text text -> {
                    budget.characters(2L * text.length());
                    out.append(text.derived(quoted(text.value())));
                }
                case Value.Undefined undefined -> plain("Undefined");
                case Value.Callable callable -> plain("<function " + callable.name() + ">");
                case LoopVariable loop -> plain(loop.display());
                case Value.Namespace namespace -> {
                    plain("<Namespace ");
                    entries(Value.record(namespace.attributes()).entries(), depth);
                    plain(">");
                }
                case Value.Mapping mapping -> entries(mapping.entries(), depth);
                case Value.Sequence sequence -> sequence(sequence, depth);
            }
        }

        private void sequence(Value.Sequence sequence, int depth) {
            List<Value> items = sequence.items();
            switch (sequence.kind()) {
                case LIST -> items("[", items, "]", depth);
                case TUPLE -> items("(", items, items.size() == 1 ? ",)" : ")", depth);
                case KEYS -> items("dict_keys([", items, "])", depth);
                case VALUES -> items("dict_values([", items, "])", depth);
                case ITEMS -> items("dict_items([", items, "])", depth);
                case GENERATOR -> plain("<generator object>");
                case RANGE -> plain(range(items));
            }
        }

        private static String range(List<Value> items) {
            if (items.isEmpty()) {
                return "range(0, 0)";
            }
            long first = ((Value.Int) items.getFirst()).value();
            long second = items.size() > 1 ? ((Value.Int) items.get(1)).value() : first + 1;
            long end = ((Value.Int) items.getLast()).value() + (second - first);
            return "range(" + first + ", " + end + (second - first == 1 ? "" : ", " + (second - first)) + ")";
        }

        private void items(String open, List<Value> items, String close, int depth) {
            plain(open);
            for (int i = 0; i < items.size(); i++) {
                if (i > 0) {
                    plain(", ");
                }
                write(items.get(i), depth + 1);
            }
            plain(close);
        }

        private void entries(Map<Value, Value> entries, int depth) {
            plain("{");
            for (Iterator<Map.Entry<Value, Value>> all = entries.entrySet().iterator(); all.hasNext(); ) {
                Map.Entry<Value, Value> entry = all.next();
                write(entry.getKey(), depth + 1);
                plain(": ");
                write(entry.getValue(), depth + 1);
                if (all.hasNext()) {
                    plain(", ");
                }
            }
            plain("}");
        }

        private void plain(String text) {
            budget.characters(text.length());
            out.append(text);
        }
    }
}
