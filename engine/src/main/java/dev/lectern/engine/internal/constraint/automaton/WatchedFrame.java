package dev.lectern.engine.internal.constraint.automaton;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/// A frame in a list whose items differ (`uniqueItems`), or in one of its items: it knows what has been read of its
/// value, hands the value down when it ends, and does not become one of the values that are [Taken].
///
/// Such frames, their configs and states are not interned: they hold what an answer says, and are gone when it has
/// gone on. The tokens that they admit are those of the [#plain] frames less the few that lead to a taken value.
abstract sealed class WatchedFrame extends Frame
        permits WatchedLeaf, WatchedQuote, WatchedValue, WatchedObject, WatchedArray {
    @Override
    boolean isFleeting() {
        return true;
    }

    /// Since there is always a way on, the only one that the plain frame leaves is the only one here.
    @Override
    int onlyByte(Config at, Machine machine) {
        return plain().onlyByte(machine.plain(at), machine);
    }

    /// The frame that admits equal items too.
    abstract Frame plain();

    /// Whether the value differs from all earlier ones already, or has none to differ from.
    abstract boolean free();

    /// Whether a byte may lead on to where [#free] does not hold; true where that is not known.
    boolean risky(int value) {
        return true;
    }

    /// Whether the values that are left cannot run out within a token.
    boolean calm(Machine machine) {
        return true;
    }

    /// After the value on top of it; null if it may not be that one.
    @Nullable
    WatchedFrame received(Object value, Machine machine) {
        throw new IllegalStateException(getClass().getSimpleName() + " has no values within");
    }

    /// Whether both, on stacks that have read the same text, are the same.
    abstract boolean same(WatchedFrame other);

    /// Whether a string, after the byte, may still become one of those taken.
    static boolean mayRepeat(Spelled text, Collection<String> taken, int value) {
        if (value == '"' || value == '\\' || !text.endsWithCharacter()) {
            return true;
        }
        int at = text.characters().length();
        for (String earlier : taken) {
            if (at < earlier.length()) {
                char c = earlier.charAt(at);
                if (c == value || (c >= 0x80 && value >= 0x80)) {
                    return true;
                }
            }
        }
        return false;
    }

    /// A value is whole: what is beneath takes it.
    static void end(Object value, Config below, Moves moves) {
        if (!(below.top() instanceof WatchedFrame outer)) {
            moves.add(below);
            return;
        }
        WatchedFrame after = outer.received(value, moves.machine());
        if (after != null) {
            moves.add(after, below.below());
        }
    }
}
