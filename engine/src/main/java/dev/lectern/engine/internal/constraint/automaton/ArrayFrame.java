package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.schema.Shape;

/// Inside a list: after `[`, or after an item. An item that has not begun is a [ValueFrame] on top of the frame as it
/// will be after the item.
final class ArrayFrame extends Frame {
    private final ArrayType type;
    private final boolean opened;
    private final int index;
    private final int found;

    ArrayFrame(ArrayType type, boolean opened, int index, int found) {
        this.type = type;
        this.opened = opened;
        this.index = index;
        this.found = found;
    }

    @Override
    void step(Config at, int value, Moves moves) {
        if (blank(value)) {
            moves.add(at);
        } else if (value == ']') {
            if (type.complete(index, found)) {
                moves.add(at.below());
            }
        } else if (opened) {
            items(at, moves, value);
        } else if (value == ',' && type.extensible(index, found)) {
            items(at, moves, -1);
        }
    }

    /// @param first the item's first byte if it has been read already, else -1
    private void items(Config at, Moves moves, int first) {
        if (!type.extensible(index, found)) {
            return;
        }
        item(at, moves, first, type.item(index, found), found);
        item(at, moves, first, type.match(index, found), found + 1);
    }

    private void item(
            Config at, Moves moves, int first, @org.jspecify.annotations.Nullable Shape shape, int foundAfter) {
        if (shape == null) {
            return;
        }
        Machine machine = moves.machine();
        Config after = machine.config(type.frame(false, index + 1, foundAfter), at.below());
        ValueFrame value = machine.value(shape);
        if (first < 0) {
            moves.add(value, after);
        } else {
            value.begin(first, after, moves);
        }
    }
}
