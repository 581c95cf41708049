package dev.lectern.engine.internal.tokenizer;

import java.util.Arrays;

/// A growing list of token ids. Not thread-safe.
final class IdList {
    private int[] ids = new int[256];
    private int size;

    void add(int id) {
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, size + size / 2);
        }
        ids[size++] = id;
    }

    void addAll(int[] other, int count) {
        if (ids.length - size < count) {
            ids = Arrays.copyOf(ids, Math.max(size + count, ids.length + ids.length / 2));
        }
        System.arraycopy(other, 0, ids, size, count);
        size += count;
    }

    int get(int index) {
        return ids[index];
    }

    int size() {
        return size;
    }

    void clear() {
        size = 0;
    }

    int[] toArray() {
        return Arrays.copyOf(ids, size);
    }
}
