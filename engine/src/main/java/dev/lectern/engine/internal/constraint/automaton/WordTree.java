package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.lexical.ByteAutomaton;
import java.util.Arrays;
import java.util.List;

/// A finite set of texts as an automaton that is a tree: the literals, and values that are listed.
final class WordTree implements ByteAutomaton {
    private final byte[] edges;
    private final int[] firstChild;
    private final int[] nextSibling;
    private final boolean[] ends;

    /// @param words not empty, and no two equal
    WordTree(List<byte[]> words) {
        int capacity = 1;
        for (byte[] word : words) {
            capacity += word.length;
        }
        byte[] edge = new byte[capacity];
        int[] child = new int[capacity];
        int[] sibling = new int[capacity];
        boolean[] end = new boolean[capacity];
        int size = 1;
        List<byte[]> sorted = words.stream().sorted(Arrays::compareUnsigned).toList();
        int[] path = new int[1];
        byte[] previous = {};
        for (byte[] word : sorted) {
            int shared = Arrays.mismatch(previous, word);
            shared = shared < 0 ? word.length : shared;
            path = Arrays.copyOf(path, Math.max(path.length, word.length + 1));
            for (int depth = shared + 1; depth <= word.length; depth++) {
                edge[size] = word[depth - 1];
                int parent = path[depth - 1];
                sibling[size] = child[parent];
                child[parent] = size;
                path[depth] = size++;
            }
            end[path[word.length]] = true;
            previous = word;
        }
        this.edges = Arrays.copyOf(edge, size);
        this.firstChild = Arrays.copyOf(child, size);
        this.nextSibling = Arrays.copyOf(sibling, size);
        this.ends = Arrays.copyOf(end, size);
    }

    @Override
    public int start() {
        return 0;
    }

    @Override
    public int next(int state, int value) {
        for (int node = firstChild[state]; node != 0; node = nextSibling[node]) {
            if ((edges[node] & 0xFF) == value) {
                return node;
            }
        }
        return DEAD;
    }

    @Override
    public boolean accepting(int state) {
        return ends[state];
    }
}
