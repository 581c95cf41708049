package dev.lectern.engine.internal.constraint.lexical;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The deterministic automaton over code points of an [Nfa]. Immutable.
///
/// A state is a set of the NFA's states. Since each of those can reach acceptance, there are no dead ends:
/// a move that is not listed is the only way to fail.
final class Dfa {
    /// A pattern for which determinism costs more than this is refused: the number of states can double
    /// with every character of a pattern such as `a.{20}$`.
    static final int MAX_STATES = 20_000;

    private static final long MAX_WORK = 5_000_000;

    private final boolean empty;
    private final int[][] members;
    private final int[][] moves;
    private final boolean[] accepting;

    private Dfa(boolean empty, int[][] members, int[][] moves, boolean[] accepting) {
        this.empty = empty;
        this.members = members;
        this.moves = moves;
        this.accepting = accepting;
    }

    /// @throws LexicalException if it has more states than a schema may ask for
    static Dfa of(Nfa nfa) {
        return of(nfa, Math.max(MAX_STATES, 2 * nfa.states()));
    }

    static Dfa of(Nfa nfa, int maxStates) {
        return new Construction(nfa, maxStates).run();
    }

    /// -1 if nothing is accepted.
    int start() {
        return empty ? -1 : 0;
    }

    int states() {
        return members.length;
    }

    boolean accepting(int state) {
        return accepting[state];
    }

    /// The NFA's states that the state stands for, in rising order.
    int[] members(int state) {
        return members[state];
    }

    /// First and last code point and target of each move in turn, in rising order; neighbours of one target
    /// are one.
    int[] moves(int state) {
        return moves[state];
    }

