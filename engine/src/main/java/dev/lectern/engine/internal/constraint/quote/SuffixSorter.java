package dev.lectern.engine.internal.constraint.quote;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;

/// Puts the starts of spans into the order of what follows them.
///
/// First by so many bytes, four at a time (most texts are told apart by them). Groups that are still equal, as in a
/// corpus with copies, are refined by the ranks of starts further on, which doubles the bytes looked at with every
/// round (Larsson and Sadakane, "Faster suffix sorting", 2007): no text takes more than some thirty rounds. That the
/// starts alone suffice is because equal texts have equal starts ([WordStarts]; so do the suffix arrays on words of
/// Ferragina and Fischer, 2007).
///
/// Memory beside the result: four bytes and a bit per start, and some ten megabytes.
final class SuffixSorter {
    private static final VarHandle FOUR_BYTES = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final int BUCKETS = 1 << 16;
    private static final int KEY_BYTES = 4;
    /// Bytes looked at before ranks are; less than [SpelledTexts#PADDING].
    private static final int DEPTH = 2 + 32 * KEY_BYTES;
    /// The starts are never further apart than this, even where a text ends in between, a character more
    /// included.
    private static final int MAX_STRIDE = 100;

    private static final int FEW = 12;
    /// Larger groups are parted in place first, byte by byte.
    private static final int MANY = 1 << 20;

    private final SpelledTexts texts;
    private final byte[] bytes;
    private final int[] order;
    /// Where a group of equal ones begins.
    private final BitSet begins;

    private final int many;
    private long[] keys = new long[0];

    private SuffixSorter(SpelledTexts texts, int many) {
        this.many = many;
        this.texts = texts;
        this.bytes = texts.bytes();
        this.order = new int[texts.startCount()];
        this.begins = new BitSet(order.length + 1);
    }

    /// The starts in the order of the bytes that follow them.
    static int[] sort(SpelledTexts texts) {
        return sort(texts, MANY);
    }

    /// @param many larger groups are parted in place
    static int[] sort(SpelledTexts texts, int many) {
        SuffixSorter sorter = new SuffixSorter(texts, many);
        sorter.sortByBytes();
        sorter.sortByRanks();
        return sorter.order;
    }

    private void sortByBytes() {
        int[] bucket = new int[BUCKETS + 1];
        for (int at = texts.startFrom(0); at >= 0; at = texts.startFrom(at + 1)) {
            bucket[twoBytes(at) + 1]++;
        }
        for (int i = 0; i < BUCKETS; i++) {
            bucket[i + 1] += bucket[i];
        }
        int[] next = bucket.clone();
        for (int at = texts.startFrom(0); at >= 0; at = texts.startFrom(at + 1)) {
            order[next[twoBytes(at)]++] = at;
        }
        for (int i = 0; i < BUCKETS; i++) {
            if (bucket[i] < bucket[i + 1]) {
                sort(bucket[i], bucket[i + 1], 2);
            }
        }
        begins.set(order.length);
    }

