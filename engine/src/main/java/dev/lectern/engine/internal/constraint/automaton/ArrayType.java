package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.schema.ArrayShape;
import dev.lectern.engine.internal.constraint.schema.ArrayShape.Contained;
import dev.lectern.engine.internal.constraint.schema.Shape;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What an [ArrayShape] needs to be read.
final class ArrayType {
    private final ArrayShape shape;
    private final int maxItems;
    private final Map<Long, ArrayFrame> frames = new HashMap<>();

    ArrayType(ArrayShape shape) {
        this.shape = shape;
        int max = shape.maxItems();
        for (int i = 0; i <= shape.prefix().size(); i++) {
            if (!admits(i)) {
                max = Math.min(max, i);
            }
        }
        this.maxItems = max;
    }

    private boolean admits(int index) {
        Contained contained = shape.contained();
        if (contained == null) {
            return shape.at(index).isInhabited();
        }
        int position = Math.min(index, shape.prefix().size());
        return contained.matching().get(position).isInhabited()
                || contained.others().get(position).isInhabited();
    }

    boolean possible() {
        return shape.minItems() <= maxItems && reachable(0, 0);
    }

    ArrayFrame frame(boolean opened, int index, int found) {
        // Where a count no longer matters, it stops.
        int counted = maxItems == Integer.MAX_VALUE
                ? Math.min(index, Math.max(shape.prefix().size(), shape.minItems()))
                : index;
        Contained contained = shape.contained();
        int cap = contained == null ? 0 : contained.max() == Integer.MAX_VALUE ? contained.min() : contained.max();
        int known = Math.min(found, cap);
        long key = ((long) counted << 32 | known) << 1 | (opened ? 1 : 0);
        return frames.computeIfAbsent(key, ignored -> new ArrayFrame(this, opened, counted, known));
    }

    boolean complete(int index, int found) {
        Contained contained = shape.contained();
        return index >= shape.minItems() && (contained == null || found >= contained.min());
    }

    /// Whether a list with so many items can become valid.
    private boolean reachable(int index, int found) {
        Contained contained = shape.contained();
        if (contained == null || found >= contained.min()) {
            return true;
        }
        int needed = contained.min() - found;
        int places = 0;
        for (int i = index; i < maxItems && places < needed; i++) {
            boolean inPrefix = i < shape.prefix().size();
            boolean matches =
                    contained.matching().get(Math.min(i, shape.prefix().size())).isInhabited();
            if (!inPrefix) {
                return matches && (long) maxItems - i >= needed - places;
            }
            places += matches ? 1 : 0;
        }
        return places >= needed;
    }

    boolean extensible(int index, int found) {
        return index < maxItems && (item(index, found) != null || match(index, found) != null);
    }

    /// The shape of the next item if it does not count for `contains`; null if there is none.
    @Nullable
    Shape item(int index, int found) {
        Contained contained = shape.contained();
        Shape item = contained == null
                ? shape.at(index)
                : contained.others().get(Math.min(index, shape.prefix().size()));
        return item.isInhabited() && reachable(index + 1, found) ? item : null;
    }

    /// The shape of the next item if it counts for `contains`; null if there is none, or if that no longer matters.
    @Nullable
    Shape match(int index, int found) {
        Contained contained = shape.contained();
        if (contained == null || found >= contained.max()) {
            return null;
        }
        if (contained.max() == Integer.MAX_VALUE && found >= contained.min()) {
            return null;
        }
        Shape item = contained.matching().get(Math.min(index, shape.prefix().size()));
        return item.isInhabited() && reachable(index + 1, found + 1) ? item : null;
    }

    void forget() {
        frames.clear();
    }
}
