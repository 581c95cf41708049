package dev.lectern.engine.constraint;

import dev.lectern.engine.internal.constraint.automaton.SharedLeaves;
import dev.lectern.engine.internal.constraint.automaton.Spans;
import dev.lectern.engine.internal.constraint.lexical.JsonSpelling;
import dev.lectern.engine.internal.constraint.quote.SpanIndex;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The texts that quotes are taken from: what the context holds of its documents. Immutable and thread-safe; to be
/// made once per context and shared by its constraints.
///
/// A quote begins at the beginning of a word (in scripts without spaces between words: at any character), ends after
/// any character, and lies within one text. Characters are code points; a surrogate without its other half is in no
/// quote.
public final class QuoteSource {
    /// Where a quote is.
    ///
    /// @param text        index of its text
    /// @param start       UTF-16 offset of its first character in the text
    /// @param end         UTF-16 offset after its last one
    /// @param occurrences how many places it has in all texts
    public record Place(int text, int start, int end, int occurrences) {}

    private final SpanIndex index;
    private final Map<SharedLeaves, Spans> spans = new ConcurrentHashMap<>();

    private QuoteSource(SpanIndex index) {
        this.index = index;
    }

    /// Sorts the beginnings of all quotes: some seconds for tens of millions of characters, on one thread.
    ///
    /// @param texts no longer needed afterwards
    /// @throws IllegalArgumentException if they have over two billion bytes as JSON
    public static QuoteSource of(List<String> texts) {
        return new QuoteSource(SpanIndex.of(texts));
    }

    public static QuoteSource of(String text) {
        return of(List.of(text));
    }

    /// Whether there is nothing to quote.
    public boolean isEmpty() {
        return index.size() == 0;
    }

    /// The first place of a quote, by the order of the texts; null if there is none that begins where quotes
    /// begin.
    public @Nullable Place find(String quote) {
        for (int i = 0; i < quote.length(); i++) {
            int codePoint = quote.codePointAt(i);
            if (JsonSpelling.isSurrogate(codePoint)) {
                return null;
            }
            i += codePoint >= 0x10000 ? 1 : 0;
        }
        SpanIndex.Place place = index.find(JsonSpelling.of(quote));
        return place == null ? null : new Place(place.text(), place.start(), place.end(), place.occurrences());
    }

    /// Memory that it holds: two to three bytes per character of a text in Latin script, about seven in Chinese.
    public long memoryBytes() {
        return index.memoryBytes();
    }

    /// Code points of the longest quote.
    int longest() {
        return index.longest();
    }

    Spans spans(ConstraintVocabulary vocabulary) {
        return spans.computeIfAbsent(vocabulary.shared(), shared -> Spans.of(index, shared));
    }
}