    private int twoBytes(int at) {
        return (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
    }

    /// Sorts places that are equal in their first bytes.
    private void sort(int from, int to, int depth) {
        begins.set(from);
        int count = to - from;
        if (count == 1 || depth >= DEPTH) {
            return;
        }
        if (count > many) {
            int[] bounds = part(from, to, new ByByte(depth));
            for (int value = 0; value < 256; value++) {
                if (bounds[value] < bounds[value + 1]) {
                    sort(bounds[value], bounds[value + 1], depth + 1);
                }
            }
            return;
        }
        if (count <= FEW) {
            sortFew(from, to, depth);
            return;
        }
        expectKeys(count);
        for (int i = 0; i < count; i++) {
            int at = order[from + i];
            int key = (int) FOUR_BYTES.get(bytes, at + depth) ^ Integer.MIN_VALUE;
            keys[i] = (long) key << 32 | at;
        }
        takeSorted(from, count);
        for (int begin = from; begin < to; ) {
            int end = begins.nextSetBit(begin + 1);
            end = end < 0 ? to : Math.min(end, to);
            sort(begin, end, depth + KEY_BYTES);
            begin = end;
        }
    }

    /// Sorts the keys, takes the places from them and begins a group where keys differ.
    private void takeSorted(int from, int count) {
        Arrays.sort(keys, 0, count);
        for (int i = 0; i < count; i++) {
            order[from + i] = (int) keys[i];
            if (i > 0 && keys[i] >> 32 != keys[i - 1] >> 32) {
                begins.set(from + i);
            }
        }
    }

    private void sortFew(int from, int to, int depth) {
        for (int i = from + 1; i < to; i++) {
            int at = order[i];
            int j = i;
            while (j > from && compare(order[j - 1], at, depth) > 0) {
                order[j] = order[j - 1];
                j--;
            }
            order[j] = at;
        }
        for (int i = from + 1; i < to; i++) {
            if (compare(order[i - 1], order[i], depth) != 0) {
                begins.set(i);
            }
        }
    }

    private int compare(int left, int right, int depth) {
        return Arrays.compareUnsigned(bytes, left + depth, left + DEPTH, bytes, right + depth, right + DEPTH);
    }

    private void sortByRanks() {
        int count = order.length;
        if (begins.cardinality() == count + 1) {
            return;
        }
        int[] ranks = new int[count];
        for (int from = 0; from < count; ) {
            from = rank(ranks, from);
        }
        long depth = DEPTH;
        boolean settled = false;
        while (!settled) {
            settled = true;
            for (int from = begins.nextClearBit(0) - 1; from < count; ) {
                int to = begins.nextSetBit(from + 1);
                sortByRanks(ranks, from, to, depth);
                settled = false;
                from = begins.nextClearBit(to) - 1;
            }
            depth = Math.min(2 * depth - MAX_STRIDE, Integer.MAX_VALUE);
        }
    }

    /// Gives the places of a group their rank.
    ///
    /// @return where the next group begins
    private int rank(int[] ranks, int from) {
        int to = begins.nextSetBit(from + 1);
        for (int i = from; i < to; i++) {
            ranks[texts.ordinal(order[i])] = from;
        }
        return to;
    }

    /// Refines a group of places that are followed by so many equal bytes.
    private void sortByRanks(int[] ranks, int from, int to, long depth) {
        int first = order[from];
        // A start further on, the same one for all: that it is one is to be seen from the equal bytes.
        int stride = texts.startUpTo((int) Math.min(texts.length() - 1L, first + depth - 8)) - first;
        sortByKeys(from, to, new ByRank(ranks, stride, 24));
        for (int begin = from; begin < to; ) {
            begin = rank(ranks, begin);
        }
    }

    private void sortByKeys(int from, int to, ByRank key) {
        int count = to - from;
        if (count <= many) {
            expectKeys(count);
            for (int i = 0; i < count; i++) {
                int at = order[from + i];
                keys[i] = (long) key.rank(at) << 32 | at;
            }
            takeSorted(from, count);
        } else if (!key.isLast()) {
            int[] bounds = part(from, to, key);
            for (int value = 0; value < 256; value++) {
                if (bounds[value] < bounds[value + 1]) {
                    begins.set(bounds[value]);
                    sortByKeys(bounds[value], bounds[value + 1], key.finer());
                }
            }
        }
    }

    private void expectKeys(int count) {
        if (keys.length < count) {
            keys = new long[Math.max(count, Math.min(many, 2 * keys.length))];
        }
    }

    /// What places of a group are parted by.
    private sealed interface Key {
        /// 0..255.
        int of(int place);
    }

    private final class ByByte implements Key {
        private final int depth;

        ByByte(int depth) {
            this.depth = depth;
        }

        @Override
        public int of(int place) {
            return bytes[place + depth] & 0xFF;
        }
    }

    private final class ByRank implements Key {
        private final int[] ranks;
        private final int stride;
        private final int shift;

        ByRank(int[] ranks, int stride, int shift) {
            this.ranks = ranks;
            this.stride = stride;
            this.shift = shift;
        }

        int rank(int place) {
            return ranks[texts.ordinal(place + stride)];
        }

        @Override
        public int of(int place) {
            return rank(place) >>> shift & 0xFF;
        }

        boolean isLast() {
            return shift < 0;
        }

        ByRank finer() {
            return new ByRank(ranks, stride, shift - 8);
        }
    }

    /// Puts the places of a group into the order of a key, in place ("American flag sort", McIlroy, Bostic and
    /// McIlroy, 1993).
    ///
    /// @return by the key's value: the first of them; one more for the end
    private int[] part(int from, int to, Key key) {
        int[] bounds = new int[257];
        for (int i = from; i < to; i++) {
            bounds[key.of(order[i]) + 1]++;
        }
        bounds[0] = from;
        for (int value = 0; value < 256; value++) {
            bounds[value + 1] += bounds[value];
        }
        int[] next = Arrays.copyOf(bounds, 256);
        for (int value = 0; value < 256; value++) {
            while (next[value] < bounds[value + 1]) {
                int place = order[next[value]];
                for (int own = key.of(place); own != value; own = key.of(place)) {
                    int other = order[next[own]];
                    order[next[own]++] = place;
                    place = other;
                }
                order[next[value]++] = place;
            }
        }
        return bounds;
    }
}
