package dev.lectern.engine.internal.constraint.automaton;

import org.jspecify.annotations.Nullable;

/// One level of nesting and how far it has been read. Interned: equal frames are one object.
abstract sealed class Frame permits LeafFrame, QuoteFrame, ValueFrame, ObjectFrame, ArrayFrame, EndFrame, WatchedFrame {
    static final int NONE = -1;
    static final int SEVERAL = -2;
    private static final int UNKNOWN = -3;

    private volatile int onlyByte = UNKNOWN;

    /// Worked out when first asked for.
    private volatile @Nullable FrameMask mask;

    private volatile @Nullable Ending ending;

    /// Adds what is on the stack after a byte; nothing if the byte is not admitted.
    abstract void step(Config at, int value, Moves moves);

    /// Whether there are so many like it that what follows is worked out again rather than kept.
    boolean isFleeting() {
        return false;
    }

    /// The one byte other than white space between values that it admits, [#NONE] or [#SEVERAL]. Of a character
    /// and its escapes, the character.
    ///
    /// @param at a stack with this frame on top
    int onlyByte(Config at, Machine machine) {
        if (onlyByte == UNKNOWN) {
            onlyByte = findOnlyByte(at, machine);
        }
        return onlyByte;
    }

    int findOnlyByte(Config at, Machine machine) {
        int only = NONE;
        for (int value = 0; value < 256 && only != SEVERAL; value++) {
            if (!(between() && blank(value))) {
                Moves moves = new Moves(machine);
                step(at, value, moves);
                if (!moves.configs().isEmpty()) {
                    only = only == NONE ? value : SEVERAL;
                }
            }
        }
        return only;
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
