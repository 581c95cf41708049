package dev.lectern.pipeline.ingest;

/// Reads one family of formats. Implementations are stateless and thread-safe.
///
/// A sentence of the source stays on one line: breaks that only the layout made become spaces, paragraphs are
/// separated by a blank line. Any bytes whatever end in a document or in an [UnreadableDocument]; errors of the
/// JVM (memory, stack) are the caller's to judge.
interface DocumentReader {
    /// The column `parser`.
    String name();

    /// The column `parser_version`: goes up whenever the same bytes may give another text.
    String version();

    boolean reads(String mediaType);

    ParsedDocument read(SourceFile file, IngestLimits limits) throws UnreadableDocument;
}
