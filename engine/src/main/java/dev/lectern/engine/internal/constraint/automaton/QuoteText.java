package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.lexical.JsonSpelling;
import dev.lectern.engine.internal.constraint.schema.QuoteShape;

/// Strings that are spans of the context, of a certain length. Immutable and thread-safe.
final class QuoteText {
    private final Spans spans;
    private final int min;
    private final int max;
    private final QuoteFrame opened;

    QuoteText(Spans spans, QuoteShape shape) {
        this.spans = spans;
        this.min = shape.leastLength(spans.index().longest());
        this.max = shape.maxLength();
        this.opened = new QuoteFrame(this, 0, spans.index().size(), 0, 0, JsonSpelling.BETWEEN);
    }

    Spans spans() {
        return spans;
    }

    /// Code points that a quote has at least.
    int min() {
        return min;
    }

    /// [Integer#MAX_VALUE] for no limit.
    int max() {
        return max;
    }

    /// After the opening quote.
    QuoteFrame opened() {
        return opened;
    }
}
