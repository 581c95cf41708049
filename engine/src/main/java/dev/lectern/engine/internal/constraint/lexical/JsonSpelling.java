package dev.lectern.engine.internal.constraint.lexical;

/// The one canonical spelling of text within a JSON string, as `json.dumps(text, ensure_ascii=False)` writes it:
/// UTF-8, with only those escapes that are needed, the short ones where there are any, hex digits in lower case.
///
/// A spelled text has no byte below 0x20 and no quote that is not after a backslash.
public final class JsonSpelling {
    /// Between two characters; every other state is within the bytes of one.
    public static final int BETWEEN = 0;

    /// A character has at most so many bytes: `\u001f`.
    public static final int MAX_BYTES = 6;

    private static final int ESCAPED = MAX_BYTES;

    private static final String HEX_DIGITS = "0123456789abcdef";

    private JsonSpelling() {}

    /// The bytes of a character.
    ///
    /// @param codePoint no surrogate
    public static int size(int codePoint) {
        if (codePoint >= 0x80) {
            return codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
        }
        if (codePoint >= 0x20) {
            return codePoint == '"' || codePoint == '\\' ? 2 : 1;
        }
        return shortEscape(codePoint) != 0 ? 2 : 6;
    }

    private static int shortEscape(int codePoint) {
        return switch (codePoint) {
            case '"' -> '"';
            case '\\' -> '\\';
            case '\b' -> 'b';
            case '\f' -> 'f';
            case '\n' -> 'n';
            case '\r' -> 'r';
            case '\t' -> 't';
            default -> 0;
        };
    }

    /// Writes a character.
    ///
    /// @param codePoint no surrogate
    /// @return the index after it
    public static int write(int codePoint, byte[] into, int from) {
        int at = from;
        if (codePoint < 0x80) {
            int escape = shortEscape(codePoint);
            if (escape != 0) {
                into[at++] = '\\';
                into[at++] = (byte) escape;
            } else if (codePoint >= 0x20) {
                into[at++] = (byte) codePoint;
            } else {
                into[at++] = '\\';
                into[at++] = 'u';
                into[at++] = '0';
                into[at++] = '0';
                into[at++] = (byte) HEX_DIGITS.charAt(codePoint >> 4);
                into[at++] = (byte) HEX_DIGITS.charAt(codePoint & 15);
            }
        } else if (codePoint < 0x800) {
            into[at++] = (byte) (0xC0 | codePoint >> 6);
            into[at++] = (byte) (0x80 | codePoint & 0x3F);
        } else if (codePoint < 0x10000) {
            into[at++] = (byte) (0xE0 | codePoint >> 12);
            into[at++] = (byte) (0x80 | codePoint >> 6 & 0x3F);
            into[at++] = (byte) (0x80 | codePoint & 0x3F);
        } else {
            into[at++] = (byte) (0xF0 | codePoint >> 18);
            into[at++] = (byte) (0x80 | codePoint >> 12 & 0x3F);
            into[at++] = (byte) (0x80 | codePoint >> 6 & 0x3F);
            into[at++] = (byte) (0x80 | codePoint & 0x3F);
        }
        return at;
    }

    /// The spelling of a text, without quotes; surrogates without their other half become question marks.
    public static byte[] of(String text) {
        int size = 0;
        for (int i = 0; i < text.length(); i++) {
            int codePoint = text.codePointAt(i);
            i += codePoint >= 0x10000 ? 1 : 0;
            size += isSurrogate(codePoint) ? 1 : size(codePoint);
        }
        byte[] spelled = new byte[size];
        int at = 0;
        for (int i = 0; i < text.length(); i++) {
            int codePoint = text.codePointAt(i);
            i += codePoint >= 0x10000 ? 1 : 0;
            at = write(isSurrogate(codePoint) ? '?' : codePoint, spelled, at);
        }
        return spelled;
    }

    public static boolean isSurrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    /// Where one is after a further byte of a spelled text.
    ///
    /// @param state [#BETWEEN] or what this method has returned: the bytes of the character that are missing,
    ///              or that it is not known yet how many
    public static int next(int state, int unsignedByte) {
        if (state == ESCAPED) {
            return unsignedByte == 'u' ? 4 : BETWEEN;
        }
        if (state != BETWEEN) {
            return state - 1;
        }
        if (unsignedByte == '\\') {
            return ESCAPED;
        }
        return unsignedByte < 0x80 ? BETWEEN : unsignedByte < 0xE0 ? 1 : unsignedByte < 0xF0 ? 2 : 3;
    }
}
