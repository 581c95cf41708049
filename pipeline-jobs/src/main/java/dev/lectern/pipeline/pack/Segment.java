package dev.lectern.pipeline.pack;

/// A run of a document's text in a context's token stream, without padding inside.
///
/// @param docId      the document
/// @param charStart  first UTF-16 unit of `documents.text`
/// @param charEnd    after the last
/// @param tokenStart first token, from the context's start
/// @param tokenEnd   after the last
record Segment(String docId, int charStart, int charEnd, int tokenStart, int tokenEnd) {
    Segment {
        if (charStart < 0 || charEnd < charStart || tokenStart < 0 || tokenEnd <= tokenStart) {
            throw new IllegalArgumentException("segment of " + docId + ": characters [" + charStart + ", " + charEnd
                    + "), tokens [" + tokenStart + ", " + tokenEnd + ")");
        }
    }
}
