package dev.lectern.engine.internal.constraint.schema;

/// Strings that are verbatim spans of the context.
///
/// @param minLength in code points; none is shorter than one anyhow, unless there is nothing to quote
/// @param maxLength [Integer#MAX_VALUE] for no limit
public record QuoteShape(int minLength, int maxLength) {
    /// Stands for a context that is not known yet.
    public static final int UNKNOWN_CONTEXT = Integer.MAX_VALUE;

    /// The length that spans have to have.
    ///
    /// @param longestSpan code points of the longest span of the context
    public int leastLength(int longestSpan) {
        return longestSpan == 0 ? minLength : Math.max(1, minLength);
    }

    /// Whether a context with such a longest span has one that is long enough.
    public boolean isInhabited(int longestSpan) {
        int least = leastLength(longestSpan);
        return least <= maxLength && least <= longestSpan;
    }
}