    /// The state after a code point, -1 if none.
    int next(int state, int codePoint) {
        int[] own = moves[state];
        int low = 0;
        int high = own.length / 3 - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (codePoint < own[3 * middle]) {
                high = middle - 1;
            } else if (codePoint > own[3 * middle + 1]) {
                low = middle + 1;
            } else {
                return own[3 * middle + 2];
            }
        }
        return -1;
    }

    /// How many texts of `min` to `max` code points ([Integer#MAX_VALUE]: no limit) are accepted, up to
    /// `enough`; or fewer, where that takes long to find out.
    long count(int min, int max, long enough) {
        if (empty) {
            return 0;
        }
        if (max == Integer.MAX_VALUE && hasCycle()) {
            return enough;
        }
        long[] now = new long[states()];
        now[0] = 1;
        long total = 0;
        long work = 0;
        for (int length = 0; ; length++) {
            long[] next = new long[now.length];
            boolean goesOn = false;
            for (int state = 0; state < now.length; state++) {
                if (now[state] == 0) {
                    continue;
                }
                if (length >= min && accepting[state]) {
                    total = Math.min(enough, total + now[state]);
                }
                int[] own = moves[state];
                for (int i = 0; i < own.length; i += 3) {
                    goesOn = true;
                    work++;
                    long codes = own[i + 1] - own[i] + 1L;
                    long more = now[state] >= enough / codes ? enough : now[state] * codes;
                    next[own[i + 2]] = Math.min(enough, next[own[i + 2]] + more);
                }
            }
            if (total >= enough || !goesOn || length == max || work > MAX_WORK) {
                return total;
            }
            now = next;
        }
    }

    /// Whether a state can be reached from itself, so that there are infinitely many texts.
    private boolean hasCycle() {
        int[] incoming = new int[states()];
        for (int[] own : moves) {
            for (int i = 2; i < own.length; i += 3) {
                incoming[own[i]]++;
            }
        }
        int[] open = new int[states()];
        int count = 0;
        for (int state = 0; state < incoming.length; state++) {
            if (incoming[state] == 0) {
                open[count++] = state;
            }
        }
        for (int done = 0; done < count; done++) {
            int[] own = moves[open[done]];
            for (int i = 2; i < own.length; i += 3) {
                if (--incoming[own[i]] == 0) {
                    open[count++] = own[i];
                }
            }
        }
        return count < states();
    }

    /// All texts that are accepted, in no order; only for those of which there are finitely many.
    void collect(java.util.function.Consumer<String> into) {
        if (!empty) {
            collect(0, new StringBuilder(), into);
        }
    }

    private void collect(int state, StringBuilder text, java.util.function.Consumer<String> into) {
        if (accepting[state]) {
            into.accept(text.toString());
        }
        int[] own = moves[state];
        int length = text.length();
        for (int i = 0; i < own.length; i += 3) {
            for (int codePoint = own[i]; codePoint <= own[i + 1]; codePoint++) {
                collect(own[i + 2], text.appendCodePoint(codePoint), into);
                text.setLength(length);
            }
        }
    }

    /// The subset construction.
    private static final class Construction {
        private final Nfa nfa;
        private final int maxStates;
        private final boolean[] universal;
        private final Map<Members, Integer> known = new HashMap<>();
        private final List<int[]> members = new ArrayList<>();
        private long work;

        Construction(Nfa nfa, int maxStates) {
            this.nfa = nfa;
            this.maxStates = maxStates;
            this.universal = new boolean[nfa.states()];
        }

        Dfa run() {
            if (nfa.isEmpty()) {
                return new Dfa(true, new int[0][], new int[0][], new boolean[0]);
            }
            for (int state = 0; state < universal.length; state++) {
                universal[state] = nfa.universal(state);
            }
            intern(distinct(nfa.start()));
            List<int[]> moves = new ArrayList<>();
            for (int state = 0; state < members.size(); state++) {
                moves.add(moves(members.get(state)));
            }
            boolean[] accepting = new boolean[members.size()];
            for (int state = 0; state < accepting.length; state++) {
                for (int member : members.get(state)) {
                    accepting[state] |= nfa.accepting(member);
                }
            }
            return new Dfa(false, members.toArray(int[][]::new), moves.toArray(int[][]::new), accepting);
        }

        private int[] moves(int[] states) {
            int total = 0;
            for (int state : states) {
                total += nfa.edges(state).length / 3;
            }
            // The points where the set of edges that match changes: where one begins, and after its end.
            int[] points = new int[2 * total];
            int n = 0;
            for (int state : states) {
                int[] own = nfa.edges(state);
                for (int i = 0; i < own.length; i += 3) {
                    points[n++] = own[i];
                    points[n++] = own[i + 1] + 1;
                }
            }
            points = distinct(points);
            n = points.length;
            int[][] targets = new int[n][];
            int[] sizes = new int[n];
            for (int state : states) {
                int[] own = nfa.edges(state);
                for (int i = 0; i < own.length; i += 3) {
                    int piece = Arrays.binarySearch(points, own[i]);
                    for (; points[piece] <= own[i + 1]; piece++) {
                        int[] list = targets[piece];
                        if (list == null) {
                            list = new int[2];
                        } else if (sizes[piece] == list.length) {
                            list = Arrays.copyOf(list, 2 * list.length);
                        }
                        targets[piece] = list;
                        list[sizes[piece]++] = own[i + 2];
                        work++;
                    }
                }
            }
            check();
            int[] result = new int[3 * n];
            int used = 0;
            for (int piece = 0; piece + 1 < n; piece++) {
                int[] list = targets[piece];
                if (list == null) {
                    continue;
                }
                int target = intern(distinct(Arrays.copyOf(list, sizes[piece])));
                if (used > 0 && result[used - 1] == target && result[used - 2] + 1 == points[piece]) {
                    result[used - 2] = points[piece + 1] - 1;
                } else {
                    result[used++] = points[piece];
                    result[used++] = points[piece + 1] - 1;
                    result[used++] = target;
                }
            }
            return Arrays.copyOf(result, used);
        }

        private int intern(int[] states) {
            int[] set = states;
            for (int state : states) {
                if (universal[state]) {
                    set = new int[] {state};
                    break;
                }
            }
            Members key = new Members(set);
            Integer state = known.get(key);
            if (state == null) {
                state = members.size();
                known.put(key, state);
                members.add(set);
                work += set.length;
                check();
            }
            return state;
        }

        private void check() {
            if (members.size() > maxStates || work > MAX_WORK) {
                throw new LexicalException(
                        LexicalException.Reason.LIMIT,
                        "the deterministic automaton has more than " + Math.min(maxStates, members.size() - 1)
                                + " states; make the pattern simpler");
            }
        }

        /// Sorted, each value once.
        private static int[] distinct(int[] values) {
            if (values.length == 1) {
                return values;
            }
            Arrays.sort(values);
            int n = 0;
            for (int value : values) {
                if (n == 0 || values[n - 1] != value) {
                    values[n++] = value;
                }
            }
            return n == values.length ? values : Arrays.copyOf(values, n);
        }
    }

    /// A set of NFA states in rising order, as a key.
    private static final class Members {
        private final int[] states;
        private final int hash;

        Members(int[] states) {
            this.states = states;
            this.hash = Arrays.hashCode(states);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Members that && hash == that.hash && Arrays.equals(states, that.states);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }
}
