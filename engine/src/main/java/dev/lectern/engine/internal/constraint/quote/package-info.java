/// Verbatim spans of texts: which bytes may follow so that a string remains one.
///
/// ```
/// SpelledTexts   the texts in the spelling that JSON strings give them, one after the other, and where spans may
///                begin
/// SuffixSorter   these places in the order of what follows them (a suffix array)
/// SpanIndex      the places that go on with some bytes, as intervals of that order; from bytes back to characters
/// QuoteTokens    the tokens of a vocabulary that go on from an interval
/// ```
package dev.lectern.engine.internal.constraint.quote;
