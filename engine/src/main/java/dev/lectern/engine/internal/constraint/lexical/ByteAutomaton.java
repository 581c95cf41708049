package dev.lectern.engine.internal.constraint.lexical;

import org.jspecify.annotations.Nullable;

/// A deterministic automaton over bytes: the JSON text of a string (with its quotes) or of a number.
///
/// States are non-negative numbers, made when they are first reached. Every state other than [#DEAD] can
/// reach an accepting one, so a byte is a dead end exactly if [#next] says so and masks made from it are
/// exact. Thread-safe.
public interface ByteAutomaton {
    int DEAD = -1;

    /// [#DEAD] if the language is empty.
    int start();

    /// The state after one more byte (0..255), [#DEAD] if no text of the language goes on so.
    int next(int state, int unsignedByte);

    boolean accepting(int state);

    default boolean isEmpty() {
        return start() == DEAD;
    }

    /// The rest of a short text of the language from a state on, where that is known without a search; else
    /// null, and whoever needs one searches the states from this one on. Empty if the state accepts.
    default byte @Nullable [] ending(int state) {
        return null;
    }

    /// A state that admits the same next bytes, up to so many, with acceptance at the same places: states
    /// far from a limit on the length share one, so that masks can be cached under it. Which states the
    /// bytes then lead to may differ.
    default int representative(int state, int bytes) {
        return state;
    }
}
