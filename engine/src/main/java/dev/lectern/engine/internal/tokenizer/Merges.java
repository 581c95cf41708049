package dev.lectern.engine.internal.tokenizer;

import java.util.Arrays;

/// Pairs of neighbours that become one token, found by a hash of both ids. Immutable.
///
/// The pair of the lowest rank is merged first, the leftmost of equal ones. Merge lists rank every pair
/// apart; vocabularies without a list (tiktoken, SentencePiece) rank a pair by what it makes, so that pairs
/// that make the same token have the same rank.
final class Merges {
    /// Rank of a pair that does not merge; above every other.
    static final int NEVER = Integer.MAX_VALUE;

    private static final long EMPTY = -1;

    private final int[] left;
    private final int[] right;
    private final int[] into;
    private final int[] rank;

    /// Open addressing over `left << 32 | right`; `slots` holds the index into the arrays above.
    private final long[] keys;

    private final int[] slots;
    private final int shift;

    private Merges(Builder builder) {
        this.left = Arrays.copyOf(builder.left, builder.count);
        this.right = Arrays.copyOf(builder.right, builder.count);
        this.into = Arrays.copyOf(builder.into, builder.count);
        this.rank = Arrays.copyOf(builder.rank, builder.count);
        int bits = Math.max(4, Integer.SIZE - Integer.numberOfLeadingZeros(builder.count) + 1);
        this.keys = new long[1 << bits];
        this.slots = new int[1 << bits];
        this.shift = Long.SIZE - bits;
        Arrays.fill(keys, EMPTY);
        for (int i = 0; i < builder.count; i++) {
            long key = key(left[i], right[i]);
            int at = slot(key);
            if (keys[at] == EMPTY) { // Of a pair that is listed twice the first counts.
                keys[at] = key;
                slots[at] = i;
            }
        }
    }

    int size() {
        return left.length;
    }

    int left(int index) {
        return left[index];
    }

    int right(int index) {
        return right[index];
    }

    /// The token that the pair becomes.
    int into(int index) {
        return into[index];
    }

    int rank(int index) {
        return rank[index];
    }

    /// Index of the merge of two neighbours, or -1.
    int find(int leftId, int rightId) {
        long key = key(leftId, rightId);
        int at = slot(key);
        return keys[at] == key ? slots[at] : -1;
    }

    /// Rank of two neighbours, or [#NEVER].
    int rankOf(int leftId, int rightId) {
        int index = find(leftId, rightId);
        return index < 0 ? NEVER : rank[index];
    }

    /// The slot of a key, or the empty one where it would go.
    private int slot(long key) {
        int mask = keys.length - 1;
        int at = (int) ((key * 0x9E3779B97F4A7C15L) >>> shift);
        while (keys[at] != EMPTY && keys[at] != key) {
            at = (at + 1) & mask;
        }
        return at;
    }

    private static long key(int leftId, int rightId) {
        return ((long) leftId << Integer.SIZE) | rightId;
    }

    /// Collects pairs in ascending rank.
    static final class Builder {
        private int[] left = new int[1024];
        private int[] right = new int[1024];
        private int[] into = new int[1024];
        private int[] rank = new int[1024];
        private int count;

        void add(int leftId, int rightId, int intoId, int rankOfPair) {
            if (count == left.length) {
                int capacity = count + count / 2;
                left = Arrays.copyOf(left, capacity);
                right = Arrays.copyOf(right, capacity);
                into = Arrays.copyOf(into, capacity);
                rank = Arrays.copyOf(rank, capacity);
            }
            left[count] = leftId;
            right[count] = rightId;
            into[count] = intoId;
            rank[count] = rankOfPair;
            count++;
        }

        Merges build() {
            return new Merges(this);
        }
    }
}
