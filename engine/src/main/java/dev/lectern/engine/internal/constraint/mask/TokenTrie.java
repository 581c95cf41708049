package dev.lectern.engine.internal.constraint.mask;

import java.util.Arrays;

/// The bytes of all tokens of text as a tree, laid out in preorder, so that a walk is one pass over arrays that
/// leaves out a subtree by a jump.
///
/// ```
/// node   0     1   2   3  ...
///        root  a   ab  b       edges[i]: the byte that leads to the node; depths[i]: number of bytes so far
///                              ends[i]: the first node after the subtree; tokens[i]: a token that ends here, or -1
/// ```
/// Control tokens and those that look like markup are not in it. Immutable and thread-safe.
public final class TokenTrie {
    private final int vocabSize;
    private final byte[] edges;
    private final int[] ends;
    private final int[] depths;
    private final int[] parents;
    private final int[] tokens;
    /// Of each token: another one of the same bytes, or -1.
    private final int[] twins;

    private final boolean hasTwins;
    private final int maxDepth;

    private TokenTrie(
            int vocabSize,
            byte[] edges,
            int[] ends,
            int[] depths,
            int[] parents,
            int[] tokens,
            int[] twins,
            int maxDepth) {
        this.vocabSize = vocabSize;
        this.edges = edges;
        this.ends = ends;
        this.depths = depths;
        this.parents = parents;
        this.tokens = tokens;
        this.twins = twins;
        this.hasTwins = Arrays.stream(twins).anyMatch(twin -> twin >= 0);
        this.maxDepth = maxDepth;
    }

    /// @param spellings bytes by token id; empty for tokens that stand for no text
    public static TokenTrie of(byte[][] spellings) {
        Integer[] order = new Integer[spellings.length];
        int used = 0;
        int capacity = 1;
        for (int id = 0; id < spellings.length; id++) {
            if (spellings[id].length > 0) {
                order[used++] = id;
                capacity += spellings[id].length;
            }
        }
        Arrays.sort(order, 0, used, (a, b) -> {
            int compared = Arrays.compareUnsigned(spellings[a], spellings[b]);
            return compared != 0 ? compared : Integer.compare(a, b);
        });
        byte[] edges = new byte[capacity];
        int[] ends = new int[capacity];
        int[] depths = new int[capacity];
        int[] parents = new int[capacity];
        int[] tokens = new int[capacity];
        int[] twins = new int[spellings.length];
        Arrays.fill(tokens, -1);
        Arrays.fill(twins, -1);
        int size = 1;
        int maxDepth = 0;
        byte[] previous = {};
        int[] path = new int[1];
        for (int i = 0; i < used; i++) {
            int id = order[i];
            byte[] own = spellings[id];
            int shared = Arrays.mismatch(previous, own);
            if (shared < 0) {
                int node = path[own.length];
                twins[id] = tokens[node];
                tokens[node] = id;
                continue;
            }
            for (int depth = shared + 1; depth <= previous.length; depth++) {
                ends[path[depth]] = size;
            }
            path = Arrays.copyOf(path, Math.max(path.length, own.length + 1));
            for (int depth = shared + 1; depth <= own.length; depth++) {
                edges[size] = own[depth - 1];
                depths[size] = depth;
                parents[size] = path[depth - 1];
                path[depth] = size++;
            }
            tokens[size - 1] = id;
            maxDepth = Math.max(maxDepth, own.length);
            previous = own;
        }
        for (int depth = 1; depth <= previous.length; depth++) {
            ends[path[depth]] = size;
        }
        ends[0] = size;
        return new TokenTrie(
                spellings.length,
                Arrays.copyOf(edges, size),
                Arrays.copyOf(ends, size),
                Arrays.copyOf(depths, size),
                Arrays.copyOf(parents, size),
                Arrays.copyOf(tokens, size),
                twins,
                maxDepth);
    }

    public int vocabSize() {
        return vocabSize;
    }

    /// Number of bytes of the longest token.
    public int maxDepth() {
        return maxDepth;
    }

    /// By node; not to be changed, like all arrays here.
    public byte[] edges() {
        return edges;
    }

    public int[] ends() {
        return ends;
    }

    public int[] depths() {
        return depths;
    }

    public int[] parents() {
        return parents;
    }

    public int[] tokens() {
        return tokens;
    }

    /// The bytes that lead to a node.
    public byte[] path(int node) {
        byte[] path = new byte[depths[node]];
        int at = node;
        for (int i = path.length - 1; i >= 0; i--) {
            path[i] = edges[at];
            at = parents[at];
        }
        return path;
    }

    /// Clears the bits of the tokens that end in a node.
    public void forbid(int node, long[] from) {
        int token = tokens[node];
        while (token >= 0) {
            from[token >>> 6] &= ~(1L << token);
            token = hasTwins ? twins[token] : -1;
        }
    }

    /// Adds the tokens that end in a node.
    public void collect(int node, IntList into) {
        int token = tokens[node];
        while (token >= 0) {
            into.add(token);
            token = hasTwins ? twins[token] : -1;
        }
    }

    /// Sets the bits of the tokens that end in a node.
    public void collect(int node, long[] into) {
        int token = tokens[node];
        while (token >= 0) {
            into[token >>> 6] |= 1L << token;
            token = hasTwins ? twins[token] : -1;
        }
    }
}
