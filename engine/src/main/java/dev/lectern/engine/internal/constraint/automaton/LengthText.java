package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.lexical.ByteAutomaton;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// JSON strings of which only the length is restricted. A state is one of [AnyText]'s with the number of code points
/// so far, so that masks follow from two numbers: how many code points there is room for, and how many are still
/// needed.
final class LengthText implements ByteAutomaton {
    private final AnyText text;
    private final int min;
    private final int max;

    LengthText(AnyText text, int min, int max) {
        this.text = text;
        this.min = min;
        this.max = max;
    }

    @Override
    public int start() {
        return text.start();
    }

    @Override
    public boolean accepting(int state) {
        return text.accepting(state % text.states());
    }

    @Override
    public int next(int state, int value) {
        int before = state % text.states();
        int count = state / text.states();
        int after = text.next(before, value);
        if (after == DEAD) {
            return DEAD;
        }
        if (text.accepting(after)) {
            return count >= min ? after : DEAD;
        }
        if (before == text.start()) {
            return after;
        }
        if (count >= max) {
            return DEAD;
        }
        int counted = after == text.body() ? count + 1 : count;
        // Without an upper limit, counting ends where the lower one is reached.
        return after + text.states() * (max == Integer.MAX_VALUE ? Math.min(counted, min) : counted);
    }

    /// Fills up with spaces: there are tokens of many.
    @Override
    public byte @Nullable [] ending(int state) {
        if (text.accepting(state % text.states())) {
            return new byte[0];
        }
        boolean opened = atBody(state);
        if (!opened && state != start()) {
            return null;
        }
        int filling = need(state);
        byte[] ending = new byte[filling + (opened ? 1 : 2)];
        Arrays.fill(ending, (byte) ' ');
        ending[0] = '"';
        ending[ending.length - 1] = '"';
        if (opened && filling > 0) {
            ending[0] = ' ';
        }
        return ending;
    }

    /// Whether a whole number of code points has been read.
    boolean atBody(int state) {
        return state % text.states() == text.body();
    }

    /// How many code points may follow.
    int room(int state) {
        return max == Integer.MAX_VALUE ? max : max - state / text.states();
    }

    /// How many code points have to follow.
    int need(int state) {
        return Math.max(0, min - state / text.states());
    }
}
