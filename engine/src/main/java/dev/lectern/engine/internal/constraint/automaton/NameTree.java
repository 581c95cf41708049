package dev.lectern.engine.internal.constraint.automaton;

import java.util.Arrays;
import java.util.BitSet;

/// The names of an object's properties in canonical spelling, as a tree of bytes. Node 0 is the beginning, after the
/// opening quote.
final class NameTree {
    private final byte[][] spellings;
    /// The properties' indices in the order of their spellings.
    private final int[] order;

    private final byte[] edges;
    private final int[] firstChild;
    private final int[] nextSibling;
    /// The first and last (exclusive) of `order` beneath a node.
    private final int[] from;
    private final int[] to;
    /// The property whose name ends here, or -1.
    private final int[] named;
    /// The state of [CanonicalText] here.
    private final int[] text;

    private final int[] depths;

    NameTree(java.util.List<String> names) {
        int count = names.size();
        spellings = new byte[count][];
        Integer[] sorted = new Integer[count];
        int capacity = 1;
        for (int i = 0; i < count; i++) {
            spellings[i] = CanonicalText.spell(names.get(i));
            sorted[i] = i;
            capacity += spellings[i].length;
        }
        Arrays.sort(sorted, (a, b) -> Arrays.compareUnsigned(spellings[a], spellings[b]));
        order = new int[count];
        edges = new byte[capacity];
        firstChild = new int[capacity];
        nextSibling = new int[capacity];
        from = new int[capacity];
        to = new int[capacity];
        named = new int[capacity];
        text = new int[capacity];
        depths = new int[capacity];
        Arrays.fill(named, -1);
        int size = 1;
        to[0] = count;
        int[] path = new int[1];
        byte[] previous = {};
        for (int position = 0; position < count; position++) {
            int property = sorted[position];
            order[position] = property;
            byte[] own = spellings[property];
            int shared = Arrays.mismatch(previous, own);
            shared = shared < 0 ? own.length : shared;
            path = Arrays.copyOf(path, Math.max(path.length, own.length + 1));
            for (int depth = shared + 1; depth <= own.length; depth++) {
                int parent = path[depth - 1];
                edges[size] = own[depth - 1];
                nextSibling[size] = firstChild[parent];
                firstChild[parent] = size;
                from[size] = position;
                text[size] = CanonicalText.INSTANCE.next(text[parent], own[depth - 1] & 0xFF);
                depths[size] = depth;
                path[depth] = size++;
            }
            for (int depth = 1; depth <= own.length; depth++) {
                to[path[depth]] = position + 1;
            }
            named[path[own.length]] = property;
            previous = own;
        }
    }

    /// The node after a byte, or -1.
    int child(int node, int value) {
        for (int next = firstChild[node]; next != 0; next = nextSibling[next]) {
            if ((edges[next] & 0xFF) == value) {
                return next;
            }
        }
        return -1;
    }

    int named(int node) {
        return named[node];
    }

    int text(int node) {
        return text[node];
    }

    /// How many bytes have been read.
    int depth(int node) {
        return depths[node];
    }

    /// The bytes that have been read.
    byte[] path(int node) {
        return node == 0 ? new byte[0] : Arrays.copyOf(spellings[order[from[node]]], depths[node]);
    }

    /// A property's name, without quotes. Not to be changed.
    byte[] spelling(int property) {
        return spellings[property];
    }

    /// The property of this name, or -1.
    int property(byte[] name, int length) {
        int node = 0;
        for (int i = 0; i < length && node >= 0; i++) {
            node = child(node, name[i] & 0xFF);
        }
        return node < 0 ? -1 : named[node];
    }

    /// The properties whose names begin with what has been read.
    BitSet beneath(int node) {
        BitSet beneath = new BitSet();
        for (int i = from[node]; i < to[node]; i++) {
            beneath.set(order[i]);
        }
        return beneath;
    }

    /// Whether the name of one of the properties begins with what has been read.
    boolean leadsTo(int node, BitSet properties) {
        for (int i = from[node]; i < to[node]; i++) {
            if (properties.get(order[i])) {
                return true;
            }
        }
        return false;
    }
}
