package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.mask.IntList;
import dev.lectern.engine.internal.constraint.mask.TokenTrie;
import java.util.function.Predicate;

/// The part of a token trie that leads to some of its tokens, to be walked by itself. Immutable.
final class TokenSubtrie {
    /// In preorder, and how many of them each one's subtree has, itself included.
    private final int[] nodes;

    private final int[] sizes;

    /// @param wanted says of the bytes of a token whether it is one of them
    TokenSubtrie(TokenTrie trie, Predicate<byte[]> wanted) {
        boolean[] used = new boolean[trie.edges().length];
        for (int node = 1; node < used.length; node++) {
            if (trie.tokens()[node] >= 0 && wanted.test(trie.path(node))) {
                for (int at = node; at > 0 && !used[at]; at = trie.parents()[at]) {
                    used[at] = true;
                }
            }
        }
        IntList found = new IntList();
        int[] position = new int[used.length];
        for (int node = 1; node < used.length; node++) {
            if (used[node]) {
                position[node] = found.size();
                found.add(node);
            }
        }
        this.nodes = found.toArray();
        this.sizes = new int[nodes.length];
        for (int i = nodes.length - 1; i >= 0; i--) {
            sizes[i]++;
            int parent = trie.parents()[nodes[i]];
            if (parent > 0) {
                sizes[position[parent]] += sizes[i];
            }
        }
    }

    int size() {
        return nodes.length;
    }

    int node(int index) {
        return nodes[index];
    }

    /// The index after those of the node's subtree.
    int after(int index) {
        return index + sizes[index];
    }
}
