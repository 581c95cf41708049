package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.schema.ArrayShape;
import dev.lectern.engine.internal.constraint.schema.ItemCounts;
import dev.lectern.engine.internal.constraint.schema.ObjectShape.Choice;
import dev.lectern.engine.internal.constraint.schema.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What an [ArrayShape] needs to be read.
final class ArrayType {
    private record Place(boolean opened, int index, long found) {}

    private final ArrayShape shape;
    private final ItemCounts counts;
    private final int maxItems;
    private final Map<Place, ArrayFrame> frames = new HashMap<>();

    ArrayType(ArrayShape shape) {
        this.shape = shape;
        this.counts = new ItemCounts(shape, Shape::isInhabited);
        this.maxItems = counts.maxItems();
    }

    boolean unique() {
        return shape.unique();
    }

    boolean possible() {
        return shape.minItems() <= maxItems && counts.reachable(0, 0);
    }

    ArrayFrame frame(boolean opened, int index, long found) {
        // Where a count no longer matters, it stops.
        int counted = maxItems == Integer.MAX_VALUE ? Math.min(index, mattering()) : index;
        return frames.computeIfAbsent(
                new Place(opened, counted, found),
                place -> new ArrayFrame(this, place.opened(), place.index(), place.found()));
    }

    /// From how many items on there are enough, and all further places are alike.
    int mattering() {
        return shape.mattering();
    }

    boolean complete(int index, long found) {
        return counts.complete(index, found);
    }

    /// A way to fill the next place, and the count after it.
    record Item(Choice choice, long found) {}

    List<Item> items(int index, long found) {
        List<Item> items = new ArrayList<>();
        if (index >= maxItems) {
            return items;
        }
        for (Choice choice : shape.at(index)) {
            if (choice.shape().isInhabited()) {
                long after = counts.counted(found, choice.witnesses());
                if (after >= 0 && counts.reachable(index + 1, after)) {
                    items.add(new Item(choice, after));
                }
            }
        }
        return items;
    }

    void forget() {
        frames.clear();
        counts.forget();
    }
}
