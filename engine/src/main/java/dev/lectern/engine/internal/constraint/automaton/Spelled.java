package dev.lectern.engine.internal.constraint.automaton;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The JSON text of a string, a number or a literal as far as it has been read. Immutable; a longer one shares its
/// beginning with the shorter.
final class Spelled {
    static final Spelled NONE = new Spelled(null, 0, 0);

    private final @Nullable Spelled before;
    private final byte last;
    private final int length;

    private Spelled(@Nullable Spelled before, int last, int length) {
        this.before = before;
        this.last = (byte) last;
        this.length = length;
    }

    Spelled and(int value) {
        return new Spelled(this, value, length + 1);
    }

    int length() {
        return length;
    }

    byte[] bytes() {
        byte[] bytes = new byte[length];
        Spelled at = this;
        for (int i = length - 1; i >= 0 && at != null; i--) {
            bytes[i] = at.last;
            at = at.before;
        }
        return bytes;
    }

    /// As it is written: for numbers and literals.
    String ascii() {
        return new String(bytes(), StandardCharsets.US_ASCII);
    }

    /// The whole characters of a string so far. The text begins with its quote.
    String characters() {
        return characters(bytes(), 1);
    }

    /// Whether the string so far ends with a whole character (or has none).
    boolean endsWithCharacter() {
        byte[] bytes = bytes();
        return wholeUntil(bytes, 1) == bytes.length;
    }

    /// Where the last whole character ends.
    private static int wholeUntil(byte[] bytes, int from) {
        int at = from;
        while (at < bytes.length) {
            int size = size(bytes, at);
            if (at + size > bytes.length || (bytes[at] == '"' && at > 0)) {
                return at;
            }
            at += size;
        }
        return at;
    }

    /// The bytes that the character takes which begins at `at`, as far as the text tells.
    private static int size(byte[] bytes, int at) {
        int first = bytes[at] & 0xFF;
        if (first == '\\') {
            if (at + 1 >= bytes.length || bytes[at + 1] != 'u') {
                return 2;
            }
            // A high surrogate, d8 to db, is half of a character.
            boolean high = at + 3 < bytes.length
                    && (bytes[at + 2] == 'd' || bytes[at + 2] == 'D')
                    && "89abAB".indexOf(bytes[at + 3]) >= 0;
            return high ? 12 : 6;
        }
        return first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    }

    private static String characters(byte[] bytes, int from) {
        int end = wholeUntil(bytes, from);
        return CanonicalText.read(Arrays.copyOfRange(bytes, from, end), end - from);
    }
}
