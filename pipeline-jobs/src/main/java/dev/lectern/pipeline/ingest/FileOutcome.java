package dev.lectern.pipeline.ingest;

import org.jspecify.annotations.Nullable;

/// What became of a file: exactly one of the two.
sealed interface FileOutcome {
    /// @param docId hex SHA-256 of the bytes
    record Document(
            String docId,
            long byteSize,
            String mediaType,
            @Nullable String language,
            String parser,
            String parserVersion,
            ParsedDocument parsed)
            implements FileOutcome {}

    /// @param docId null when the bytes were not read
    record Reject(@Nullable String docId, long byteSize, RejectCode code, String message) implements FileOutcome {}
}
