package dev.lectern.engine.internal.speculation;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Tokens of a text, and where they stood before: finds the place whose tokens before it agree with the last ones of
/// another text for as long as possible.
///
/// Two hash tables with chains, of single tokens and of [#GRAM] in a row, which grow with the text. Memory: 14 to 16
/// bytes a token once [#trim] was called, twice that while it grows beyond what was expected. Appended to by one
/// thread; safe to be read by many once it no longer grows.
public final class TokenIndex {
    private static final int GRAM = 3;

    /// Longer agreements are not told apart.
    static final int LONGEST_MATCH = 32;

    /// Places that are looked at in a chain, the last ones of the text first.
    private static final int MOST_GRAMS = 256;

    /// A single token that stands in more places says too little about what follows.
    private static final int MOST_SINGLES = 48;

    /// Buckets for single tokens: no vocabulary needs many more.
    private static final int MOST_SINGLE_BUCKETS = 1 << 18;

    private static final int LEAST_CAPACITY = 64;

    private int[] tokens;
    private int length;
    /// By bucket: the last place with such a token, or end of such a gram, plus 1; 0 for none.
    private int[] lastSingle;

    private int[] lastGram;
    /// By place: the one before it in the same bucket, plus 1; 0 for none.
    private int[] beforeSingle;

    private int[] beforeGram;

    /// A place in an index.
    ///
    /// @param next   the place after the tokens that agree
    /// @param length how many agree, [#LONGEST_MATCH] at most
    record Match(int next, int length) {}

    /// @param expectedTokens how many will be appended, as far as known: memory for them is taken at once
    public TokenIndex(int expectedTokens) {
        int capacity = Math.max(LEAST_CAPACITY, expectedTokens);
        tokens = new int[capacity];
        beforeSingle = new int[capacity];
        beforeGram = new int[capacity];
        lastSingle = new int[Math.min(MOST_SINGLE_BUCKETS, Integer.highestOneBit(capacity))];
        lastGram = new int[Integer.highestOneBit(capacity)];
    }

    /// Tokens so far.
    public int length() {
        return length;
    }

    /// Bytes of memory.
    long memoryBytes() {
        return 4L * tokens.length
                + 4L * beforeSingle.length
                + 4L * beforeGram.length
                + 4L * lastSingle.length
                + 4L * lastGram.length;
    }

    int token(int place) {
        return tokens[place];
    }

    /// Appends `more[from, to)`.
    public void append(int[] more, int from, int to) {
        int end = Math.addExact(length, to - from);
        if (end > tokens.length) {
            grow((int) Math.min(Integer.MAX_VALUE - 8L, Math.max(end, tokens.length + (tokens.length >> 1))));
        }
        System.arraycopy(more, from, tokens, length, to - from);
        while (length < end) {
            chain(length++);
        }
    }

    /// Gives back the memory that was taken for more tokens than came.
    public void trim() {
        if (tokens.length > length) {
            resize(length);
        }
    }

    private void grow(int capacity) {
        resize(capacity);
        int buckets = Integer.highestOneBit(capacity);
        if (buckets > lastGram.length) {
            lastGram = new int[buckets];
            lastSingle = new int[Math.min(MOST_SINGLE_BUCKETS, buckets)];
            for (int place = 0; place < length; place++) {
                chain(place);
            }
        }
    }

    private void resize(int capacity) {
        tokens = Arrays.copyOf(tokens, capacity);
        beforeSingle = Arrays.copyOf(beforeSingle, capacity);
        beforeGram = Arrays.copyOf(beforeGram, capacity);
    }

    private void chain(int place) {
        int single = singleBucket(tokens, place);
        beforeSingle[place] = lastSingle[single];
        lastSingle[single] = place + 1;
        if (place >= GRAM - 1) {
            int gram = gramBucket(tokens, place);
            beforeGram[place] = lastGram[gram];
            lastGram[gram] = place + 1;
        }
    }

    private int singleBucket(int[] text, int last) {
        return spread(text[last]) & (lastSingle.length - 1);
    }

    private int gramBucket(int[] text, int last) {
        int hash = text[last - 2] * 0x9E3779B1;
        hash = (Integer.rotateLeft(hash, 13) ^ text[last - 1]) * 0x85EBCA6B;
        hash = (Integer.rotateLeft(hash, 13) ^ text[last]) * 0xC2B2AE35;
        return spread(hash) & (lastGram.length - 1);
    }

    private static int spread(int hash) {
        int mixed = (hash ^ hash >>> 16) * 0x7FEB352D;
        return mixed ^ mixed >>> 15;
    }

    /// The place whose tokens before it agree longest with the end of a text: of equals the one nearest to
    /// `near`.
    ///
    /// @param text  another text, or this one: its very end is no place
    /// @param end   of the text
    /// @param near  a place of this index, looked at in any case; negative for none: of equals the last one
    /// @return null where there is none, or only places of a single token that is all over this text
    @Nullable
    Match longest(int[] text, int end, int near) {
        if (end == 0) {
            return null;
        }
        Search search = new Search(text, end, near);
        if (near > 0 && near < length) {
            search.consider(near - 1);
        }
        if (end >= GRAM) {
            int left = MOST_GRAMS;
            for (int at = lastGram[gramBucket(text, end - 1)]; at > 0 && left > 0; at = beforeGram[at - 1], left--) {
                search.consider(at - 1);
            }
        }
        if (search.length < GRAM) {
            int left = MOST_SINGLES;
            int at = lastSingle[singleBucket(text, end - 1)];
            for (; at > 0 && left > 0; at = beforeSingle[at - 1], left--) {
                search.consider(at - 1);
            }
            if (at > 0 && search.length == 1) {
                return null;
            }
        }
        return search.length == 0 ? null : new Match(search.next, search.length);
    }

    /// The best place so far.
    private final class Search {
        private final int[] text;
        private final int end;
        private final int near;
        private int next;
        private int length;

        Search(int[] text, int end, int near) {
            this.text = text;
            this.end = end;
            this.near = near;
        }

        /// @param last the place of the last token that is to agree
        void consider(int last) {
            if (last + 1 >= TokenIndex.this.length) {
                return;
            }
            int most = Math.min(LONGEST_MATCH, Math.min(last + 1, end));
            int agree = 0;
            while (agree < most && tokens[last - agree] == text[end - 1 - agree]) {
                agree++;
            }
            if (agree > length
                    || agree == length && agree > 0 && near >= 0 && Math.abs(last + 1 - near) < Math.abs(next - near)) {
                length = agree;
                next = last + 1;
            }
        }
    }

    int[] tokens() {
        return tokens;
    }
}
