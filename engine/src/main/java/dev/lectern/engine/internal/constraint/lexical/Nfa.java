package dev.lectern.engine.internal.constraint.lexical;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A nondeterministic automaton over code points without empty moves, all of whose states lie on a way from
/// a start state to an accepting one. So every set of its states is alive, and a deterministic automaton
/// can be made of it state by state, exactly. Immutable.
final class Nfa {
    /// So many states and edges may one automaton have; a schema that asks for more is refused.
    static final int MAX_STATES = 100_000;

    static final int MAX_EDGES = 500_000;

    static final Nfa ANY = any();
    static final Nfa NOTHING = new Nfa(new int[0], new boolean[0], new int[0][]);

    private final int[] start;
    private final boolean[] accepting;
    /// Of each state: first and last code point and target of every edge in turn.
    private final int[][] edges;

    private Nfa(int[] start, boolean[] accepting, int[][] edges) {
        this.start = start;
        this.accepting = accepting;
        this.edges = edges;
    }

    private static Nfa any() {
        Builder builder = new Builder();
        int all = builder.state(true);
        builder.edges(all, CodePoints.ALL, all);
        builder.start(all);
        return builder.build();
    }

    int states() {
        return accepting.length;
    }

    int[] start() {
        return start;
    }

    boolean accepting(int state) {
        return accepting[state];
    }

    int[] edges(int state) {
        return edges[state];
    }

    boolean isEmpty() {
        return start.length == 0;
    }

    /// Whether every string is accepted from the state on, as its own edges show.
    boolean universal(int state) {
        if (!accepting[state]) {
            return false;
        }
        int next = 0;
        int[] own = edges[state];
        for (int i = 0; i < own.length; i += 3) {
            if (own[i + 2] != state || own[i] > next) {
                return false;
            }
            next = own[i + 1] == 0xD7FF ? 0xE000 : own[i + 1] + 1;
        }
        return next > CodePoints.MAX;
    }

    /// The strings that both accept.
    Nfa intersect(Nfa other) {
        if (this == ANY || other.isEmpty()) {
            return other;
        }
        if (other == ANY || isEmpty()) {
            return this;
        }
        Builder builder = new Builder();
        Map<Long, Integer> known = new HashMap<>();
        Deque<long[]> open = new ArrayDeque<>();
        for (int mine : start) {
            for (int theirs : other.start) {
                builder.start(pair(builder, other, known, open, mine, theirs));
            }
        }
        while (!open.isEmpty()) {
            long[] entry = open.remove();
            int[] left = edges[(int) entry[1]];
            int[] right = other.edges[(int) entry[2]];
            for (int i = 0; i < left.length; i += 3) {
                for (int j = 0; j < right.length; j += 3) {
                    int first = Math.max(left[i], right[j]);
                    int last = Math.min(left[i + 1], right[j + 1]);
                    if (first <= last) {
                        int target = pair(builder, other, known, open, left[i + 2], right[j + 2]);
                        builder.edge((int) entry[0], first, last, target);
                    }
                }
            }
        }
        return builder.build();
    }

    private int pair(Builder builder, Nfa other, Map<Long, Integer> known, Deque<long[]> open, int mine, int theirs) {
        long key = ((long) mine << 32) | theirs;
        Integer state = known.get(key);
        if (state == null) {
            state = builder.state(accepting[mine] && other.accepting[theirs]);
            known.put(key, state);
            open.add(new long[] {state, mine, theirs});
        }
        return state;
    }

    /// The strings that at least one accepts.
    static Nfa union(List<Nfa> parts) {
        Builder builder = new Builder();
        for (Nfa part : parts) {
            if (part == ANY) {
                return ANY;
            }
            int offset = builder.states();
            for (int state = 0; state < part.states(); state++) {
                builder.state(part.accepting[state]);
            }
            for (int state = 0; state < part.states(); state++) {
                builder.copy(part.edges[state], offset + state, offset);
            }
            for (int state : part.start) {
                builder.start(offset + state);
            }
        }
        return builder.build();
    }

