package dev.lectern.engine.internal.backend;

import java.util.Arrays;

/// Cuts a row of equal units into items of consecutive units, large ones first and small ones at the end
/// ("factoring", Hummel, Schonberg and Flynn 1992): a thread reads a long stream of memory, and all still finish
/// together, whoever began late or was held up. For one thread at a time to cut, and then for all to read.
final class DecreasingItems {
    /// Of what is left, that much goes to the next item of every thread.
    private static final int PART = 3;

    private static final int OF = 4;

    private int[] ends = new int[32];
    private int size;

    /// @param units   how many
    /// @param threads that share the items
    /// @param least   units of an item, but for the last
    void cut(int units, int threads, int least) {
        size = 0;
        for (int end = 0; end < units; ) {
            int each = Math.max(least, (units - end) * PART / (OF * threads));
            for (int thread = 0; thread < threads && end < units; thread++) {
                end = Math.min(units, end + each);
                if (size == ends.length) {
                    ends = Arrays.copyOf(ends, 2 * size);
                }
                ends[size++] = end;
            }
        }
    }

    /// How many items there are.
    int size() {
        return size;
    }

    /// First unit of an item.
    int first(int item) {
        return item == 0 ? 0 : ends[item - 1];
    }

    /// The unit behind an item's last.
    int end(int item) {
        return ends[item];
    }
}
