package dev.lectern.engine.internal.constraint.lexical;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How long the strings are that lead from a state to acceptance: which numbers of code points, exactly.
///
/// The states that accept after exactly k code points are those with an edge to one that accepts after k -
/// 1, so the sets of them for k = 0, 1, ... come back to an earlier one sooner or later and repeat from
/// there.
final class Lengths {
    private static final long MAX_WORK = 200_000_000;

    private final Dfa dfa;
    private final int states;
    /// Of k = 0, 1, ...: the NFA's states that accept after exactly k code points, until they repeat.
    private final List<BitSet> exact = new ArrayList<>();
    /// The k that follows the last one in `exact` is this one again; -1 if k beyond the last is never asked
    /// for.
    private final int back;

    private final List<@Nullable BitSet> known = new ArrayList<>();

    Lengths(Nfa nfa, Dfa dfa, int max) {
        this.dfa = dfa;
        this.states = nfa.states();
        BitSet current = new BitSet();
        long edges = 0;
        for (int state = 0; state < nfa.states(); state++) {
            current.set(state, nfa.accepting(state));
            edges += nfa.edges(state).length / 3;
        }
        Map<BitSet, Integer> seen = new HashMap<>();
        long work = 0;
        int k = 0;
        Integer earlier = null;
        while (earlier == null && k <= max) {
            seen.put(current, k++);
            exact.add(current);
            work += edges + nfa.states();
            if (work > MAX_WORK) {
                throw new LexicalException(
                        LexicalException.Reason.LIMIT,
                        "the pattern and the limits on the length are too large together");
            }
            current = before(nfa, current);
            earlier = seen.get(current);
        }
        back = earlier == null ? -1 : earlier;
    }

    private static BitSet before(Nfa nfa, BitSet targets) {
        BitSet result = new BitSet();
        for (int state = 0; state < nfa.states(); state++) {
            int[] own = nfa.edges(state);
            for (int i = 2; i < own.length; i += 3) {
                if (targets.get(own[i])) {
                    result.set(state);
                    break;
                }
            }
        }
        return result;
    }

    /// Whether the DFA's state can reach acceptance with at least `min` and at most `max` code points.
    boolean reaches(int state, int min, int max) {
        return least(state, min, max) >= 0;
    }

    /// The least number of code points, at least `min` and at most `max`, with which the DFA's state can reach
    /// acceptance; -1 if there is none.
    int least(int state, int min, int max) {
        if (max < 0) {
            return -1;
        }
        int from = Math.max(min, 0);
        BitSet own = of(state);
        int size = exact.size();
        if (from < size) {
            int length = own.nextSetBit(from);
            if (length >= 0) {
                return length <= max ? length : -1;
            }
        }
        if (back < 0 || own.nextSetBit(back) < 0) {
            return -1;
        }
        // Beyond the listed lengths: fold the lower end into the part that repeats.
        int period = size - back;
        long beyond = Math.max(from, size);
        int folded = back + (int) ((beyond - back) % period);
        int length = own.nextSetBit(folded);
        long first = length >= 0 ? beyond + length - folded : beyond + size - folded + own.nextSetBit(back) - back;
        return first <= max ? (int) first : -1;
    }

    /// Whether a string that leads from the state to acceptance is shorter than `min` or longer than `max`.
    boolean exceed(int state, int min, int max) {
        BitSet own = of(state);
        int shortest = own.nextSetBit(0);
        if (shortest >= 0 && shortest < min) {
            return true;
        }
        // Where nothing repeats, the lengths beyond the limit are not listed.
        return max < Integer.MAX_VALUE && (back < 0 || own.nextSetBit(back) >= 0 || own.length() - 1 > max);
    }

    /// From how many code points on every length leads to acceptance, whatever the state; -1 if not so.
    int slackFrom() {
        if (back < 0 || exact.size() - back != 1) {
            return -1;
        }
        return exact.get(back).cardinality() == states ? back : -1;
    }

    private synchronized BitSet of(int state) {
        while (known.size() <= state) {
            known.add(null);
        }
        BitSet own = known.get(state);
        if (own == null) {
            own = new BitSet(exact.size());
            int[] members = dfa.members(state);
            for (int k = 0; k < exact.size(); k++) {
                for (int member : members) {
                    if (exact.get(k).get(member)) {
                        own.set(k);
                        break;
                    }
                }
            }
            known.set(state, own);
        }
        return own;
    }
}
