package dev.lectern.engine.internal.constraint.automaton;

/// The bottom of a stack: after the whole value, or the hole on which a frame's mask is worked out.
final class EndFrame extends Frame {
    private final boolean blanks;

    /// @param blanks whether white space may follow
    EndFrame(boolean blanks) {
        this.blanks = blanks;
    }

    @Override
    void step(Config at, int value, Moves moves) {
        if (blanks && blank(value)) {
            moves.add(at);
        }
    }
}
