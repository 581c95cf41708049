package dev.lectern.pipeline.ingest;

import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.text.PDFTextStripper;
import org.apache.pdfbox.text.TextPosition;

/// PDFBox's text, line by line with its place, in the order of the page's content. Not thread-safe; one document.
final class PdfLineStripper extends PDFTextStripper {
    private final List<List<PdfLine>> pages = new ArrayList<>();
    private List<PdfLine> lines = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private float left;
    private float right;
    private float baseline;
    private float fontSize;
    private float firstWordWidth;
    private float spaceWidth;

    /// The lines of every page of a document.
    List<List<PdfLine>> pages(PDDocument document) throws IOException {
        writeText(document, Writer.nullWriter());
        fillUpTo(document.getNumberOfPages());
        return pages;
    }

    /// PDFBox passes over pages without content.
    private void fillUpTo(int count) {
        while (pages.size() < count) {
            pages.add(List.of());
        }
    }

    @Override
    protected void startPage(PDPage page) {
        if (Thread.currentThread().isInterrupted()) {
            throw new ProseBuilder.Overflow("stopped");
        }
        fillUpTo(getCurrentPageNo() - 1);
        lines = new ArrayList<>();
        text.setLength(0);
    }

    @Override
    protected void endPage(PDPage page) {
        endLine();
        pages.add(lines);
    }

    @Override
    protected void writeString(String word, List<TextPosition> positions) {
        if (word.isBlank() || positions.isEmpty()) {
            writeWordSeparator();
            return;
        }
        TextPosition first = positions.getFirst();
        TextPosition last = positions.getLast();
        float end = last.getXDirAdj() + last.getWidthDirAdj();
        if (text.toString().isBlank()) {
            text.setLength(0);
            left = first.getXDirAdj();
            right = end;
            baseline = first.getYDirAdj();
            fontSize = 0;
            spaceWidth = first.getWidthOfSpace();
            firstWordWidth = end - left;
        }
        left = Math.min(left, first.getXDirAdj());
        right = Math.max(right, end);
        for (TextPosition position : positions) {
            fontSize = Math.max(fontSize, position.getFontSizeInPt());
        }
        text.append(word);
    }

    @Override
    protected void writeWordSeparator() {
        if (!text.isEmpty()) {
            text.append(' ');
        }
    }

    @Override
    protected void writeLineSeparator() {
        endLine();
    }

    @Override
    protected void writeParagraphStart() {}

    @Override
    protected void writeParagraphEnd() {
        // PDFBox's own guess, wrong on too many layouts; PdfParagraphs decides. A line ends here all the same.
        endLine();
    }

    @Override
    protected void writePageStart() {}

    @Override
    protected void writePageEnd() throws IOException {
        endLine();
    }

    private void endLine() {
        String line = collapse(text);
        text.setLength(0);
        if (!line.isEmpty()) {
            lines.add(new PdfLine(line, left, right, baseline, Math.max(fontSize, 1), firstWordWidth, spaceWidth));
        }
    }

    /// NUL is what a font without a mapping gives for a glyph: no character of the document.
    private static String collapse(CharSequence text) {
        StringBuilder line = new StringBuilder(text.length());
        boolean space = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (ProseBuilder.isSpace(c)) {
                space = true;
            } else if (c != 0) {
                if (space && !line.isEmpty()) {
                    line.append(' ');
                }
                space = false;
                line.append(c);
            }
        }
        return line.toString();
    }
}
