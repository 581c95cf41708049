package dev.lectern.engine.internal.tokenizer;

import java.nio.charset.StandardCharsets;

/// The 256 printable characters that stand for the bytes in byte-level vocabularies (GPT-2's
/// `bytes_to_unicode`).
///
/// The printable bytes of Latin-1, `!` to `~`, `¡` to `¬` and `®` to `ÿ`, stand for themselves; the other 68
/// bytes take the characters from U+0100 on in ascending order. So the space, byte 0x20, is `Ġ`, U+0120.
final class ByteAlphabet {
    private static final char FIRST_SUBSTITUTE = '\u0100';
    private static final char[] CHARACTERS = new char[256];
    private static final short[] BYTES = new short[FIRST_SUBSTITUTE + 68];

    static {
        java.util.Arrays.fill(BYTES, (short) -1);
        char substitute = FIRST_SUBSTITUTE;
        for (int value = 0; value < 256; value++) {
            CHARACTERS[value] = isPrintable(value) ? (char) value : substitute++;
            BYTES[CHARACTERS[value]] = (short) value;
        }
    }

    private ByteAlphabet() {}

    /// The byte that a character stands for, or -1 if it stands for none.
    static int byteOf(char character) {
        return character < BYTES.length ? BYTES[character] : -1;
    }

    static char characterOf(int value) {
        return CHARACTERS[value];
    }

    /// Spells a text's UTF-8 bytes.
    static String spell(char[] text, int from, int to) {
        return spell(new String(text, from, to - from).getBytes(StandardCharsets.UTF_8));
    }

    /// Spells bytes.
    static String spell(byte[] bytes) {
        char[] spelled = new char[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            spelled[i] = CHARACTERS[bytes[i] & 0xFF];
        }
        return new String(spelled);
    }

    private static boolean isPrintable(int value) {
        return (value >= '!' && value <= '~') || (value >= 0xA1 && value <= 0xAC) || (value >= 0xAE && value <= 0xFF);
    }
}
