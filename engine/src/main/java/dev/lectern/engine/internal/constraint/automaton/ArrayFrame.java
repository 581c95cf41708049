package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.automaton.ArrayType.Item;

/// Inside a list: after `[`, or after an item. An item that has not begun is a [ValueFrame] on top of the frame as
/// it will be after the item.
final class ArrayFrame extends Frame {
    private final ArrayType type;
    private final boolean opened;
    private final int index;
    private final long found;

    ArrayFrame(ArrayType type, boolean opened, int index, long found) {
        this.type = type;
        this.opened = opened;
        this.index = index;
        this.found = found;
    }

    ArrayType type() {
        return type;
    }

    boolean opened() {
        return opened;
    }

    int index() {
        return index;
    }

    long found() {
        return found;
    }

    @Override
    void step(Config at, int value, Moves moves) {
        if (blank(value)) {
            moves.add(at);
        } else if (value == ']') {
            if (type.complete(index, found)) {
                moves.add(at.below());
            }
        } else if (opened || value == ',') {
            Machine machine = moves.machine();
            for (Item item : type.items(index, found)) {
                Config after = machine.config(type.frame(false, index + 1, item.found()), at.below());
                ValueFrame next = machine.value(item.choice().shape());
                if (opened) {
                    next.begin(value, after, moves);
                } else {
                    moves.add(next, after);
                }
            }
        }
    }
}