    /// A string of this one, then one of the other, which does not accept the empty one.
    Nfa then(Nfa other) {
        Builder builder = new Builder();
        for (Nfa part : List.of(this, other)) {
            for (int state = 0; state < part.states(); state++) {
                builder.state(part == other && part.accepting[state]);
            }
        }
        for (int state = 0; state < states(); state++) {
            builder.copy(edges[state], state, 0);
            if (accepting[state]) {
                for (int begin : other.start) {
                    builder.copy(other.edges[begin], state, states());
                }
            }
        }
        for (int state = 0; state < other.states(); state++) {
            builder.copy(other.edges[state], states() + state, states());
        }
        for (int state : start) {
            builder.start(state);
        }
        return builder.build();
    }

    /// The strings that it does not accept.
    ///
    /// @throws LexicalException if the deterministic automaton has more than `maxStates` states
    Nfa complement(int maxStates) {
        if (isEmpty()) {
            return ANY;
        }
        Dfa dfa = Dfa.of(this, maxStates);
        Builder builder = new Builder();
        for (int state = 0; state < dfa.states(); state++) {
            builder.state(!dfa.accepting(state));
        }
        int sink = builder.state(true);
        builder.edges(sink, CodePoints.ALL, sink);
        for (int state = 0; state < dfa.states(); state++) {
            int[] moves = dfa.moves(state);
            builder.copy(moves, state, 0);
            int[] bounds = new int[moves.length / 3 * 2];
            for (int i = 0; i < moves.length / 3; i++) {
                bounds[2 * i] = moves[3 * i];
                bounds[2 * i + 1] = moves[3 * i + 1];
            }
            builder.edges(state, CodePoints.ofRanges(bounds).complement(), sink);
        }
        builder.start(dfa.start());
        return builder.build();
    }

    /// Exactly these strings; those with lone surrogates are left out, for no UTF-8 text holds them.
    static Nfa ofValues(Collection<String> values) {
        Builder builder = new Builder();
        int root = builder.state(false);
        builder.start(root);
        List<Map<Integer, Integer>> children = new ArrayList<>();
        children.add(new TreeMap<>());
        for (String value : values) {
            int[] codePoints = value.codePoints().toArray();
            if (Arrays.stream(codePoints).anyMatch(c -> c >= 0xD800 && c <= 0xDFFF)) {
                continue;
            }
            int state = root;
            for (int codePoint : codePoints) {
                Integer child = children.get(state).get(codePoint);
                if (child == null) {
                    child = builder.state(false);
                    children.add(new TreeMap<>());
                    children.get(state).put(codePoint, child);
                    builder.edge(state, codePoint, codePoint, child);
                }
                state = child;
            }
            builder.accept(state);
        }
        return builder.build();
    }

    /// Strings of `min` to `max` code points, a state each.
    static Nfa ofLength(int min, int max) {
        Builder builder = new Builder();
        int state = builder.state(min == 0);
        builder.start(state);
        int last = max == Integer.MAX_VALUE ? min : max;
        for (int length = 1; length <= last; length++) {
            int next = builder.state(length >= min);
            builder.edges(state, CodePoints.ALL, next);
            state = next;
        }
        if (max == Integer.MAX_VALUE) {
            builder.edges(state, CodePoints.ALL, state);
        }
        return builder.build();
    }

    /// Collects states and edges; [#build] drops what is useless.
    static final class Builder {
        private final List<int[]> edges = new ArrayList<>();
        private final List<Integer> counts = new ArrayList<>();
        private final BitSet accepting = new BitSet();
        private final BitSet start = new BitSet();
        private int edgeCount;

        int states() {
            return edges.size();
        }

        int state(boolean accepts) {
            int state = edges.size();
            if (state >= MAX_STATES) {
                throw new LexicalException(
                        LexicalException.Reason.LIMIT, "more than " + MAX_STATES + " states; use smaller bounds");
            }
            edges.add(new int[6]);
            counts.add(0);
            accepting.set(state, accepts);
            return state;
        }

        void accept(int state) {
            accepting.set(state);
        }

        void start(int state) {
            start.set(state);
        }

