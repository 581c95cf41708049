package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.lexical.ByteAutomaton;
import dev.lectern.engine.internal.constraint.mask.IntList;
import dev.lectern.engine.internal.constraint.mask.TokenSet;
import dev.lectern.engine.internal.constraint.mask.TokenTrie;
import org.jspecify.annotations.Nullable;

/// Which tokens may follow: walks the token trie with frames and stacks, and keeps what it finds with them. Like its
/// [Machine] used under a lock.
final class Masks {
    private static final TokenSet NONE = TokenSet.of(new IntList(), 0);

    private final Machine machine;
    private final TokenTrie trie;
    private final States[] states;
    private final int[] leafStates;
    private final int[][] leafRows;
    private final WatchedMasks watched;

    Masks(Machine machine) {
        this.machine = machine;
        this.trie = machine.shared().trie();
        this.states = new States[trie.maxDepth() + 1];
        this.leafStates = new int[trie.maxDepth() + 1];
        this.leafRows = new int[trie.maxDepth() + 1][];
        this.watched = new WatchedMasks(machine, this);
    }

    /// Adds the tokens that one stack admits.
    void add(Config config, long[] words) {
        if (config.isWatched()) {
            watched.add(config, words);
            return;
        }
        FrameMask own = mask(config.top());
        int[] removed = own.removed();
        if (removed.length > 0) {
            boolean[] before = new boolean[removed.length];
            for (int i = 0; i < removed.length; i++) {
                before[i] = (words[removed[i] >>> 6] >>> removed[i] & 1) != 0;
            }
            own.inside().addTo(words);
            for (int i = 0; i < removed.length; i++) {
                if (!before[i]) {
                    words[removed[i] >>> 6] &= ~(1L << removed[i]);
                }
            }
        } else {
            own.inside().addTo(words);
        }
        own.added().addTo(words);
        if (!config.isEnd() && own.exits().length > 0) {
            Config below = config.below();
            Config.Beyond beyond = below.beyond;
            if (beyond == null || beyond.exits() != own.exits()) {
                IntList tokens = new IntList();
                for (int exit : own.exits()) {
                    walk(machine.alone(below), exit, tokens, null);
                }
                beyond = new Config.Beyond(own.exits(), TokenSet.of(tokens, trie.vocabSize()));
                below.beyond = beyond;
            }
            beyond.tokens().addTo(words);
        }
    }

    private FrameMask mask(Frame frame) {
        FrameMask known = frame.mask();
        if (known == null) {
            known = switch (frame) {
                case LeafFrame leaf -> ofLeaf(leaf);
                case ObjectFrame object
                when object.phase() == ObjectFrame.Phase.NAME && object.readsRest() -> ofName(object);
                case QuoteFrame quote -> quote.findMask();
                case EndFrame end -> ofWalk(machine.alone(machine.end()));
                default -> ofWalk(machine.alone(machine.config(frame, machine.hole())));
            };
            frame.mask(known);
        }
        return known;
    }

    private FrameMask ofWalk(States start) {
        IntList tokens = new IntList();
        IntList exits = new IntList();
        walk(start, 0, tokens, exits);
        return new FrameMask(TokenSet.of(tokens, trie.vocabSize()), new int[0], NONE, exits.toArray());
    }

    /// Collects the tokens beneath a node that are admitted from a state on.
    private void walk(States start, int from, IntList tokens, @Nullable IntList exits) {
        byte[] edges = trie.edges();
        int[] ends = trie.ends();
        int[] depths = trie.depths();
        int[] ids = trie.tokens();
        int end = ends[from];
        states[depths[from]] = start;
        int node = from + 1;
        while (node < end) {
            int depth = depths[node];
            States next = states[depth - 1].next(edges[node] & 0xFF);
            if (next.isDead()) {
                node = ends[node];
                continue;
            }
            if (ids[node] >= 0) {
                trie.collect(node, tokens);
            }
            if (exits != null && next.isOpen()) {
                exits.add(node);
            }
            states[depth] = next;
            node++;
        }
    }

    private FrameMask ofLeaf(LeafFrame frame) {
        return ofLeaf(frame.leaf(), frame.state());
    }

    private FrameMask ofLeaf(Leaf leaf, int state) {
        if (leaf.automaton() instanceof LengthText text && text.atBody(state)) {
            return machine.shared().textTokens().mask(text.room(state), text.need(state));
        }
        int representative = leaf.automaton().representative(state, LongTokens.SHORT);
        FrameMask shorter = leaf.mask(representative);
        if (shorter == null) {
            shorter = machine.shared().textTokens().ofOpenState(leaf, representative);
            shorter = shorter == null ? walkLeaf(leaf, representative) : shorter;
            leaf.mask(representative, shorter);
        }
        return machine.shared().longTokens().with(shorter, leaf, state);
    }

    /// The walk that takes longest, over nearly the whole tree where a leaf admits much: with a row of the
    /// leaf's table per depth. Only tokens that are not in [LongTokens].
    private FrameMask walkLeaf(Leaf leaf, int state) {
        byte[] edges = trie.edges();
        int[] ends = trie.ends();
        int[] depths = trie.depths();
        long[] tokens = new long[(trie.vocabSize() + 63) >>> 6];
        IntList exits = new IntList();
        leafRows[0] = leaf.row(state);
        leafStates[0] = state;
        int node = 1;
        while (node < edges.length) {
            int depth = depths[node];
            int value = edges[node] & 0xFF;
            int[] row = leafRows[depth - 1];
            int next = row[value];
            if (next == Leaf.UNKNOWN) {
                next = leaf.learn(row, leafStates[depth - 1], value);
            }
            if (next == ByteAutomaton.DEAD) {
                node = ends[node];
                continue;
            }
            trie.collect(node, tokens);
            int[] nextRow = leaf.row(next);
            if (nextRow[Leaf.ACCEPTING] != 0) {
                exits.add(node);
            }
            leafStates[depth] = next;
            leafRows[depth] = nextRow;
            node = depth == LongTokens.SHORT ? ends[node] : node + 1;
        }
        return new FrameMask(TokenSet.of(tokens), new int[0], NONE, exits.toArray());
    }

    /// In a name that may be one in the tree or any other: like any text, but for the tokens that end the name.
    private FrameMask ofName(ObjectFrame frame) {
        FrameMask text = mask(machine.restOfName().frame(frame.names().text(frame.node())));
        IntList removed = new IntList();
        IntList added = new IntList();
        IntList exits = new IntList();
        States here = machine.alone(machine.config(frame, machine.hole()));
        for (int exit : text.exits()) {
            States after = here;
            for (byte value : trie.path(exit)) {
                after = after.next(value & 0xFF);
            }
            if (after.isDead()) {
                trie.collect(exit, removed);
            } else {
                walk(after, exit, added, exits);
            }
        }
        long[] further = new long[(trie.vocabSize() + 63) >>> 6];
        text.added().addTo(further);
        for (int i = 0; i < removed.size(); i++) {
            further[removed.get(i) >>> 6] &= ~(1L << removed.get(i));
        }
        for (int i = 0; i < added.size(); i++) {
            further[added.get(i) >>> 6] |= 1L << added.get(i);
        }
        return new FrameMask(text.inside(), removed.toArray(), TokenSet.of(further), exits.toArray());
    }
}
