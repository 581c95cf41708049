package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.mask.TokenTrie;
import java.util.Arrays;

/// Masks of stacks with [WatchedFrame]s: those of the plain stack, less the tokens that lead to a value that is
/// taken.
///
/// Such tokens are found by a walk over the token trie that goes only where a taken value begins like the text; and
/// by one over the few tokens in which an item ends and another begins.
final class WatchedMasks {
    private final Machine machine;
    private final Masks masks;
    private final TokenTrie trie;
    private final long[] own;
    private final States[] states;
    private final States[] plainStates;

    WatchedMasks(Machine machine, Masks masks) {
        this.machine = machine;
        this.masks = masks;
        this.trie = machine.shared().trie();
        this.own = new long[(trie.vocabSize() + 63) >>> 6];
        this.states = new States[trie.maxDepth() + 1];
        this.plainStates = new States[trie.maxDepth() + 1];
    }

    void add(Config config, long[] words) {
        Arrays.fill(own, 0);
        Config plain = machine.plain(config);
        masks.add(plain, own);
        states[0] = machine.alone(config);
        plainStates[0] = machine.alone(plain);
        WatchedFrame top = (WatchedFrame) config.top();
        boolean inText = top instanceof WatchedQuote
                || (top instanceof WatchedLeaf string && string.kind() == WatchedLeaf.Kind.STRING);
        SharedLeaves shared = machine.shared();
        if (!top.free()) {
            boolean endless = top instanceof WatchedLeaf leaf && inText && leaf.isEndless();
            remove(endless ? shared.quotes() : null, true);
        }
        if (calm(config)) {
            remove(inText ? shared.nextItemsOfText() : shared.nextItems(), false);
        } else {
            remove(inText ? shared.commasAfterText() : shared.commas(), false);
        }
        for (int i = 0; i < own.length; i++) {
            words[i] |= own[i];
        }
    }

    /// Whether a comma may follow the item, whichever it becomes.
    private boolean calm(Config config) {
        for (Config at = config; !at.isEnd() && at.top() instanceof WatchedFrame frame; at = at.below()) {
            if (!frame.calm(machine)) {
                return false;
            }
        }
        return true;
    }

    private static boolean free(States reached) {
        for (Config config : reached.configs()) {
            if (config.top() instanceof WatchedFrame frame && !frame.free()) {
                return false;
            }
        }
        return true;
    }

    /// Takes out the tokens after which nothing is left.
    ///
    /// @param part   the tokens to look at; null for all
    /// @param around whether to leave out those that lead to values that are not taken
    private void remove(@org.jspecify.annotations.Nullable TokenSubtrie part, boolean around) {
        byte[] edges = trie.edges();
        int[] depths = trie.depths();
        int count = part == null ? edges.length : part.size();
        int i = part == null ? 1 : 0;
        while (i < count) {
            int node = part == null ? i : part.node(i);
            int after = part == null ? trie.ends()[i] : part.after(i);
            int depth = depths[node];
            int value = edges[node] & 0xFF;
            States plain = plainStates[depth - 1].next(value);
            States before = states[depth - 1];
            if (plain.isDead() || (around && !risky(before, value))) {
                i = after;
                continue;
            }
            States next = before.next(value);
            if (next.isDead()) {
                forbid(node);
                i = after;
                continue;
            }
            if (around && free(next)) {
                i = after;
                continue;
            }
            states[depth] = next;
            plainStates[depth] = plain;
            i++;
        }
    }

    private static boolean risky(States before, int value) {
        Config[] configs = before.configs();
        return configs.length != 1 || !(configs[0].top() instanceof WatchedFrame frame) || frame.risky(value);
    }

    private void forbid(int from) {
        int end = trie.ends()[from];
        for (int node = from; node < end; node++) {
            trie.forbid(node, own);
        }
    }
}
