package dev.lectern.engine.internal.constraint.lexical;

import java.util.List;

/// The syntax tree of a regular expression; groups are gone, and so is laziness, for neither changes what
/// is matched.
sealed interface Regex {
    /// The empty string.
    Regex EMPTY = new Sequence(List.of());

    /// One code point of a class.
    record Chars(CharClass set) implements Regex {}

    record Sequence(List<Regex> parts) implements Regex {}

    record Choice(List<Regex> branches) implements Regex {}

    /// `min` to `max` times; [Integer#MAX_VALUE] is no limit.
    record Repeat(Regex body, int min, int max) implements Regex {}

    /// The start of the string.
    record Start() implements Regex {}

    /// The end of the string.
    record End() implements Regex {}

    /// A place between a word character and another one, or none; or, negated, every other place.
    record Boundary(boolean negated) implements Regex {}

    /// What follows must match, or must not. Only understood at the start of a pattern.
    record Ahead(Regex body, boolean negated, int position) implements Regex {}
}
