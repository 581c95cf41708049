package dev.lectern.engine.internal.constraint.mask;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Spells texts with as few tokens as there can be. Immutable and thread-safe.
public final class TokenSpelling {
    private static final int UNREACHED = Integer.MAX_VALUE;

    private final TokenTrie trie;
    /// Of each byte the node beneath the root, or 0.
    private final int[] first = new int[256];

    public TokenSpelling(TokenTrie trie) {
        this.trie = trie;
        int size = trie.edges().length;
        for (int node = 1; node < size; node = trie.ends()[node]) {
            first[trie.edges()[node] & 0xFF] = node;
        }
    }

    /// Whether a token is this byte alone.
    public boolean hasByte(int value) {
        int node = first[value];
        return node > 0 && trie.tokens()[node] >= 0;
    }

    /// The number of tokens, or -1 if no tokens spell the text.
    public int count(byte[] text) {
        int[] tokens = spell(text);
        return tokens == null ? -1 : tokens.length;
    }

    /// The tokens; null if none spell the text.
    public int @Nullable [] spell(byte[] text) {
        int[] fewest = new int[text.length + 1];
        int[] lastToken = new int[text.length + 1];
        int[] lastLength = new int[text.length + 1];
        Arrays.fill(fewest, UNREACHED);
        fewest[0] = 0;
        for (int from = 0; from < text.length; from++) {
            if (fewest[from] == UNREACHED) {
                continue;
            }
            int count = fewest[from] + 1;
            int node = first[text[from] & 0xFF];
            for (int to = from + 1; node > 0; to++) {
                int token = trie.tokens()[node];
                if (token >= 0 && count < fewest[to]) {
                    fewest[to] = count;
                    lastToken[to] = token;
                    lastLength[to] = to - from;
                }
                node = to < text.length ? child(node, text[to]) : 0;
            }
        }
        if (fewest[text.length] == UNREACHED) {
            return null;
        }
        int[] tokens = new int[fewest[text.length]];
        int at = text.length;
        for (int i = tokens.length - 1; i >= 0; i--) {
            tokens[i] = lastToken[at];
            at -= lastLength[at];
        }
        return tokens;
    }

    /// Adds the tokens that a text begins with.
    public void addPrefixes(byte[] text, IntList into) {
        int node = text.length == 0 ? 0 : first[text[0] & 0xFF];
        for (int length = 1; node > 0; length++) {
            trie.collect(node, into);
            node = length < text.length ? child(node, text[length]) : 0;
        }
    }

    private int child(int parent, byte value) {
        int end = trie.ends()[parent];
        for (int node = parent + 1; node < end; node = trie.ends()[node]) {
            if (trie.edges()[node] == value) {
                return node;
            }
        }
        return 0;
    }
}
