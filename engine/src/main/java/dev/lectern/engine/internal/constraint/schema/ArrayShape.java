package dev.lectern.engine.internal.constraint.schema;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Lists.
///
/// @param prefix  of the first items, each its own
/// @param rest    of all others
/// @param contained what `contains` asks for, if anything
/// @param unique  whether no two items may be equal
public record ArrayShape(
        List<Shape> prefix,
        Shape rest,
        int minItems,
        int maxItems,
        @Nullable Contained contained,
        boolean unique) {
    /// Between `min` and `max` items satisfy another schema too.
    ///
    /// @param matching of each position of the prefix, then of the rest: the items that satisfy it
    /// @param others   likewise: those that do not count, which where `max` is unlimited are all
    public record Contained(int min, int max, List<Shape> matching, List<Shape> others) {}

    public Shape at(int index) {
        return index < prefix.size() ? prefix.get(index) : rest;
    }
}
