package dev.lectern.pipeline.ingest;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a reader makes of a file.
///
/// @param pages    ranges of text, in order; empty for formats without pages
/// @param title    as the file declares it
/// @param metadata sorted by key
record ParsedDocument(
        String text, List<PageSpan> pages, @Nullable String title, Map<String, String> metadata) {
    ParsedDocument {
        pages = List.copyOf(pages);
        metadata = new TreeMap<>(metadata);
    }

    static ParsedDocument ofText(String text) {
        return new ParsedDocument(text, List.of(), null, Map.of());
    }

    /// @param number from 1
    /// @param start  first char of the page's text, UTF-16 code units
    /// @param end    after the last
    record PageSpan(int number, int start, int end) {}
}
