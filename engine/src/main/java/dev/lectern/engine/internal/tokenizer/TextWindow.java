package dev.lectern.engine.internal.tokenizer;

import dev.lectern.engine.EngineException.ModelUnsupported;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The part of a normalised text that is not encoded yet, with each character's place in the text as it was.
///
/// Counts what a pattern reads, so that one that tries endlessly is stopped with an error. Not thread-safe.
final class TextWindow implements CharSequence {
    /// A match of the patterns of real tokenizers reads each character a few times.
    private static final long READS_PER_CHARACTER = 256;

    private static final long READS_AT_LEAST = 1 << 20;

    private final String origin;
    private char[] characters = new char[1 << 13];
    private int length;

    /// Place in the source of `characters[0]` while all characters stand where they stood, one behind
    /// another.
    private long base;

    /// Place in the source of each character; null while `base` tells.
    private long @Nullable [] places;

    private long sourceEnd;
    private long readsLeft;

    TextWindow(String origin) {
        this.origin = origin;
    }

    char[] characters() {
        return characters;
    }

    /// Appends characters that stand at `place` and behind it in the source, one for one.
    void append(CharSequence text, int from, int to, long place) {
        int count = to - from;
        reserve(count);
        if (length == 0 && places == null) {
            base = place;
        } else if (places == null && base + length != place) {
            listPlaces();
        }
        for (int i = 0; i < count; i++) {
            characters[length + i] = text.charAt(from + i);
        }
        if (places != null) {
            for (int i = 0; i < count; i++) {
                places[length + i] = place + i;
            }
        }
        length += count;
        sourceEnd = place + count;
    }

    /// Appends characters whose places are listed.
    void append(CharSequence text, long[] sources, long end) {
        reserve(text.length());
        if (places == null) {
            listPlaces();
        }
        long[] all = java.util.Objects.requireNonNull(places);
        for (int i = 0; i < text.length(); i++) {
            characters[length + i] = text.charAt(i);
            all[length + i] = sources[i];
        }
        length += text.length();
        sourceEnd = end;
    }

    /// Place in the source of a character, or of the end.
    long place(int index) {
        if (places == null) {
            return Math.max(0, Math.min(base + index, sourceEnd));
        }
        return index < length ? places[index] : sourceEnd;
    }

    /// Forgets the characters before `from`.
    void drop(int from) {
        System.arraycopy(characters, from, characters, 0, length - from);
        if (places != null) {
            System.arraycopy(places, from, places, 0, length - from);
        }
        base += from;
        length -= from;
    }

    private void reserve(int count) {
        if (characters.length - length < count) {
            int capacity = Math.max(length + count, characters.length + characters.length / 2);
            characters = Arrays.copyOf(characters, capacity);
            if (places != null) {
                places = Arrays.copyOf(places, capacity);
            }
        }
    }

    private void listPlaces() {
        places = new long[characters.length];
        for (int i = 0; i < length; i++) {
            places[i] = Math.max(0, base + i);
        }
    }

    /// Grants reads for one match over so many characters.
    void allowReads(int count) {
        readsLeft = READS_AT_LEAST + READS_PER_CHARACTER * count;
    }

    @Override
    public char charAt(int index) {
        if (--readsLeft < 0) {
            throw new ModelUnsupported("[" + origin + "] a pattern of this tokenizer reads the same text over and over;"
                    + " it would not end in useful time");
        }
        return characters[index];
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public CharSequence subSequence(int from, int to) {
        return new String(characters, from, to - from);
    }

    @Override
    public String toString() {
        return "TextWindow[" + length + " characters]";
    }
}
