package dev.lectern.engine.internal.constraint.automaton;

import org.jspecify.annotations.Nullable;

/// One level of nesting and how far it has been read. Interned: equal frames are one object.
abstract sealed class Frame permits LeafFrame, QuoteFrame, ValueFrame, ObjectFrame, ArrayFrame, EndFrame {
    /// Worked out when first asked for.
    private volatile @Nullable FrameMask mask;

    private volatile @Nullable Ending ending;

    /// Adds what is on the stack after a byte; nothing if the byte is not admitted.
    abstract void step(Config at, int value, Moves moves);

    /// Whether there are so many like it that what follows is worked out again rather than kept.
    boolean isFleeting() {
        return false;
    }

    /// Whether white space may come here without being part of a value.
    boolean between() {
        return true;
    }

    static boolean blank(int value) {
        return value == ' ' || value == '\n' || value == '\r' || value == '\t';
    }

    @Nullable
    FrameMask mask() {
        return mask;
    }

    void mask(FrameMask known) {
        mask = known;
    }

    /// How it is ended in an object without names; null if not worked out yet.
    @Nullable
    Ending ending() {
        return ending;
    }

    void ending(Ending known) {
        ending = known;
    }
}
