package dev.lectern.engine.internal.constraint.lexical;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The deterministic automaton over code points of an [Nfa], made state by state when a state's moves are
/// asked for.
///
/// A state is a set of the NFA's states. Since each of those can reach acceptance, there are no dead ends:
/// a move that is not listed is the only way to fail. Thread-safe.
final class Dfa {
    private final Nfa nfa;
    private final boolean[] universal;
    private final Map<Members, Integer> known = new HashMap<>();
    private final List<int[]> members = new ArrayList<>();
    private final List<int @Nullable []> moves = new ArrayList<>();
    private final List<Boolean> accepting = new ArrayList<>();

    Dfa(Nfa nfa) {
        this.nfa = nfa;
        this.universal = new boolean[nfa.states()];
        for (int state = 0; state < universal.length; state++) {
            universal[state] = nfa.universal(state);
        }
        if (!nfa.isEmpty()) {
            intern(nfa.start());
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

    /// -1 if nothing is accepted.
    int start() {
        return nfa.isEmpty() ? -1 : 0;
    }

    synchronized int states() {
        return members.size();
    }

    synchronized boolean accepting(int state) {
        return accepting.get(state);
    }

    /// The NFA's states that the state stands for, in rising order.
    synchronized int[] members(int state) {
        return members.get(state);
    }

    /// First and last code point and target of each move in turn, in rising order; neighbours of one target
    /// are one.
    synchronized int[] moves(int state) {
        int[] known = moves.get(state);
        if (known == null) {
            known = compute(members.get(state));
            moves.set(state, known);
        }
        return known;
    }

    /// The state after a code point, -1 if none.
    int next(int state, int codePoint) {
        int[] own = moves(state);
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

    private int[] compute(int[] states) {
        int total = 0;
        for (int state : states) {
            total += nfa.edges(state).length / 3;
        }
        // The points where the set of edges that match changes: each edge's first code point and the one after its
        // last.
        int[] points = new int[2 * total];
        int n = 0;
        for (int state : states) {
            int[] own = nfa.edges(state);
            for (int i = 0; i < own.length; i += 3) {
                points[n++] = own[i];
                points[n++] = own[i + 1] + 1;
            }
        }
        Arrays.sort(points);
        n = distinct(points, n);
        // Per piece between two points the targets; edges are few per piece, so plain lists do.
        int[][] targets = new int[n][];
        int[] sizes = new int[n];
        for (int state : states) {
            int[] own = nfa.edges(state);
            for (int i = 0; i < own.length; i += 3) {
                int piece = Arrays.binarySearch(points, 0, n, own[i]);
                for (; piece < n && points[piece] <= own[i + 1]; piece++) {
                    int[] list = targets[piece];
                    if (list == null) {
                        list = new int[4];
                        targets[piece] = list;
                    } else if (sizes[piece] == list.length) {
                        list = Arrays.copyOf(list, 2 * list.length);
                        targets[piece] = list;
                    }
                    list[sizes[piece]++] = own[i + 2];
                }
            }
        }
        int[] result = new int[3 * n];
        int used = 0;
        for (int piece = 0; piece + 1 < n; piece++) {
            int[] list = targets[piece];
            if (list == null) {
                continue;
            }
            int[] set = Arrays.copyOf(list, sizes[piece]);
            Arrays.sort(set);
            int target = intern(Arrays.copyOf(set, distinct(set, set.length)));
            result[used++] = points[piece];
            result[used++] = points[piece + 1] - 1;
            result[used++] = target;
        }
        return merged(Arrays.copyOf(result, used));
    }

    private static int distinct(int[] sorted, int length) {
        int n = 0;
        for (int i = 0; i < length; i++) {
            if (n == 0 || sorted[n - 1] != sorted[i]) {
                sorted[n++] = sorted[i];
            }
        }
        return n;
    }

    /// Neighbouring pieces of one target become one.
    private static int[] merged(int[] pieces) {
        int n = 0;
        for (int i = 0; i < pieces.length; i += 3) {
            if (n > 0 && pieces[n - 1] == pieces[i + 2] && pieces[n - 2] + 1 == pieces[i]) {
                pieces[n - 2] = pieces[i + 1];
            } else {
                pieces[n++] = pieces[i];
                pieces[n++] = pieces[i + 1];
                pieces[n++] = pieces[i + 2];
            }
        }
        return Arrays.copyOf(pieces, n);
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
        if (state != null) {
            return state;
        }
        int name = members.size();
        known.put(key, name);
        members.add(set);
        moves.add(null);
        boolean accepts = false;
        for (int member : set) {
            accepts |= nfa.accepting(member);
        }
        accepting.add(accepts);
        return name;
    }
}
