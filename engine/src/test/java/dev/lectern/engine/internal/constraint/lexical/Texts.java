package dev.lectern.engine.internal.constraint.lexical;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Texts for tests of automata: runs them, and makes random ones.
final class Texts {
    private Texts() {}

    static boolean accepts(ByteAutomaton automaton, byte[] text) {
        int state = automaton.start();
        for (int i = 0; i < text.length && state != ByteAutomaton.DEAD; i++) {
            state = automaton.next(state, Byte.toUnsignedInt(text[i]));
        }
        return state != ByteAutomaton.DEAD && automaton.accepting(state);
    }

    static boolean accepts(ByteAutomaton automaton, String text) {
        return accepts(automaton, text.getBytes(StandardCharsets.UTF_8));
    }

    /// A text that the automaton accepts, or null if none was found within so many bytes: whatever it
    /// allows, at random, sometimes ending where it may.
    static byte @Nullable [] walk(ByteAutomaton automaton, Random random, int maxBytes) {
        List<Byte> text = new ArrayList<>();
        int state = automaton.start();
        while (text.size() < maxBytes) {
            List<Integer> allowed = new ArrayList<>();
            for (int b = 0; b < 256; b++) {
                if (automaton.next(state, b) != ByteAutomaton.DEAD) {
                    allowed.add(b);
                }
            }
            boolean mayEnd = automaton.accepting(state);
            if (mayEnd && (allowed.isEmpty() || random.nextInt(8) == 0)) {
                byte[] bytes = new byte[text.size()];
                for (int i = 0; i < bytes.length; i++) {
                    bytes[i] = text.get(i);
                }
                return bytes;
            }
            if (allowed.isEmpty()) {
                throw new AssertionError("a dead end that is not DEAD after " + text);
            }
            boolean quote = allowed.contains((int) '"') && text.size() > 1 && random.nextInt(8) == 0;
            int next = quote ? '"' : allowed.get(random.nextInt(allowed.size()));
            text.add((byte) next);
            state = automaton.next(state, next);
        }
        return null;
    }

    /// A string as JSON text, each character in one of its spellings at random.
    static String spelled(String value, Random random) {
        StringBuilder text = new StringBuilder("\"");
        value.codePoints().forEach(c -> {
            int at = "\"\\/\b\f\n\r\t".indexOf(c);
            if (at >= 0 && random.nextBoolean()) {
                text.append('\\').append("\"\\/bfnrt".charAt(at));
            } else if (c < 0x20 || c == '"' || c == '\\' || random.nextInt(4) == 0) {
                for (char unit : Character.toChars(c)) {
                    String hex = String.format("%04x", (int) unit);
                    text.append("\\u").append(random.nextBoolean() ? hex : hex.toUpperCase(Locale.ROOT));
                }
            } else {
                text.appendCodePoint(c);
            }
        });
        return text.append('"').toString();
    }

    /// A string of code points from an alphabet that holds what automata find hard.
    static String random(Random random, int maxLength, String alphabet) {
        int[] letters = alphabet.codePoints().toArray();
        StringBuilder value = new StringBuilder();
        int length = random.nextInt(maxLength + 1);
        for (int i = 0; i < length; i++) {
            value.appendCodePoint(letters[random.nextInt(letters.length)]);
        }
        return value.toString();
    }
}
