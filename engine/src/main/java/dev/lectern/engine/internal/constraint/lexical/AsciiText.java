package dev.lectern.engine.internal.constraint.lexical;

/// The text of a [Dfa] over ASCII, byte by byte. Thread-safe.
final class AsciiText implements ByteAutomaton {
    private final Dfa dfa;

    AsciiText(Dfa dfa) {
        this.dfa = dfa;
    }

    @Override
    public int start() {
        return dfa.start();
    }

    @Override
    public int next(int state, int unsignedByte) {
        return dfa.next(state, unsignedByte);
    }

    @Override
    public boolean accepting(int state) {
        return dfa.accepting(state);
    }
}
