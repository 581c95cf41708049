package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.lexical.ByteAutomaton;

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

    @Override
    void step(Config at, int value, Moves moves) {
        int next = leaf.next(state, value);
        if (next != ByteAutomaton.DEAD) {
            leaf.enter(next, at.below(), moves);
        }
    }
}
