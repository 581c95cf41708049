package dev.lectern.pipeline.ingest;

/// Why a file is no document; the `code` of a row of `rejects`.
enum RejectCode {
    /// The file system does not give its bytes.
    UNREADABLE,
    /// There are no bytes.
    EMPTY,
    /// It needs a password.
    ENCRYPTED,
    /// No reader for its media type.
    UNSUPPORTED_TYPE,
    /// The bytes contradict the format.
    CORRUPT,
    /// More bytes or more text than a document may have, or it expands suspiciously.
    TOO_LARGE,
    /// Nested more deeply than a reader follows.
    TOO_COMPLEX,
    /// The reader did not come to an end.
    TIMEOUT,
    /// Well formed, but there is no text in it (a scan needs OCR first).
    NO_TEXT,
    /// The same bytes as another input file.
    DUPLICATE
}
