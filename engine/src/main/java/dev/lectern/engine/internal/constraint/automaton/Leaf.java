package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.lexical.ByteAutomaton;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A language of strings, numbers or literals with its frames. Thread-safe; shared among schemas where it depends on
/// none.
final class Leaf {
    private final ByteAutomaton automaton;
    private final Map<Integer, LeafFrame> frames = new HashMap<>();
    private final Map<Integer, FrameMask> masks = new HashMap<>();

    Leaf(ByteAutomaton automaton) {
        this.automaton = automaton;
    }

    ByteAutomaton automaton() {
        return automaton;
    }

    synchronized LeafFrame frame(int state) {
        LeafFrame frame = frames.get(state);
        if (frame == null) {
            frame = new LeafFrame(this, state, goesOn(state));
            frames.put(state, frame);
        }
        return frame;
    }

    private boolean goesOn(int state) {
        for (int value = 0; value < 256; value++) {
            if (automaton.next(state, value) != ByteAutomaton.DEAD) {
                return true;
            }
        }
        return false;
    }

    /// Adds what is on the stack when the leaf is in a state: the leaf if it can go on, what is beneath if it can end.
    void enter(int state, Config below, Moves moves) {
        if (automaton.accepting(state)) {
            moves.add(below);
        }
        LeafFrame frame = frame(state);
        if (frame.goesOn()) {
            moves.add(frame, below);
        }
    }

    /// Begins the leaf with its first byte.
    void begin(int value, Config below, Moves moves) {
        int start = automaton.start();
        int next = start == ByteAutomaton.DEAD ? ByteAutomaton.DEAD : automaton.next(start, value);
        if (next != ByteAutomaton.DEAD) {
            enter(next, below, moves);
        }
    }

    synchronized @Nullable FrameMask mask(int representative) {
        return masks.get(representative);
    }

    synchronized void mask(int representative, FrameMask mask) {
        masks.put(representative, mask);
    }
}
