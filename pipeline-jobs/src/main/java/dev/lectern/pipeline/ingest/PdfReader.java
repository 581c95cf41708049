package dev.lectern.pipeline.ingest;

import java.io.IOException;
import java.util.Calendar;
import java.util.Map;
import java.util.TreeMap;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.io.IOUtils;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDDocumentInformation;
import org.apache.pdfbox.pdmodel.encryption.InvalidPasswordException;
import org.apache.pdfbox.util.Version;
import org.jspecify.annotations.Nullable;

/// PDF through PDFBox: paragraphs, with the range of each page.
final class PdfReader implements DocumentReader {
    @Override
    public String name() {
        return "pdf";
    }

    @Override
    public String version() {
        return "1 pdfbox-" + Version.getVersion();
    }

    @Override
    public boolean reads(String mediaType) {
        return mediaType.equals("application/pdf");
    }

    @Override
    public ParsedDocument read(SourceFile file, IngestLimits limits) throws UnreadableDocument {
        try (PDDocument document =
                Loader.loadPDF(file.bytes(), "", null, null, IOUtils.createMemoryOnlyStreamCache())) {
            PdfParagraphs paragraphs = new PdfParagraphs(limits.maxTextChars());
            paragraphs.join(new PdfLineStripper().pages(document));
            String text = paragraphs.text();
            int pages = paragraphs.pages().size();
            if (text.isEmpty()) {
                throw new UnreadableDocument(
                        RejectCode.NO_TEXT, "no text on " + pages + " pages; a scan needs OCR before it is ingested");
            }
            Map<String, String> metadata = new TreeMap<>();
            String title = describe(document.getDocumentInformation(), metadata);
            long bare = paragraphs.pages().stream()
                    .filter(p -> p.start() == p.end())
                    .count();
            if (bare > 0) {
                // Told, because what stands on them (a scan, a figure) is not in the text.
                metadata.put("pages_without_text", Long.toString(bare));
            }
            return new ParsedDocument(text, paragraphs.pages(), title, metadata);
        } catch (InvalidPasswordException e) {
            throw new UnreadableDocument(RejectCode.ENCRYPTED, "the PDF needs a password; save it without one", e);
        } catch (IOException e) {
            throw UnreadableDocument.corrupt("PDF", e);
        }
    }

    private static @Nullable String describe(@Nullable PDDocumentInformation info, Map<String, String> metadata) {
        if (info == null) {
            return null;
        }
        put(metadata, "author", info.getAuthor());
        put(metadata, "subject", info.getSubject());
        put(metadata, "keywords", info.getKeywords());
        put(metadata, "creator", info.getCreator());
        put(metadata, "producer", info.getProducer());
        put(metadata, "created", instant(info.getCreationDate()));
        put(metadata, "modified", instant(info.getModificationDate()));
        String title = info.getTitle();
        return title == null || title.isBlank() ? null : title.strip();
    }

    private static @Nullable String instant(@Nullable Calendar date) {
        return date == null ? null : date.toInstant().toString();
    }

    private static void put(Map<String, String> metadata, String key, @Nullable String value) {
        if (value != null && !value.isBlank()) {
            metadata.put(key, value.strip());
        }
    }
}
