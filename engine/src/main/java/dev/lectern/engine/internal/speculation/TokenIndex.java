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

    /// A gram that stands in more places does not tell what a text is about.
    private static final int MOST_TELLING = 4;

    /// What is quoted stands close to what was quoted before: tokens to either side.
    private static final int REACH = 64;

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
    /// @param sure   how many tokens from there on are the same at all places that agree as long
    record Match(int next, int length, int sure) {}

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

    /// The place whose tokens before it agree longest with the end of a text. Of several that agree as long,
    /// those at most [#REACH] away from `near` are preferred, of these the nearest; elsewhere the last one.
    ///
    /// @param text  another text, or this one: its very end is no place
    /// @param end   of the text
    /// @param near  a place of this index; negative for none
    /// @return null where there is none, or only places of a single token that is all over this text
    @Nullable
    Match longest(int[] text, int end, int near) {
        if (end == 0) {
            return null;
        }
        Search search = new Search(text, end, near);
        if (near >= 0) {
            int to = Math.min(length - 1, near + REACH);
            for (int last = Math.max(0, near - REACH); last < to; last++) {
                search.consider(last);
            }
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
            if (at > 0 && search.length == 1 && !search.isNear(search.next)) {
                return null;
            }
        }
        return search.length == 0 ? null : new Match(search.next, search.length, search.sure);
    }

    /// Where the three tokens before `end` of another text stand, if that is in few places: after the last of
    /// them.
    ///
    /// @return negative where they stand nowhere, or in too many places to tell what the text is about
    int telling(int[] text, int end) {
        if (end < GRAM) {
            return -1;
        }
        int found = -1;
        int places = 0;
        int left = MOST_GRAMS;
        for (int at = lastGram[gramBucket(text, end - 1)]; at > 0; at = beforeGram[at - 1], left--) {
            if (left == 0) {
                return -1;
            }
            int last = at - 1;
            if (tokens[last] == text[end - 1]
                    && tokens[last - 1] == text[end - 2]
                    && tokens[last - 2] == text[end - 3]) {
                found = found < 0 ? at : found;
                if (++places > MOST_TELLING) {
                    return -1;
                }
            }
        }
        return found;
    }

    /// The best place so far.
    private final class Search {
        private final int[] text;
        private final int end;
        private final int near;
        private int next;
        private int length;
        private int sure;

        Search(int[] text, int end, int near) {
            this.text = text;
            this.end = end;
            this.near = near;
        }

        /// @param last the place of the last token that is to agree
        void consider(int last) {
            int candidate = last + 1;
            if (candidate >= TokenIndex.this.length || tokens[last] != text[end - 1]) {
                return;
            }
            int most = Math.min(LONGEST_MATCH, Math.min(candidate, end));
            int agree = 1;
            while (agree < most && tokens[last - agree] == text[end - 1 - agree]) {
                agree++;
            }
            if (agree > length || agree == length && isNear(candidate) && !isNear(next)) {
                length = agree;
                next = candidate;
                sure = LONGEST_MATCH;
            } else if (agree == length && isNear(candidate) == isNear(next)) {
                sure = Math.min(sure, alike(next, candidate));
                if (isNear(candidate) && Math.abs(candidate - near) < Math.abs(next - near)) {
                    next = candidate;
                }
            }
        }

        boolean isNear(int place) {
            return near >= 0 && Math.abs(place - near) <= REACH;
        }
    }

    /// How many tokens are the same from two places on; where one comes to the end, they do not differ.
    private int alike(int one, int other) {
        int most = Math.min(LONGEST_MATCH, length - Math.max(one, other));
        for (int i = 0; i < most; i++) {
            if (tokens[one + i] != tokens[other + i]) {
                return i;
            }
        }
        return LONGEST_MATCH;
    }

    int[] tokens() {
        return tokens;
    }
}
