package dev.lectern.engine.internal.constraint.mask;

import java.util.Arrays;

/// A list of ints that grows: token ids, or nodes of the [TokenTrie].
public final class IntList {
    private int[] items = new int[64];
    private int size;

    public void add(int item) {
        if (size == items.length) {
            items = Arrays.copyOf(items, size * 2);
        }
        items[size++] = item;
    }

    public int size() {
        return size;
    }

    public int get(int index) {
        return items[index];
    }

    public int[] toArray() {
        return Arrays.copyOf(items, size);
    }
}
