package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.lexical.ByteAutomaton;
import dev.lectern.engine.internal.constraint.mask.IntList;
import dev.lectern.engine.internal.constraint.mask.TokenSet;
import dev.lectern.engine.internal.constraint.mask.TokenTrie;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The tokens that go on inside a string, by the number of code points that they have or begin there: the slices
/// from which the masks of most strings are put together. Thread-safe.
final class TextTokens {
    private static final int MAX_PAIRS = 1000;
    private static final int MAX_MASKS = 2000;
    private static final TokenSet NONE = TokenSet.of(new IntList(), 0);

    private final TokenTrie trie;
    private final AnyText text;
    /// Tokens that stay inside, and their sizes.
    private final IntList inside = new IntList();
    private final IntList insideSizes = new IntList();
    /// Nodes right after a closing quote, and the number of code points before it.
    private final int[] exits;
    private final int[] exitSizes;
    private final int maxInside;
    private final int maxExit;
    private final TokenSet shortInside;
    private final @Nullable TokenSet[] upTo;
    private final Map<Long, FrameMask> masks = new HashMap<>();

    TextTokens(TokenTrie trie, AnyText text) {
        this.trie = trie;
        this.text = text;
        IntList exitNodes = new IntList();
        IntList exitCounts = new IntList();
        int[] states = new int[trie.maxDepth() + 1];
        int[] counts = new int[trie.maxDepth() + 1];
        states[0] = text.body();
        IntList withinShort = new IntList();
        int longestInside = 0;
        int longestExit = 0;
        int node = 1;
        while (node < trie.edges().length) {
            int depth = trie.depths()[node];
            int next = text.next(states[depth - 1], trie.edges()[node] & 0xFF);
            if (next == ByteAutomaton.DEAD) {
                node = trie.ends()[node];
                continue;
            }
            int complete = counts[depth - 1];
            if (text.accepting(next)) {
                exitNodes.add(node);
                exitCounts.add(complete);
                longestExit = Math.max(longestExit, complete);
                node = trie.ends()[node];
                continue;
            }
            states[depth] = next;
            counts[depth] = next == text.body() ? complete + 1 : complete;
            int begun = complete + 1;
            int known = inside.size();
            trie.collect(node, inside);
            if (depth <= LongTokens.SHORT) {
                trie.collect(node, withinShort);
            }
            for (int i = known; i < inside.size(); i++) {
                insideSizes.add(begun);
                longestInside = Math.max(longestInside, begun);
            }
            node++;
        }
        this.exits = exitNodes.toArray();
        this.exitSizes = exitCounts.toArray();
        this.maxInside = longestInside;
        this.maxExit = longestExit;
        this.shortInside = TokenSet.of(withinShort, trie.vocabSize());
        this.upTo = new TokenSet[maxInside + 1];
    }

    /// @param room how many code points may follow
    /// @param need how many have to
    synchronized FrameMask mask(int room, int need) {
        int most = Math.min(room, Math.max(maxInside, maxExit));
        int least = Math.min(need, maxExit + 1);
        if (masks.size() >= MAX_MASKS) {
            masks.clear();
        }
        return masks.computeIfAbsent((long) most << 32 | least, key -> {
            IntList nodes = new IntList();
            IntList ending = new IntList();
            for (int i = 0; i < exits.length; i++) {
                if (exitSizes[i] >= least && exitSizes[i] <= most) {
                    nodes.add(exits[i]);
                    trie.collect(exits[i], ending);
                }
            }
            return new FrameMask(
                    upTo(Math.min(most, maxInside)),
                    new int[0],
                    TokenSet.of(ending, trie.vocabSize()),
                    nodes.toArray());
        });
    }

    private TokenSet upTo(int size) {
        TokenSet known = upTo[size];
        if (known == null) {
            IntList tokens = new IntList();
            for (int i = 0; i < inside.size(); i++) {
                if (insideSizes.get(i) <= size) {
                    tokens.add(inside.get(i));
                }
            }
            known = TokenSet.of(tokens, trie.vocabSize());
            upTo[size] = known;
        }
        return known;
    }

    /// The mask, of all tokens that are not long, of a state from which every text may go on for so many bytes,
    /// so that only where it may end has to be found out; null if the state is none.
    @Nullable
    FrameMask ofOpenState(Leaf leaf, int state) {
        if (!goesOnAnyhow(leaf, state)) {
            return null;
        }
        IntList nodes = new IntList();
        IntList ending = new IntList();
        byte[] path = new byte[LongTokens.SHORT];
        for (int exit : exits) {
            int length = trie.depths()[exit];
            if (length > LongTokens.SHORT) {
                continue;
            }
            int at = exit;
            for (int i = length - 1; i >= 0; i--) {
                path[i] = trie.edges()[at];
                at = trie.parents()[at];
            }
            int reached = state;
            for (int i = 0; i < length && reached != ByteAutomaton.DEAD; i++) {
                reached = leaf.next(reached, path[i] & 0xFF);
            }
            if (reached != ByteAutomaton.DEAD) {
                nodes.add(exit);
                trie.collect(exit, ending);
            }
        }
        return new FrameMask(
                shortInside,
                new int[0],
                ending.size() == 0 ? NONE : TokenSet.of(ending, trie.vocabSize()),
                nodes.toArray());
    }

    /// Whether the leaf in this state admits whatever a string may go on with, but for its end.
    private boolean goesOnAnyhow(Leaf leaf, int state) {
        IntList open = new IntList();
        IntList depths = new IntList();
        Map<Long, Boolean> seen = new HashMap<>();
        seen.put((long) state << 8 | text.body(), true);
        open.add(state);
        open.add(text.body());
        depths.add(0);
        for (int i = 0; i < depths.size(); i++) {
            if (i > MAX_PAIRS) {
                return false;
            }
            if (depths.get(i) == LongTokens.SHORT) {
                return true;
            }
            for (int value = 0; value < 256; value++) {
                int expected = text.next(open.get(2 * i + 1), value);
                if (expected != ByteAutomaton.DEAD && text.accepting(expected)) {
                    continue;
                }
                int next = leaf.next(open.get(2 * i), value);
                if ((next == ByteAutomaton.DEAD) != (expected == ByteAutomaton.DEAD)) {
                    return false;
                }
                if (next != ByteAutomaton.DEAD && seen.put((long) next << 8 | expected, true) == null) {
                    open.add(next);
                    open.add(expected);
                    depths.add(depths.get(i) + 1);
                }
            }
        }
        return true;
    }
}
