package dev.lectern.engine.internal.constraint.lexical;

import java.util.Arrays;

/// The text of a [Dfa] over ASCII, byte by byte. Immutable.
final class AsciiText implements ByteAutomaton {
    private static final int CODES = 128;

    private final Dfa dfa;
    /// State after each byte, `CODES` entries for each state.
    private final int[] table;

    AsciiText(Dfa dfa) {
        this.dfa = dfa;
        this.table = new int[CODES * dfa.states()];
        Arrays.fill(table, DEAD);
        for (int state = 0; state < dfa.states(); state++) {
            int[] moves = dfa.moves(state);
            for (int i = 0; i < moves.length; i += 3) {
                Arrays.fill(table, CODES * state + moves[i], CODES * state + moves[i + 1] + 1, moves[i + 2]);
            }
        }
    }

    @Override
    public int start() {
        return dfa.start();
    }

    @Override
    public int next(int state, int unsignedByte) {
        return unsignedByte < CODES ? table[CODES * state + unsignedByte] : DEAD;
    }

    @Override
    public boolean accepting(int state) {
        return dfa.accepting(state);
    }
}
