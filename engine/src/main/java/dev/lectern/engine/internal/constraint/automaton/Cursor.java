package dev.lectern.engine.internal.constraint.automaton;

import org.jspecify.annotations.Nullable;

/// A place in a text that is being read by an [Automaton]. Not thread-safe itself; cursors of one automaton may be
/// used by several threads.
public final class Cursor {
    private final Automaton automaton;
    private States states;

    Cursor(Automaton automaton, States states) {
        this.automaton = automaton;
        this.states = states;
    }

    public Cursor copy() {
        return new Cursor(automaton, states);
    }

    /// Reads bytes; where they cannot follow, the cursor stays where it was.
    ///
    /// @return whether a valid value can still follow
    public boolean read(byte[] bytes, int from, int to) {
        synchronized (automaton) {
            States next = states;
            for (int i = from; i < to; i++) {
                next = next.next(bytes[i] & 0xFF);
                if (next.isDead()) {
                    return false;
                }
            }
            states = next;
            automaton.machine().forgetIfLarge();
            return true;
        }
    }

    /// Sets the bits of the tokens that may follow.
    public void mask(long[] words) {
        synchronized (automaton) {
            for (Config config : states.configs()) {
                automaton.masks().add(config, words);
            }
        }
    }

    /// Whether the text so far is a whole value.
    public boolean isComplete() {
        synchronized (automaton) {
            for (Config config : states.configs()) {
                if (config == automaton.machine().end()) {
                    return true;
                }
            }
            return false;
        }
    }

    /// Whether names of an object may be of a pattern that the schema gives.
    public boolean hasNamePatterns() {
        synchronized (automaton) {
            return automaton.machine().hasNamePatterns();
        }
    }

    /// An upper bound of the number of tokens with which the text can be ended so that it is whole;
    /// [Integer#MAX_VALUE] if it cannot, or only with more bytes than are worth writing down.
    public int tokensToEnd(OpenNames names) {
        synchronized (automaton) {
            return isComplete() ? 0 : automaton.endings().tokens(states, names);
        }
    }

    /// The bytes that end the text so that it is whole, with few tokens; null if there are none.
    public byte @Nullable [] ending(OpenNames names) {
        synchronized (automaton) {
            return isComplete() ? new byte[0] : automaton.endings().shortest(states, names);
        }
    }

    /// Whether the text is a whole value that nothing but white space can follow.
    public boolean isEnded() {
        synchronized (automaton) {
            Config[] configs = states.configs();
            return configs.length == 1 && configs[0] == automaton.machine().end();
        }
    }

    /// Whether white space here would be no part of a value.
    public boolean isBetween() {
        synchronized (automaton) {
            for (Config config : states.configs()) {
                if (!config.top().between()) {
                    return false;
                }
            }
            return true;
        }
    }

    /// The one byte other than white space that can follow, or -1 if there are several, or none.
    public int onlyByte() {
        synchronized (automaton) {
            int only = -1;
            for (Config config : states.configs()) {
                int own = automaton.machine().onlyByte(config.top());
                if (own == Frame.SEVERAL || (own >= 0 && only >= 0 && own != only)) {
                    return -1;
                }
                only = own >= 0 ? own : only;
            }
            return only;
        }
    }
}
