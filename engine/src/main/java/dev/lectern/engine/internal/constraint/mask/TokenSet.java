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
