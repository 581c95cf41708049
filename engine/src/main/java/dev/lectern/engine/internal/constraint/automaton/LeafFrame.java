package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.lexical.ByteAutomaton;
import java.util.Arrays;

/// Inside a string, a number or a literal.
final class LeafFrame extends Frame {
    private final Leaf leaf;
    private final int state;
    private final boolean goesOn;

    LeafFrame(Leaf leaf, int state, boolean goesOn) {
        this.leaf = leaf;
        this.state = state;
        this.goesOn = goesOn;
    }

    Leaf leaf() {
        return leaf;
    }

    int state() {
        return state;
    }

    boolean goesOn() {
        return goesOn;
    }

    @Override
    boolean between() {
        return false;
    }

    /// A character is the only one too if nothing else can come but its escapes.
    @Override
    int findOnlyByte(Config at, Machine machine) {
        int only = NONE;
        boolean escapes = false;
        for (int value = 0; value < 256; value++) {
            if (leaf.next(state, value) == ByteAutomaton.DEAD) {
                continue;
            }
            if (value == '\\') {
                escapes = true;
            } else if (only == NONE) {
                only = value;
            } else {
                return SEVERAL;
            }
        }
        if (!escapes) {
            return only;
        }
        if (only == NONE) {
            return '\\';
        }
        int escape = leaf.next(state, '\\');
        return only < 0x80 && only != '"' && areEscapesOf(only, escape, new byte[] {'\\'}) ? only : SEVERAL;
    }

    /// Whether all escapes that go on so stand for one character.
    private boolean areEscapesOf(int character, int from, byte[] begun) {
        boolean whole = begun.length == (begun.length > 1 && begun[1] != 'u' ? 2 : 6);
        if (whole) {
            return CanonicalText.read(begun, begun.length).charAt(0) == character;
        }
        for (int value = 0; value < 256; value++) {
            int next = leaf.next(from, value);
            if (next != ByteAutomaton.DEAD) {
                byte[] more = Arrays.copyOf(begun, begun.length + 1);
                more[begun.length] = (byte) value;
                if (!areEscapesOf(character, next, more)) {
                    return false;
                }
            }
        }
        return true;
    }

    @Override
    void step(Config at, int value, Moves moves) {
        int next = leaf.next(state, value);
        if (next != ByteAutomaton.DEAD) {
            leaf.enter(next, at.below(), moves);
        }
    }
}
