package dev.lectern.engine.constraint;

import java.util.Arrays;

/// A bit per token id: whether the token may come next. Mutable, not thread-safe; to be reused from token to token.
public final class TokenMask {
    private final int vocabSize;
    private final long[] words;

    public TokenMask(int vocabSize) {
        this.vocabSize = vocabSize;
        this.words = new long[(vocabSize + 63) >>> 6];
    }

    public int vocabSize() {
        return vocabSize;
    }

    public boolean allows(int tokenId) {
        return (words[tokenId >>> 6] >>> tokenId & 1) != 0;
    }

    public void allow(int tokenId) {
        words[tokenId >>> 6] |= 1L << tokenId;
    }

    public void forbid(int tokenId) {
        words[tokenId >>> 6] &= ~(1L << tokenId);
    }

    public void clear() {
        Arrays.fill(words, 0);
    }

    /// Number of tokens allowed.
    public int count() {
        int count = 0;
        for (long word : words) {
            count += Long.bitCount(word);
        }
        return count;
    }

    /// The first allowed token from an id on, or -1.
    public int next(int tokenId) {
        int index = tokenId >>> 6;
        if (index >= words.length) {
            return -1;
        }
        long word = words[index] & (-1L << tokenId);
        while (word == 0) {
            if (++index == words.length) {
                return -1;
            }
            word = words[index];
        }
        return (index << 6) + Long.numberOfTrailingZeros(word);
    }

    /// Gives every token that is not allowed the logit minus infinity.
    ///
    /// @param logits one a token
    /// @return whether a token is left
    public boolean forbidIn(float[] logits) {
        long any = 0;
        for (int index = 0, from = 0; from < logits.length; index++, from += Long.SIZE) {
            long word = index < words.length ? words[index] : 0;
            int to = Math.min(logits.length, from + Long.SIZE);
            any |= word;
            if (word == 0) {
                Arrays.fill(logits, from, to, Float.NEGATIVE_INFINITY);
            } else if (word != -1L) {
                for (int id = from; id < to; id++) {
                    logits[id] = (word >>> id & 1) != 0 ? logits[id] : Float.NEGATIVE_INFINITY;
                }
            }
        }
        return any != 0;
    }

    long[] words() {
        return words;
    }
}
