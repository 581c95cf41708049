package dev.lectern.engine.internal.constraint.lexical;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.IntPredicate;

/// Short ways from the states of a [Dfa] to acceptance, as the JSON text of the code points on them. Worked out for
/// all states at once, from the accepting ones backwards. Immutable.
final class CodePointPath {
    /// Among the code points that lead to a state, the first of these is taken; dates come out in this
    /// millennium so.
    private static final String PREFERRED = "2013456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ _-";

    private static final int UNREACHED = Integer.MAX_VALUE;

    private final Dfa dfa;
    /// Of each state the number of bytes to acceptance.
    private final int[] bytes;
    /// Of each state the move to take: an index into [Dfa#moves].
    private final int[] moves;

    CodePointPath(Dfa dfa) {
        this.dfa = dfa;
        int states = dfa.states();
        this.bytes = new int[states];
        this.moves = new int[states];
        Arrays.fill(bytes, UNREACHED);
        List<List<int[]>> sources = new ArrayList<>();
        for (int state = 0; state < states; state++) {
            sources.add(new ArrayList<>());
        }
        PriorityQueue<int[]> open = new PriorityQueue<>((a, b) -> Integer.compare(a[1], b[1]));
        for (int state = 0; state < states; state++) {
            int[] own = dfa.moves(state);
            for (int move = 0; move < own.length; move += 3) {
                sources.get(own[move + 2]).add(new int[] {state, move});
            }
            if (dfa.accepting(state)) {
                bytes[state] = 0;
                open.add(new int[] {state, 0});
            }
        }
        while (!open.isEmpty()) {
            int[] next = open.remove();
            if (next[1] > bytes[next[0]]) {
                continue;
            }
            for (int[] source : sources.get(next[0])) {
                int[] own = dfa.moves(source[0]);
                int length = next[1] + cost(own, source[1]);
                if (length < bytes[source[0]]) {
                    bytes[source[0]] = length;
                    moves[source[0]] = source[1];
                    open.add(new int[] {source[0], length});
                }
            }
        }
    }

    /// Writes the code points from a state to one that accepts.
    void write(int from, ByteArrayOutputStream text) {
        int state = from;
        while (!dfa.accepting(state)) {
            state = write(state, moves[state], text);
        }
    }

    /// Writes so many code points, after which the DFA accepts.
    void write(int from, int length, Lengths lengths, ByteArrayOutputStream text) {
        int state = from;
        for (int left = length - 1; left >= 0; left--) {
            int best = -1;
            int[] own = dfa.moves(state);
            for (int move = 0; move < own.length; move += 3) {
                boolean leads = lengths.reaches(own[move + 2], left, left);
                if (leads && (best < 0 || cost(own, move) < cost(own, best))) {
                    best = move;
                }
            }
            if (best < 0) {
                throw new IllegalStateException("a length that was promised is not reached");
            }
            state = write(state, best, text);
        }
    }

    /// The number of bytes that spell the shortest code point of a move.
    private static int cost(int[] moves, int move) {
        int first = Math.max(moves[move], ' ');
        int last = Math.min(moves[move + 1], 0x7E);
        // Of two neighbours at most one needs an escape.
        return first < last || (first == last && first != '"' && first != '\\')
                ? 1
                : spelled(typical(moves[move], moves[move + 1])).length;
    }

    private int write(int state, int move, ByteArrayOutputStream text) {
        int[] own = dfa.moves(state);
        text.writeBytes(spelled(typical(own[move], own[move + 1])));
        return own[move + 2];
    }

    /// A code point of a range that is short as JSON.
    private static int typical(int first, int last) {
        if (first <= 0x7E && last >= ' ') {
            for (int i = 0; i < PREFERRED.length(); i++) {
                if (PREFERRED.charAt(i) >= first && PREFERRED.charAt(i) <= last) {
                    return PREFERRED.charAt(i);
                }
            }
            for (int codePoint = Math.max(first, ' '); codePoint <= Math.min(last, 0x7E); codePoint++) {
                if (codePoint != '"' && codePoint != '\\') {
                    return codePoint;
                }
            }
        }
        return first < 0x80 && last >= 0xA0 ? 0xA0 : first;
    }

    private static byte[] spelled(int codePoint) {
        if (codePoint == '"' || codePoint == '\\') {
            return new byte[] {'\\', (byte) codePoint};
        }
        int shortly = "\b\t\n\f\r".indexOf(codePoint);
        if (shortly >= 0) {
            return new byte[] {'\\', (byte) "btnfr".charAt(shortly)};
        }
        if (codePoint >= 0x20) {
            return Character.toString(codePoint).getBytes(StandardCharsets.UTF_8);
        }
        String digits = Integer.toHexString(codePoint);
        return ("\\u" + "0".repeat(4 - digits.length()) + digits).getBytes(StandardCharsets.US_ASCII);
    }

    /// Writes bytes to the end of the code point that is under way; any that lead on will do, since no state of
    /// a string is a dead end.
    ///
    /// @param between whether a state stands between code points
    /// @return the state after them
    static int writeRest(ByteAutomaton text, int state, IntPredicate between, ByteArrayOutputStream bytes) {
        int at = state;
        while (!between.test(at)) {
            int value = firstAdmitted(text, at);
            bytes.write(value);
            at = text.next(at, value);
        }
        return at;
    }

    private static int firstAdmitted(ByteAutomaton text, int state) {
        String ascii = "\"n/\\tbrfu0123456789abcdef";
        for (int i = 0; i < ascii.length(); i++) {
            if (text.next(state, ascii.charAt(i)) != ByteAutomaton.DEAD) {
                return ascii.charAt(i);
            }
        }
        for (int value = 0x80; value < 0xC0; value++) {
            if (text.next(state, value) != ByteAutomaton.DEAD) {
                return value;
            }
        }
        throw new IllegalStateException("no byte leads on from within a character");
    }
}
