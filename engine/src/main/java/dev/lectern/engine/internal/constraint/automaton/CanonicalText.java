package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.lexical.ByteAutomaton;
import dev.lectern.engine.internal.constraint.lexical.JsonSpelling;
import java.nio.charset.StandardCharsets;

/// JSON strings in their one canonical spelling, as `json.dumps(text, ensure_ascii=False)` writes them: UTF-8, with
/// only those escapes that are needed, the short ones where there are any, hex digits in lower case.
///
/// Names of properties are read in this spelling alone: then a name that no property has differs from all of them
/// byte by byte. The automaton begins after the opening quote and accepts after the closing one.
public final class CanonicalText implements ByteAutomaton {
    static final CanonicalText INSTANCE = new CanonicalText();

    static final int BODY = 0;
    private static final int ENDED = 1;
    private static final int ESCAPE = 2;
    private static final int HEX_1 = 3;
    private static final int HEX_2 = 4;
    private static final int HEX_3 = 5;
    private static final int HEX_LOW = 6;
    private static final int HEX_HIGH = 7;
    private static final int TAIL_1 = 8;
    private static final int TAIL_2 = 9;
    private static final int TAIL_3 = 10;
    private static final int AFTER_E0 = 11;
    private static final int AFTER_ED = 12;
    private static final int AFTER_F0 = 13;
    private static final int AFTER_F4 = 14;

    private CanonicalText() {}

    @Override
    public int start() {
        return BODY;
    }

    @Override
    public boolean accepting(int state) {
        return state == ENDED;
    }

    @Override
    public int next(int state, int value) {
        return switch (state) {
            case BODY -> body(value);
            case ESCAPE -> {
                if (value == 'u') {
                    yield HEX_1;
                }
                yield "\"\\bfnrt".indexOf(value) >= 0 ? BODY : DEAD;
            }
            case HEX_1 -> value == '0' ? HEX_2 : DEAD;
            case HEX_2 -> value == '0' ? HEX_3 : DEAD;
            case HEX_3 -> value == '0' ? HEX_LOW : value == '1' ? HEX_HIGH : DEAD;
            // 8, 9, a, c and d have short escapes.
            case HEX_LOW -> "01234567bef".indexOf(value) >= 0 ? BODY : DEAD;
            case HEX_HIGH -> "0123456789abcdef".indexOf(value) >= 0 ? BODY : DEAD;
            case TAIL_1 -> tail(value, 0x80, 0xBF, BODY);
            case TAIL_2 -> tail(value, 0x80, 0xBF, TAIL_1);
            case TAIL_3 -> tail(value, 0x80, 0xBF, TAIL_2);
            case AFTER_E0 -> tail(value, 0xA0, 0xBF, TAIL_1);
            case AFTER_ED -> tail(value, 0x80, 0x9F, TAIL_1);
            case AFTER_F0 -> tail(value, 0x90, 0xBF, TAIL_2);
            case AFTER_F4 -> tail(value, 0x80, 0x8F, TAIL_2);
            default -> DEAD;
        };
    }

    /// Whether the state is after a backslash and before the end of what it begins.
    static boolean inEscape(int state) {
        return state >= ESCAPE && state <= HEX_HIGH;
    }

    private static int body(int value) {
        if (value == '"') {
            return ENDED;
        }
        if (value == '\\') {
            return ESCAPE;
        }
        if (value < 0x20) {
            return DEAD;
        }
        if (value < 0x80) {
            return BODY;
        }
        if (value >= 0xC2 && value <= 0xDF) {
            return TAIL_1;
        }
        return switch (value) {
            case 0xE0 -> AFTER_E0;
            case 0xED -> AFTER_ED;
            case 0xF0 -> AFTER_F0;
            case 0xF4 -> AFTER_F4;
            default -> {
                if (value >= 0xE1 && value <= 0xEF) {
                    yield TAIL_2;
                }
                yield value >= 0xF1 && value <= 0xF3 ? TAIL_3 : DEAD;
            }
        };
    }

    private static int tail(int value, int first, int last, int next) {
        return value >= first && value <= last ? next : DEAD;
    }

    /// The spelling without its quotes.
    public static byte[] spell(String text) {
        return JsonSpelling.of(text);
    }

    /// The text of so many bytes, spelled with escapes or without, that stand between quotes.
    public static String read(byte[] spelled, int length) {
        String text = new String(spelled, 0, length, StandardCharsets.UTF_8);
        if (text.indexOf('\\') < 0) {
            return text;
        }
        StringBuilder decoded = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\') {
                decoded.append(c);
                continue;
            }
            char kind = text.charAt(++i);
            switch (kind) {
                case 'b' -> decoded.append('\b');
                case 'f' -> decoded.append('\f');
                case 'n' -> decoded.append('\n');
                case 'r' -> decoded.append('\r');
                case 't' -> decoded.append('\t');
                case 'u' -> {
                    decoded.append((char) Integer.parseInt(text, i + 1, i + 5, 16));
                    i += 4;
                }
                default -> decoded.append(kind);
            }
        }
        return decoded.toString();
    }
}
