package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.quote.QuoteTokens;
import dev.lectern.engine.internal.constraint.quote.SpanIndex;

/// What quotes are taken from, and the tokens of the vocabulary that follow there. Thread-safe.
public record Spans(SpanIndex index, QuoteTokens tokens) {
    public static Spans of(SpanIndex index, SharedLeaves shared) {
        return new Spans(index, new QuoteTokens(index, shared.trie()));
    }
}
