package dev.lectern.engine.internal.constraint.lexical;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// The sets behind `\p{...}`: general categories, scripts and the most used binary properties, as this Java
/// knows them. A set is made when it is first asked for and kept.
final class UnicodeProperties {
    private static final Map<String, CodePoints> KNOWN = new ConcurrentHashMap<>();

    /// General categories by both names; the order is that of no standard, two letters for each of Java's
    /// types.
    private static final String[][] CATEGORIES = {
        {"Lu", "Uppercase_Letter"},
        {"Ll", "Lowercase_Letter"},
        {"Lt", "Titlecase_Letter"},
        {"Lm", "Modifier_Letter"},
        {"Lo", "Other_Letter"},
        {"Mn", "Nonspacing_Mark"},
        {"Mc", "Spacing_Mark"},
        {"Me", "Enclosing_Mark"},
        {"Nd", "Decimal_Number", "digit"},
        {"Nl", "Letter_Number"},
        {"No", "Other_Number"},
        {"Pc", "Connector_Punctuation"},
        {"Pd", "Dash_Punctuation"},
        {"Ps", "Open_Punctuation"},
        {"Pe", "Close_Punctuation"},
        {"Pi", "Initial_Punctuation"},
        {"Pf", "Final_Punctuation"},
        {"Po", "Other_Punctuation"},
        {"Sm", "Math_Symbol"},
        {"Sc", "Currency_Symbol"},
        {"Sk", "Modifier_Symbol"},
        {"So", "Other_Symbol"},
        {"Zs", "Space_Separator"},
        {"Zl", "Line_Separator"},
        {"Zp", "Paragraph_Separator"},
        {"Cc", "Control", "cntrl"},
        {"Cf", "Format"},
        {"Co", "Private_Use"},
        {"Cn", "Unassigned"},
        {"L", "Letter"},
        {"M", "Mark", "Combining_Mark"},
        {"N", "Number"},
        {"P", "Punctuation", "punct"},
        {"S", "Symbol"},
        {"Z", "Separator"},
        {"C", "Other"},
        {"LC", "Cased_Letter"}
    };

    private UnicodeProperties() {}

    static @Nullable CodePoints of(String name) {
        CodePoints known = KNOWN.get(name);
        if (known != null) {
            return known;
        }
        IntPredicate test = test(name);
        if (test == null) {
            return null;
        }
        CodePoints set = scan(test);
        KNOWN.put(name, set);
        return set;
    }

    private static @Nullable IntPredicate test(String name) {
        int equals = name.indexOf('=');
        if (equals >= 0) {
            String value = name.substring(equals + 1);
            return switch (name.substring(0, equals)) {
                case "General_Category", "gc" -> category(value);
                case "Script", "sc" -> script(value);
                default -> null;
            };
        }
        return switch (name) {
            case "Any" -> c -> true;
            case "ASCII" -> c -> c < 0x80;
            case "Assigned" -> Character::isDefined;
            case "Alphabetic", "Alpha" -> Character::isAlphabetic;
            case "Uppercase", "Upper" -> Character::isUpperCase;
            case "Lowercase", "Lower" -> Character::isLowerCase;
            case "Ideographic", "Ideo" -> Character::isIdeographic;
            case "Emoji" -> Character::isEmoji;
            case "Emoji_Presentation", "EPres" -> Character::isEmojiPresentation;
            case "Extended_Pictographic", "ExtPict" -> Character::isExtendedPictographic;
            default -> category(name);
        };
    }

    private static @Nullable IntPredicate category(String name) {
        for (String[] names : CATEGORIES) {
            if (Arrays.asList(names).contains(name)) {
                String code = names[0];
                return switch (code) {
                    case "L", "M", "N", "P", "S", "Z", "C" -> c -> code(c).charAt(0) == code.charAt(0);
                    case "LC" -> c -> code(c).equals("Lu") || code(c).equals("Ll") || code(c).equals("Lt");
                    default -> c -> code(c).equals(code);
                };
            }
        }
        return null;
    }

    private static String code(int codePoint) {
        return switch ((byte) Character.getType(codePoint)) {
            case Character.UPPERCASE_LETTER -> "Lu";
            case Character.LOWERCASE_LETTER -> "Ll";
            case Character.TITLECASE_LETTER -> "Lt";
            case Character.MODIFIER_LETTER -> "Lm";
            case Character.OTHER_LETTER -> "Lo";
            case Character.NON_SPACING_MARK -> "Mn";
            case Character.COMBINING_SPACING_MARK -> "Mc";
            case Character.ENCLOSING_MARK -> "Me";
            case Character.DECIMAL_DIGIT_NUMBER -> "Nd";
            case Character.LETTER_NUMBER -> "Nl";
            case Character.OTHER_NUMBER -> "No";
            case Character.CONNECTOR_PUNCTUATION -> "Pc";
            case Character.DASH_PUNCTUATION -> "Pd";
            case Character.START_PUNCTUATION -> "Ps";
            case Character.END_PUNCTUATION -> "Pe";
            case Character.INITIAL_QUOTE_PUNCTUATION -> "Pi";
            case Character.FINAL_QUOTE_PUNCTUATION -> "Pf";
            case Character.OTHER_PUNCTUATION -> "Po";
            case Character.MATH_SYMBOL -> "Sm";
            case Character.CURRENCY_SYMBOL -> "Sc";
            case Character.MODIFIER_SYMBOL -> "Sk";
            case Character.OTHER_SYMBOL -> "So";
            case Character.SPACE_SEPARATOR -> "Zs";
            case Character.LINE_SEPARATOR -> "Zl";
            case Character.PARAGRAPH_SEPARATOR -> "Zp";
            case Character.CONTROL -> "Cc";
            case Character.FORMAT -> "Cf";
            case Character.PRIVATE_USE -> "Co";
            default -> "Cn";
        };
    }

    private static @Nullable IntPredicate script(String name) {
        try {
            Character.UnicodeScript script = Character.UnicodeScript.forName(name.toUpperCase(Locale.ROOT));
            return c -> Character.UnicodeScript.of(c) == script;
        } catch (IllegalArgumentException unknown) {
            return null;
        }
    }

    private static CodePoints scan(IntPredicate test) {
        int[] bounds = new int[64];
        int n = 0;
        for (int c = 0; c <= CodePoints.MAX; c++) {
            if (!test.test(c)) {
                continue;
            }
            if (n > 0 && bounds[n - 1] == c - 1) {
                bounds[n - 1] = c;
                continue;
            }
            if (n == bounds.length) {
                bounds = Arrays.copyOf(bounds, 2 * n);
            }
            bounds[n++] = c;
            bounds[n++] = c;
        }
        return CodePoints.ofRanges(Arrays.copyOf(bounds, n));
    }
}
