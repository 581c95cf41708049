package dev.lectern.engine.internal.constraint.mask;

/// A set of tokens: a list while that is shorter, else a bit each. Immutable.
public final class TokenSet {
    private static final int[] NONE = {};

    private final int[] listed;
    private final long[] bits;

    private TokenSet(int[] listed, long[] bits) {
        this.listed = listed;
        this.bits = bits;
    }

    public static TokenSet of(IntList tokens, int vocabSize) {
        int words = (vocabSize + 63) >>> 6;
        if (tokens.size() <= words / 2) {
            return new TokenSet(tokens.toArray(), new long[0]);
        }
        long[] bits = new long[words];
        for (int i = 0; i < tokens.size(); i++) {
            int token = tokens.get(i);
            bits[token >>> 6] |= 1L << token;
        }
        return new TokenSet(NONE, bits);
    }

    /// @param bits a bit per token; no longer the caller's
    public static TokenSet of(long[] bits) {
        int count = 0;
        for (long word : bits) {
            count += Long.bitCount(word);
        }
        if (count > bits.length / 2) {
            return new TokenSet(NONE, bits);
        }
        int[] listed = new int[count];
        int size = 0;
        for (int i = 0; i < bits.length; i++) {
            for (long word = bits[i]; word != 0; word &= word - 1) {
                listed[size++] = (i << 6) + Long.numberOfTrailingZeros(word);
            }
        }
        return new TokenSet(listed, new long[0]);
    }

    /// With further tokens.
    public TokenSet and(IntList more, int vocabSize) {
        long[] all = new long[(vocabSize + 63) >>> 6];
        addTo(all);
        for (int i = 0; i < more.size(); i++) {
            all[more.get(i) >>> 6] |= 1L << more.get(i);
        }
        return of(all);
    }

    public void addTo(long[] words) {
        for (int i = 0; i < bits.length; i++) {
            words[i] |= bits[i];
        }
        for (int token : listed) {
            words[token >>> 6] |= 1L << token;
        }
    }

    public void removeFrom(long[] words) {
        for (int i = 0; i < bits.length; i++) {
            words[i] &= ~bits[i];
        }
        for (int token : listed) {
            words[token >>> 6] &= ~(1L << token);
        }
    }
}
