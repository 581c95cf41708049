package dev.lectern.pipeline.ingest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.encryption.AccessPermission;
import org.apache.pdfbox.pdmodel.encryption.StandardProtectionPolicy;
import org.apache.pdfbox.pdmodel.font.PDFont;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts;
import org.apache.poi.xwpf.usermodel.XWPFDocument;
import org.apache.poi.xwpf.usermodel.XWPFTable;

/// Real files, made by the formats' own libraries.
final class SampleFiles {
    private static final float MARGIN = 72;
    private static final float SIZE = 11;
    private static final float LEADING = 13.5f;

    private SampleFiles() {}

    /// Paragraphs set in lines that fill the width, an empty line's height apart; pages of at most `linesPerPage`.
    static byte[] pdf(List<String> paragraphs, int linesPerPage) {
        try (PDDocument document = pdfDocument(paragraphs, linesPerPage)) {
            return bytes(document);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] encryptedPdf(String text, String password) {
        try (PDDocument document = pdfDocument(List.of(text), 40)) {
            document.protect(new StandardProtectionPolicy("owner", password, new AccessPermission()));
            return bytes(document);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Pages with nothing on them, as a scan has without its image.
    static byte[] emptyPdf() {
        try (PDDocument document = new PDDocument()) {
            document.addPage(new PDPage(PDRectangle.A4));
            document.addPage(new PDPage(PDRectangle.A4));
            return bytes(document);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] docx(List<String> paragraphs, List<List<String>> table) {
        try (XWPFDocument document = new XWPFDocument();
                ByteArrayOutputStream out = new ByteArrayOutputStream()) {
            document.getProperties().getCoreProperties().setTitle("Terms of the harbour");
            document.getProperties().getCoreProperties().setCreator("A. Writer");
            for (String paragraph : paragraphs) {
                document.createParagraph().createRun().setText(paragraph);
            }
            if (!table.isEmpty()) {
                XWPFTable rows =
                        document.createTable(table.size(), table.getFirst().size());
                for (int r = 0; r < table.size(); r++) {
                    for (int c = 0; c < table.get(r).size(); c++) {
                        rows.getRow(r).getCell(c).setText(table.get(r).get(c));
                    }
                }
            }
            document.write(out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static byte[] bytes(PDDocument document) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        document.save(out);
        return out.toByteArray();
    }

    private static PDDocument pdfDocument(List<String> paragraphs, int linesPerPage) throws IOException {
        PDDocument document = new PDDocument();
        document.getDocumentInformation().setTitle("Log of the harbour");
        document.getDocumentInformation().setAuthor("A. Writer");
        PDFont font = new PDType1Font(Standard14Fonts.FontName.TIMES_ROMAN);
        List<String> lines = new ArrayList<>();
        for (String paragraph : paragraphs) {
            lines.addAll(wrap(paragraph, font, PDRectangle.A4.getWidth() - 2 * MARGIN));
            lines.add("");
        }
        for (int from = 0; from < lines.size(); from += linesPerPage) {
            PDPage page = new PDPage(PDRectangle.A4);
            document.addPage(page);
            try (PDPageContentStream content = new PDPageContentStream(document, page)) {
                content.setFont(font, SIZE);
                content.beginText();
                content.newLineAtOffset(MARGIN, PDRectangle.A4.getHeight() - MARGIN);
                for (String line : lines.subList(from, Math.min(lines.size(), from + linesPerPage))) {
                    content.showText(line);
                    content.newLineAtOffset(0, -LEADING);
                }
                content.endText();
            }
        }
        return document;
    }

    /// A word that holds U+00AD may be divided there, with a hyphen.
    private static List<String> wrap(String paragraph, PDFont font, float width) throws IOException {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : paragraph.split(" ")) {
            int divide = word.indexOf('\u00ad');
            String whole = word.replace("\u00ad", "");
            String longer = line.isEmpty() ? whole : line + " " + whole;
            if (font.getStringWidth(longer) / 1_000 * SIZE <= width) {
                line.setLength(0);
                line.append(longer);
                continue;
            }
            String part = divide < 0 ? "" : line + " " + word.substring(0, divide) + "-";
            if (divide >= 0 && font.getStringWidth(part) / 1_000 * SIZE <= width) {
                lines.add(part);
                line = new StringBuilder(word.substring(divide + 1));
            } else {
                lines.add(line.toString());
                line = new StringBuilder(whole);
            }
        }
        lines.add(line.toString());
        return lines;
    }
}
