package dev.lectern.engine.internal.chat.jinja;

/// Values of string and number tokens.
final class Literals {
    private Literals() {}

    /// Python's integer literals: decimal, `0x`, `0o`, `0b`, with underscores.
    static Value integer(Token token) {
        String digits = token.text().replace("_", "");
        try {
            if (digits.length() > 2 && digits.charAt(0) == '0' && Character.isLetter(digits.charAt(1))) {
                int base = switch (Character.toLowerCase(digits.charAt(1))) {
                    case 'x' -> 16;
                    case 'o' -> 8;
                    default -> 2;
                };
                return Value.number(Long.parseLong(digits.substring(2), base));
            }
            return Value.number(Long.parseLong(digits));
        } catch (NumberFormatException e) {
            throw new TemplateException(
                    TemplateException.Reason.UNSUPPORTED, "integer " + digits + " is beyond 64 bits", token.at());
        }
    }

    static Value real(Token token) {
        return new Value.Real(Double.parseDouble(token.text().replace("_", "")));
    }

    /// A string between its quotes, with Python's escapes replaced. An unknown escape stays as it is.
    static String string(Token token) {
        String source = token.text();
        int escape = source.indexOf('\\');
        if (escape < 0) {
            return source;
        }
        StringBuilder text = new StringBuilder(source.length());
        int at = 0;
        while (at < source.length()) {
            char c = source.charAt(at++);
            if (c != '\\') {
                text.append(c);
                continue;
            }
            char escaped = source.charAt(at++);
            switch (escaped) {
                case '\n' -> {}
                case '\\', '\'', '"' -> text.append(escaped);
                case 'a' -> text.append('\u0007');
                case 'b' -> text.append('\b');
                case 'f' -> text.append('\f');
                case 'n' -> text.append('\n');
                case 'r' -> text.append('\r');
                case 't' -> text.append('\t');
                case 'v' -> text.append('\u000B');
                case 'x' -> at = hexadecimal(token, at, 2, text);
                case 'u' -> at = hexadecimal(token, at, 4, text);
                case 'U' -> at = hexadecimal(token, at, 8, text);
                case '0', '1', '2', '3', '4', '5', '6', '7' -> at = octal(source, at - 1, text);
                case 'N' ->
                    throw new TemplateException(
                            TemplateException.Reason.UNSUPPORTED, "\\N{…} in a string is not supported", token.at());
                default -> text.append('\\').append(escaped);
            }
        }
        return text.toString();
    }

    private static int hexadecimal(Token token, int at, int digits, StringBuilder text) {
        int value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = at + i < token.text().length()
                    ? Character.digit(token.text().charAt(at + i), 16)
                    : -1;
            value = value << 4 | digit;
            if (digit < 0 || value < 0) {
                throw badEscape(token);
            }
        }
        if (!Character.isValidCodePoint(value)) {
            throw badEscape(token);
        }
        text.appendCodePoint(value);
        return at + digits;
    }

    private static TemplateException badEscape(Token token) {
        return new TemplateException(
                TemplateException.Reason.SYNTAX, "a string with a bad \\x, \\u or \\U escape", token.at());
    }

    private static int octal(String source, int at, StringBuilder text) {
        int value = 0;
        int end = at;
        while (end < source.length() && end < at + 3 && source.charAt(end) >= '0' && source.charAt(end) <= '7') {
            value = value * 8 + source.charAt(end++) - '0';
        }
        text.append((char) value);
        return end;
    }
}
