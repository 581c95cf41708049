package dev.lectern.pipeline.ingest;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Bytes of one file to a document or a reject. Stateless and thread-safe.
final class FileParser {
    private static final List<DocumentReader> READERS =
            List.of(new HtmlReader(), new PdfReader(), new OfficeReader(), new RoffReader(), new TextReader());

    private final MediaTypeDetector detector = new MediaTypeDetector();
    private final IngestLimits limits;

    FileParser(IngestLimits limits) {
        this.limits = limits;
    }

    /// @param name last part of the file's path
    FileOutcome parse(String name, byte[] bytes) {
        String docId = sha256(bytes);
        try {
            return document(docId, name, bytes);
        } catch (UnreadableDocument e) {
            return new FileOutcome.Reject(docId, bytes.length, e.code(), e.getMessage());
        } catch (ProseBuilder.Overflow e) {
            return reject(docId, bytes, RejectCode.TOO_LARGE, e.getMessage() + "; split the file");
        } catch (StackOverflowError e) {
            return reject(docId, bytes, RejectCode.TOO_COMPLEX, "nested more deeply than the reader can follow");
        } catch (OutOfMemoryError e) {
            // What the reader held is garbage by now: the next file has the memory again.
            return reject(
                    docId,
                    bytes,
                    RejectCode.TOO_LARGE,
                    "reading it needs more memory than the executor has; give it more");
        } catch (RuntimeException | LinkageError | AssertionError e) {
            // Libraries meet hostile bytes with exceptions of every kind.
            String why = e.getMessage() == null ? "" : ": " + e.getMessage();
            return reject(
                    docId,
                    bytes,
                    RejectCode.CORRUPT,
                    "the reader failed with " + e.getClass().getSimpleName() + why);
        }
    }

    private static FileOutcome.Reject reject(String docId, byte[] bytes, RejectCode code, String message) {
        UnreadableDocument reason = new UnreadableDocument(code, message);
        return new FileOutcome.Reject(docId, bytes.length, reason.code(), reason.getMessage());
    }

    private FileOutcome document(String docId, String name, byte[] bytes) throws UnreadableDocument {
        if (bytes.length == 0) {
            throw new UnreadableDocument(RejectCode.EMPTY, "the file has no bytes");
        }
        String mediaType = detector.detect(name, bytes);
        boolean compressed = mediaType.equals(MediaTypeDetector.GZIP);
        SourceFile file = new SourceFile(name, mediaType, bytes);
        if (compressed) {
            String inner = name.toLowerCase(Locale.ROOT).endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
            byte[] expanded = Gunzip.expand(bytes, limits);
            if (expanded.length == 0) {
                throw new UnreadableDocument(RejectCode.EMPTY, "the compressed file holds no bytes");
            }
            file = new SourceFile(inner, detector.detect(inner, expanded), expanded);
        }
        DocumentReader reader = reader(file);
        ParsedDocument parsed = reader.read(file, limits);
        if (parsed.text().isBlank()) {
            throw new UnreadableDocument(RejectCode.NO_TEXT, "the file holds white space only");
        }
        if (compressed) {
            Map<String, String> metadata = new TreeMap<>(parsed.metadata());
            metadata.put("compression", "gzip");
            parsed = new ParsedDocument(parsed.text(), parsed.pages(), parsed.title(), metadata);
        }
        return new FileOutcome.Document(
                docId,
                bytes.length,
                file.mediaType(),
                LanguageGuess.of(parsed.text()).orElse(null),
                reader.name(),
                reader.version(),
                parsed);
    }

    private static DocumentReader reader(SourceFile file) throws UnreadableDocument {
        for (DocumentReader reader : READERS) {
            if (reader.reads(file.mediaType())) {
                return reader;
            }
        }
        throw new UnreadableDocument(
                RejectCode.UNSUPPORTED_TYPE,
                "no reader for " + file.mediaType()
                        + "; read are text, Markdown, HTML, PDF, Word, Excel, PowerPoint, RTF and manual pages");
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
