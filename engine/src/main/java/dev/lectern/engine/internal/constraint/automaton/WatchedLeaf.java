package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.lexical.ByteAutomaton;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/// Inside a string, number, literal or name that is not to be one of those taken.
final class WatchedLeaf extends WatchedFrame {
    /// How many beginnings of values are looked at to find one that is not taken.
    private static final int MAX_TRIED = 4_096;

    enum Kind {
        STRING {
            @Override
            Object value(Spelled text) {
                return text.characters();
            }

            @Override
            Taken narrow(Taken taken, Spelled text) {
                return text.length() == 0 ? taken.startingWith("") : taken.startingWith(text.characters());
            }
        },
        NUMBER {
            @Override
            Object value(Spelled text) {
                BigDecimal number = new BigDecimal(text.ascii());
                return number.signum() == 0 ? BigDecimal.ZERO : number.stripTrailingZeros();
            }

            @Override
            Taken narrow(Taken taken, Spelled text) {
                return taken.numbersFrom(text.ascii());
            }
        },
        LITERAL {
            @Override
            Object value(Spelled text) {
                String literal = text.ascii();
                return literal.equals("null") ? Taken.NULL : (Object) literal.equals("true");
            }

            @Override
            Taken narrow(Taken taken, Spelled text) {
                return taken.literalsFrom(text.ascii());
            }
        };

        abstract Object value(Spelled text);

        /// Of the values taken those that the text may become.
        abstract Taken narrow(Taken taken, Spelled text);
    }

    private final Leaf leaf;
    private final int state;
    private final Kind kind;
    private final Spelled text;
    private final Taken taken;

    private WatchedLeaf(Leaf leaf, int state, Kind kind, Spelled text, Taken taken) {
        this.leaf = leaf;
        this.state = state;
        this.kind = kind;
        this.text = text;
        this.taken = taken;
    }

    /// Begins the leaf with its first byte.
    static void begin(Leaf leaf, Kind kind, int value, Taken taken, Config below, Moves moves) {
        int start = leaf.automaton().start();
        int next = start == ByteAutomaton.DEAD ? ByteAutomaton.DEAD : leaf.next(start, value);
        if (next != ByteAutomaton.DEAD) {
            enter(leaf, next, kind, Spelled.NONE.and(value), taken, below, moves);
        }
    }

    /// @param text what has been read, the byte that led to the state included
    static void enter(Leaf leaf, int state, Kind kind, Spelled text, Taken taken, Config below, Moves moves) {
        Taken left = taken.isEmpty() ? taken : kind.narrow(taken, text);
        if (leaf.accepting(state)) {
            Object value = kind.value(text);
            if (!left.blocks(value)) {
                end(value, below, moves);
            }
        }
        if (leaf.frame(state).goesOn() && alive(leaf, state, kind, text, left)) {
            moves.add(new WatchedLeaf(leaf, state, kind, text, left), below);
        }
    }

    /// Whether the leaf has a value that must not be none of those taken.
    static boolean possible(Leaf leaf, Kind kind, Taken taken) {
        int start = leaf.automaton().start();
        return start != ByteAutomaton.DEAD && alive(leaf, start, kind, Spelled.NONE, kind.narrow(taken, Spelled.NONE));
    }

    private record Begun(int state, Spelled text) {}

    private record Seen(int state, String text) {}

    /// Whether a text that goes on from here becomes a value that may come. Leaves have no dead ends, so that
    /// is so as soon as no blocked value begins like the text.
    private static boolean alive(Leaf leaf, int state, Kind kind, Spelled text, Taken taken) {
        if (isEndless(leaf) || !taken.mayBlock()) {
            return true;
        }
        String[] listed = leaf.listed();
        if (kind == Kind.STRING && listed != null && text.endsWithCharacter()) {
            return taken.leavesOneOf(listed, text.characters());
        }
        Deque<Begun> open = new ArrayDeque<>();
        Set<Seen> seen = new HashSet<>();
        open.add(new Begun(state, text));
        for (int tried = 0; tried < MAX_TRIED && !open.isEmpty(); tried++) {
            Begun begun = open.remove();
            for (int value = 0; value < 256; value++) {
                int next = leaf.next(begun.state(), value);
                if (next == ByteAutomaton.DEAD) {
                    continue;
                }
                Spelled longer = begun.text().and(value);
                Taken left = kind.narrow(taken, longer);
                if (!left.mayBlock() || (leaf.accepting(next) && !left.blocks(kind.value(longer)))) {
                    return true;
                }
                String read = kind == Kind.STRING ? longer.characters() : longer.ascii();
                if (leaf.frame(next).goesOn() && seen.add(new Seen(next, read))) {
                    open.add(new Begun(next, longer));
                }
            }
        }
        return false;
    }

    @Override
    boolean between() {
        return false;
    }

    @Override
    void step(Config at, int value, Moves moves) {
        int next = leaf.next(state, value);
        if (next != ByteAutomaton.DEAD) {
            enter(leaf, next, kind, text.and(value), taken, at.below(), moves);
        }
    }

    Kind kind() {
        return kind;
    }

    /// Whether whatever goes on without a quote can still become a value that is not taken.
    boolean isEndless() {
        return isEndless(leaf);
    }

    private static boolean isEndless(Leaf leaf) {
        return leaf.automaton() instanceof AnyText || leaf.automaton() == CanonicalText.INSTANCE;
    }

    @Override
    Frame plain() {
        return leaf.frame(state);
    }

    @Override
    boolean free() {
        return taken.isEmpty();
    }

    @Override
    boolean risky(int value) {
        return !taken.isEmpty() && (kind != Kind.STRING || mayRepeat(text, taken.strings(), value));
    }

    @Override
    boolean same(WatchedFrame other) {
        return other instanceof WatchedLeaf that
                && leaf == that.leaf
                && state == that.state
                && text.length() == that.text.length()
                && taken.blocked().equals(that.taken.blocked());
    }
}
