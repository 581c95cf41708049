package dev.lectern.engine.internal.constraint.schema;

import dev.lectern.engine.internal.constraint.schema.ObjectShape.Choice;
import java.util.List;

/// Lists.
///
/// @param items  of each of the first positions, then of all others: the ways to fill it
/// @param wanted how many items have to count for each `contains`, the bits of [Choice#witnesses]
/// @param unique whether no two items may be equal
public record ArrayShape(List<List<Choice>> items, int minItems, int maxItems, List<Wanted> wanted, boolean unique) {
    /// The most items that can be counted for one `contains`.
    public static final int MAX_WANTED = (1 << 15) - 1;

    public record Wanted(int min, int max) {}

    /// The ways to fill a position.
    public List<Choice> at(int index) {
        return items.get(Math.min(index, items.size() - 1));
    }

    /// From how many items on there are enough, and all further positions are alike.
    public int mattering() {
        return Math.max(prefix(), minItems);
    }

    /// How many positions have ways of their own.
    public int prefix() {
        return items.size() - 1;
    }
}