        void edge(int from, int first, int last, int to) {
            if (++edgeCount > MAX_EDGES) {
                throw new LexicalException(
                        LexicalException.Reason.LIMIT, "more than " + MAX_EDGES + " edges; use smaller bounds");
            }
            int[] own = edges.get(from);
            int used = counts.get(from);
            if (used + 3 > own.length) {
                own = Arrays.copyOf(own, own.length * 2);
                edges.set(from, own);
            }
            own[used] = first;
            own[used + 1] = last;
            own[used + 2] = to;
            counts.set(from, used + 3);
        }

        /// Another automaton's edges, whose states begin at `offset` here.
        void copy(int[] triples, int from, int offset) {
            for (int i = 0; i < triples.length; i += 3) {
                edge(from, triples[i], triples[i + 1], offset + triples[i + 2]);
            }
        }

        void edges(int from, CodePoints set, int to) {
            for (int range = 0; range < set.ranges(); range++) {
                edge(from, set.first(range), set.last(range), to);
            }
        }

        Nfa build() {
            BitSet useful = reachable();
            useful.and(productive());
            int[] names = new int[states()];
            Arrays.fill(names, -1);
            int n = 0;
            for (int state = useful.nextSetBit(0); state >= 0; state = useful.nextSetBit(state + 1)) {
                names[state] = n++;
            }
            if (n == 0) {
                return NOTHING == null ? new Nfa(new int[0], new boolean[0], new int[0][]) : NOTHING;
            }
            boolean[] accepts = new boolean[n];
            int[][] kept = new int[n][];
            for (int state = 0; state < states(); state++) {
                if (names[state] >= 0) {
                    accepts[names[state]] = accepting.get(state);
                    kept[names[state]] = kept(state, names);
                }
            }
            int[] starts = start.stream()
                    .map(state -> names[state])
                    .filter(state -> state >= 0)
                    .toArray();
            return new Nfa(starts, accepts, kept);
        }

        private int[] kept(int state, int[] names) {
            int[] own = edges.get(state);
            int used = counts.get(state);
            int[] kept = new int[used];
            int n = 0;
            for (int i = 0; i < used; i += 3) {
                if (names[own[i + 2]] >= 0) {
                    kept[n++] = own[i];
                    kept[n++] = own[i + 1];
                    kept[n++] = names[own[i + 2]];
                }
            }
            return Arrays.copyOf(kept, n);
        }

        private BitSet reachable() {
            BitSet seen = (BitSet) start.clone();
            int[] open = new int[states()];
            int depth = 0;
            for (int state = start.nextSetBit(0); state >= 0; state = start.nextSetBit(state + 1)) {
                open[depth++] = state;
            }
            while (depth > 0) {
                int state = open[--depth];
                int[] own = edges.get(state);
                for (int i = 0; i < counts.get(state); i += 3) {
                    if (!seen.get(own[i + 2])) {
                        seen.set(own[i + 2]);
                        open[depth++] = own[i + 2];
                    }
                }
            }
            return seen;
        }

        private BitSet productive() {
            int[] degree = new int[states() + 1];
            for (int state = 0; state < states(); state++) {
                for (int i = 0; i < counts.get(state); i += 3) {
                    degree[edges.get(state)[i + 2] + 1]++;
                }
            }
            for (int state = 0; state < states(); state++) {
                degree[state + 1] += degree[state];
            }
            int[] sources = new int[degree[states()]];
            int[] filled = degree.clone();
            for (int state = 0; state < states(); state++) {
                for (int i = 0; i < counts.get(state); i += 3) {
                    sources[filled[edges.get(state)[i + 2]]++] = state;
                }
            }
            BitSet seen = (BitSet) accepting.clone();
            int[] open = new int[states()];
            int depth = 0;
            for (int state = seen.nextSetBit(0); state >= 0; state = seen.nextSetBit(state + 1)) {
                open[depth++] = state;
            }
            while (depth > 0) {
                int state = open[--depth];
                for (int i = degree[state]; i < degree[state + 1]; i++) {
                    if (!seen.get(sources[i])) {
                        seen.set(sources[i]);
                        open[depth++] = sources[i];
                    }
                }
            }
            return seen;
        }
    }
}
