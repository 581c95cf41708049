package dev.lectern.engine.internal.constraint.automaton;

import java.util.List;

/// Before a value that is not to be one of those taken.
final class WatchedValue extends WatchedFrame {
    private final ValueFrame plain;
    private final Taken taken;

    WatchedValue(ValueFrame plain, Taken taken) {
        this.plain = plain;
        this.taken = taken;
    }

    @Override
    void step(Config at, int value, Moves moves) {
        if (blank(value)) {
            moves.add(at);
        } else {
            begin(value, at.below(), moves);
        }
    }

    /// Begins the value with its first byte.
    void begin(int value, Config below, Moves moves) {
        switch (value) {
            case '"' -> {
                begin(plain.strings(), WatchedLeaf.Kind.STRING, value, below, moves);
                for (QuoteText quote : plain.quotes()) {
                    WatchedQuote opened = WatchedQuote.opened(quote, taken);
                    if (opened.possible(moves.machine())) {
                        moves.add(opened, below);
                    }
                }
            }
            case '{' -> {
                for (ObjectType type : plain.objects()) {
                    WatchedObject opened = WatchedObject.opened(type, taken);
                    if (opened.possible(moves.machine())) {
                        moves.add(opened, below);
                    }
                }
            }
            case '[' -> {
                for (ArrayType type : plain.arrays()) {
                    WatchedArray opened = WatchedArray.opened(type, taken);
                    if (opened.possible(moves.machine())) {
                        moves.add(opened, below);
                    }
                }
            }
            case 't', 'f', 'n' -> begin(plain.literals(), WatchedLeaf.Kind.LITERAL, value, below, moves);
            default -> begin(plain.numbers(), WatchedLeaf.Kind.NUMBER, value, below, moves);
        }
    }

    private void begin(List<Leaf> leaves, WatchedLeaf.Kind kind, int value, Config below, Moves moves) {
        for (Leaf leaf : leaves) {
            WatchedLeaf.begin(leaf, kind, value, taken, below, moves);
        }
    }

    /// Whether there is a value that may come.
    boolean possible(Machine machine) {
        return taken.blocksNothing()
                || any(plain.strings(), WatchedLeaf.Kind.STRING)
                || any(plain.numbers(), WatchedLeaf.Kind.NUMBER)
                || any(plain.literals(), WatchedLeaf.Kind.LITERAL)
                || plain.quotes().stream()
                        .anyMatch(quote -> WatchedQuote.opened(quote, taken).possible(machine))
                || plain.objects().stream()
                        .anyMatch(type -> WatchedObject.opened(type, taken).possible(machine))
                || plain.arrays().stream()
                        .anyMatch(type -> WatchedArray.opened(type, taken).possible(machine));
    }

    private boolean any(List<Leaf> leaves, WatchedLeaf.Kind kind) {
        return leaves.stream().anyMatch(leaf -> WatchedLeaf.possible(leaf, kind, taken));
    }

    @Override
    Frame plain() {
        return plain;
    }

    @Override
    boolean free() {
        return taken.isEmpty();
    }

    @Override
    boolean same(WatchedFrame other) {
        return other instanceof WatchedValue that
                && plain == that.plain
                && taken.blocked().equals(that.taken.blocked());
    }
}
