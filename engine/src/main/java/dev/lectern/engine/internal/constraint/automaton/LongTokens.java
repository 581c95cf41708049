package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.lexical.ByteAutomaton;
import dev.lectern.engine.internal.constraint.mask.IntList;
import dev.lectern.engine.internal.constraint.mask.TokenTrie;
import java.util.Arrays;

/// The few tokens of many bytes (runs of spaces, long words: one in a hundred), as a part of the token trie that is
/// walked by itself.
///
/// States of a leaf that differ only in what happens many bytes later share the mask of all other tokens.
final class LongTokens {
    /// Tokens of more bytes are long.
    static final int SHORT = 20;

    private final TokenTrie trie;
    private final TokenSubtrie nodes;

    LongTokens(TokenTrie trie) {
        this.trie = trie;
        this.nodes = new TokenSubtrie(trie, spelling -> spelling.length > SHORT);
    }

    /// The mask of all tokens, from that of those that are not long.
    FrameMask with(FrameMask shorter, Leaf leaf, int state) {
        IntList tokens = new IntList();
        IntList exits = new IntList();
        int[] states = new int[trie.maxDepth() + 1];
        states[0] = state;
        int i = 0;
        while (i < nodes.size()) {
            int node = nodes.node(i);
            int depth = trie.depths()[node];
            int next = leaf.next(states[depth - 1], trie.edges()[node] & 0xFF);
            if (next == ByteAutomaton.DEAD) {
                i = nodes.after(i);
                continue;
            }
            if (depth > SHORT) {
                trie.collect(node, tokens);
                if (leaf.accepting(next)) {
                    exits.add(node);
                }
            }
            states[depth] = next;
            i++;
        }
        if (tokens.size() == 0 && exits.size() == 0) {
            return shorter;
        }
        int[] all = shorter.exits();
        if (exits.size() > 0) {
            all = Arrays.copyOf(all, all.length + exits.size());
            System.arraycopy(exits.toArray(), 0, all, shorter.exits().length, exits.size());
        }
        return new FrameMask(
                shorter.inside(), shorter.removed(), shorter.added().and(tokens, trie.vocabSize()), all);
    }
}
