package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.schema.ArrayShape;
import dev.lectern.engine.internal.constraint.schema.ArrayShape.Wanted;
import dev.lectern.engine.internal.constraint.schema.ObjectShape.Choice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What an [ArrayShape] needs to be read. The items that count for each `contains` are kept in 15 bits each of one
/// number.
final class ArrayType {
    private static final int BITS = 15;
    private static final int MAX_COUNT = (1 << BITS) - 1;

    private record Place(boolean opened, int index, long found) {}

    private final ArrayShape shape;
    private final int maxItems;
    private final Map<Place, ArrayFrame> frames = new HashMap<>();

    ArrayType(ArrayShape shape) {
        this.shape = shape;
        int max = shape.maxItems();
        for (int i = 0; i <= shape.prefix(); i++) {
            if (shape.at(i).stream().noneMatch(choice -> choice.shape().isInhabited())) {
                max = Math.min(max, i);
            }
        }
        this.maxItems = max;
    }

    boolean unique() {
        return shape.unique();
    }

    boolean possible() {
        return shape.minItems() <= maxItems && reachable(0, 0);
    }

    ArrayFrame frame(boolean opened, int index, long found) {
        // Where a count no longer matters, it stops.
        int counted = maxItems == Integer.MAX_VALUE && shape.wanted().isEmpty()
                ? Math.min(index, Math.max(shape.prefix(), shape.minItems()))
                : index;
        return frames.computeIfAbsent(
                new Place(opened, counted, found),
                place -> new ArrayFrame(this, place.opened(), place.index(), place.found()));
    }

    /// From how many items on there are enough, and all further places are alike.
    int mattering() {
        return Math.max(shape.prefix(), shape.minItems());
    }

    private static int count(long found, int wanted) {
        return (int) (found >> wanted * BITS) & MAX_COUNT;
    }

    boolean complete(int index, long found) {
        for (int i = 0; i < shape.wanted().size(); i++) {
            if (count(found, i) < shape.wanted().get(i).min()) {
                return false;
            }
        }
        return index >= shape.minItems();
    }

    /// Whether a list with so many items can become valid.
    private boolean reachable(int index, long found) {
        for (int i = 0; i < shape.wanted().size(); i++) {
            int missing = shape.wanted().get(i).min() - count(found, i);
            int bit = 1 << i;
            for (int at = index; missing > 0; at++) {
                if (at >= maxItems) {
                    return false;
                }
                boolean counts = shape.at(at).stream()
                        .anyMatch(choice -> (choice.witnesses() & bit) != 0
                                && choice.shape().isInhabited());
                if (at >= shape.prefix()) {
                    if (!counts || missing > (long) maxItems - at) {
                        return false;
                    }
                    break;
                }
                missing -= counts ? 1 : 0;
            }
        }
        return true;
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
                long after = counted(found, choice.witnesses());
                if (after >= 0 && reachable(index + 1, after)) {
                    items.add(new Item(choice, after));
                }
            }
        }
        return items;
    }

    /// The counts after an item; -1 if it may not count so, or if that makes no difference any more.
    private long counted(long found, int counting) {
        long after = found;
        for (int i = 0; i < shape.wanted().size(); i++) {
            if ((counting >> i & 1) == 1) {
                Wanted wanted = shape.wanted().get(i);
                int most = wanted.max() == Integer.MAX_VALUE ? wanted.min() : wanted.max();
                if (count(found, i) >= Math.min(most, MAX_COUNT)) {
                    return -1;
                }
                after += 1L << i * BITS;
            }
        }
        return after;
    }

    void forget() {
        frames.clear();
    }
}
