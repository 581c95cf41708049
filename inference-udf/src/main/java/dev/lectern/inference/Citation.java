package dev.lectern.inference;

import org.jspecify.annotations.Nullable;

/// Where a value of an answer stands in the documents that the model read.
///
/// @param field       JSON pointer of the value in the answer: `/party`, `/items/0/price`
/// @param place       the first place; null when the value stands nowhere
/// @param occurrences number of places
public record Citation(String field, @Nullable Place place, int occurrences) {
    /// @param charStart index of the first UTF-16 unit in documents.text
    /// @param charEnd   index after the last
    /// @param page      number of the page where it begins; null for documents without pages
    /// @param quote     the text there
    public record Place(
            String docId,
            int charStart,
            int charEnd,
            @Nullable Integer page,
            String quote) {}
}
