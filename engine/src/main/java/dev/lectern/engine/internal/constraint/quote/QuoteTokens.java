package dev.lectern.engine.internal.constraint.quote;

import dev.lectern.engine.internal.constraint.lexical.JsonSpelling;
import dev.lectern.engine.internal.constraint.mask.IntList;
import dev.lectern.engine.internal.constraint.mask.TokenSet;
import dev.lectern.engine.internal.constraint.mask.TokenTrie;
import java.util.LinkedHashMap;
import java.util.Map;

/// The tokens that go on within a span, or to its end and beyond. Spans and tokens are both in the order of their
/// bytes, so the tree of tokens is walked once from left to right, along one span of each group that goes on alike
/// as far as tokens reach.
///
/// What was found for large intervals, which recur, is kept. Thread-safe: callers take turns.
public final class QuoteTokens {
    /// Intervals of fewer spans are not kept.
    private static final int LARGE = 512;

    /// Each may have a bit per token.
    private static final int MAX_KEPT = 400;

    /// Where a span is.
    ///
    /// @param from  the first rank of the interval
    /// @param to    after the last one
    /// @param depth bytes so far
    /// @param state of [JsonSpelling]
    /// @param need  code points that have to follow before the end
    /// @param room  code points that may follow; the one under way, if any, is counted as following in both
    /// @param least code points that the whole span has to have
    public record Where(int from, int to, int depth, int state, int need, int room, int least) {}

    /// @param inside tokens that end within the span or with the closing quote
    /// @param exits  nodes of the token trie right after the closing quote
    public record Found(TokenSet inside, int[] exits) {}

    private final SpanIndex index;
    private final TokenTrie trie;
    private final Map<Where, Found> kept = new LinkedHashMap<>(64, 0.75f, true);
    private final int[] nodes;
    private final int[] cursors;
    private final int[] states;
    private final int[] counts;

    public QuoteTokens(SpanIndex index, TokenTrie trie) {
        this.index = index;
        this.trie = trie;
        int depths = trie.maxDepth() + 2;
        this.nodes = new int[depths];
        this.cursors = new int[depths];
        this.states = new int[depths];
        this.counts = new int[depths];
    }

    public synchronized Found find(Where where) {
        int reach = trie.maxDepth() + 1;
        Where key = where.need() <= reach && where.room() <= reach
                ? where
                : new Where(
                        where.from(),
                        where.to(),
                        where.depth(),
                        where.state(),
                        Math.min(where.need(), reach),
                        Math.min(where.room(), reach),
                        where.least());
        Found known = kept.get(key);
        if (known == null) {
            known = walk(key);
            if (where.to() - where.from() >= LARGE) {
                if (kept.size() >= MAX_KEPT) {
                    kept.remove(kept.keySet().iterator().next());
                }
                kept.put(key, known);
            }
        }
        return known;
    }

    private Found walk(Where where) {
        IntList tokens = new IntList();
        IntList exits = new IntList();
        nodes[0] = 0;
        cursors[0] = 1;
        states[0] = where.state();
        counts[0] = 0;
        end(0, where, tokens, exits);
        int depth = where.depth();
        int path = 0;
        byte[] edges = trie.edges();
        int[] ends = trie.ends();
        int rank = where.from();
        while (rank < where.to()) {
            if (!index.has(rank, where.least())) {
                rank++;
                continue;
            }
            int length = 0;
            while (length < path && index.at(rank, depth + length) == (edges[nodes[length + 1]] & 0xFF)) {
                length++;
            }
            while (true) {
                if (states[length] == JsonSpelling.BETWEEN && counts[length] == where.room()) {
                    rank = index.after(rank, where.to(), depth, length);
                    break;
                }
                int value = index.at(rank, depth + length);
                int child = cursors[length];
                int end = ends[nodes[length]];
                while (child < end && (edges[child] & 0xFF) < value) {
                    child = ends[child];
                }
                cursors[length] = child;
                // Zero ends a text, and is a byte that tokens may have.
                if (child >= end || (edges[child] & 0xFF) != value || value == 0) {
                    rank = index.after(rank, where.to(), depth, length + 1);
                    break;
                }
                int state = JsonSpelling.next(states[length], value);
                counts[length + 1] = counts[length] + (state == JsonSpelling.BETWEEN ? 1 : 0);
                length++;
                nodes[length] = child;
                cursors[length] = child + 1;
                states[length] = state;
                trie.collect(child, tokens);
                end(length, where, tokens, exits);
            }
            path = length;
        }
        return new Found(TokenSet.of(tokens, trie.vocabSize()), exits.toArray());
    }

    /// Adds the closing quote after a node, if the span may end there and there is a token for it.
    private void end(int length, Where where, IntList tokens, IntList exits) {
        if (states[length] != JsonSpelling.BETWEEN || counts[length] < where.need()) {
            return;
        }
        int node = nodes[length];
        int end = trie.ends()[node];
        int child = node + 1;
        while (child < end && (trie.edges()[child] & 0xFF) < '"') {
            child = trie.ends()[child];
        }
        if (child < end && trie.edges()[child] == '"') {
            trie.collect(child, tokens);
            exits.add(child);
        }
    }
}
