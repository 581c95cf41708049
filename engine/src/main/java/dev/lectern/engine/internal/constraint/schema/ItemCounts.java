package dev.lectern.engine.internal.constraint.schema;

import dev.lectern.engine.internal.constraint.schema.ArrayShape.Wanted;
import dev.lectern.engine.internal.constraint.schema.ObjectShape.Choice;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// How many items of a list count for each `contains`, in 15 bits each of one number, and whether a list can still
/// become valid. Not thread-safe.
public final class ItemCounts {
    private static final int BITS = 15;
    private static final int MAX_COUNT = (1 << BITS) - 1;
    /// Beyond so many places a list is taken to be possible.
    private static final int MAX_PLACES = 100_000;

    private record Place(int index, long found) {}

    private final ArrayShape shape;
    private final Predicate<Shape> inhabited;
    private final int maxItems;
    private final Map<Place, Boolean> known = new HashMap<>();

    /// @param inhabited whether a shape has values
    public ItemCounts(ArrayShape shape, Predicate<Shape> inhabited) {
        this.shape = shape;
        this.inhabited = inhabited;
        int max = shape.maxItems();
        for (int i = 0; i <= shape.prefix(); i++) {
            if (shape.at(i).stream().noneMatch(choice -> inhabited.test(choice.shape()))) {
                max = Math.min(max, i);
            }
        }
        this.maxItems = max;
    }

    /// The most items for which there are values.
    public int maxItems() {
        return maxItems;
    }

    private static int count(long found, int wanted) {
        return (int) (found >> wanted * BITS) & MAX_COUNT;
    }

    public boolean complete(int index, long found) {
        for (int i = 0; i < shape.wanted().size(); i++) {
            if (count(found, i) < shape.wanted().get(i).min()) {
                return false;
            }
        }
        return index >= shape.minItems();
    }

    /// The counts after an item; -1 if it may not count so, or if that makes no difference any more.
    public long counted(long found, int counting) {
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

    /// Whether a list with so many items and counts can become valid.
    public boolean reachable(int index, long found) {
        if (shape.wanted().isEmpty()) {
            return shape.minItems() <= maxItems;
        }
        Place start = place(index, found);
        Boolean settled = known.get(start);
        if (settled != null) {
            return settled;
        }
        // In depth, what counts most first: the places on the way to the first one that is complete are
        // possible, and those that were left for good are not.
        Deque<List<Place>> ways = new ArrayDeque<>();
        Deque<Place> path = new ArrayDeque<>();
        Set<Place> met = new HashSet<>(Set.of(start));
        path.push(start);
        ways.push(next(start));
        while (!path.isEmpty()) {
            Place at = path.element();
            if (complete(at.index, at.found) || Boolean.TRUE.equals(known.get(at)) || met.size() > MAX_PLACES) {
                path.forEach(place -> known.put(place, true));
                return true;
            }
            List<Place> left = ways.element();
            if (left.isEmpty()) {
                known.put(path.pop(), false);
                ways.pop();
            } else {
                Place next = left.removeFirst();
                if (!Boolean.FALSE.equals(known.get(next)) && met.add(next)) {
                    path.push(next);
                    ways.push(next(next));
                }
            }
        }
        return false;
    }

    /// Drops what has been found out.
    public void forget() {
        known.clear();
    }

    private Place place(int index, long found) {
        return new Place(maxItems == Integer.MAX_VALUE ? Math.min(index, shape.mattering()) : index, found);
    }

    private List<Place> next(Place place) {
        List<Place> next = new ArrayList<>();
        if (place.index < maxItems) {
            for (Choice choice : shape.at(place.index)) {
                long after = inhabited.test(choice.shape()) ? counted(place.found, choice.witnesses()) : -1;
                boolean nearer = after != place.found || place.index < shape.mattering();
                if (after >= 0 && nearer) {
                    next.add(place(place.index + 1, after));
                }
            }
        }
        next.sort(Comparator.comparingInt(after -> missing(after.found)));
        return next;
    }

    private int missing(long found) {
        int missing = 0;
        for (int i = 0; i < shape.wanted().size(); i++) {
            missing += Math.max(0, shape.wanted().get(i).min() - count(found, i));
        }
        return missing;
    }
}
