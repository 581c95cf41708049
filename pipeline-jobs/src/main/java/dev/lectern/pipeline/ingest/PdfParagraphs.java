package dev.lectern.pipeline.ingest;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Joins the printed lines of pages to paragraphs. Not thread-safe.
///
/// A line goes on in the next one unless the layout says otherwise: a wider gap, another font size, an indented
/// first line, or room at the end of the line where the next word would have fitted (a typesetter would have put
/// it there, so the author ended the line). A paragraph may go on over a page's end.
final class PdfParagraphs {
    /// More than this times the page's line pitch is a gap between paragraphs.
    private static final float GAP = 1.3f;

    /// Line pitches beyond this many font sizes are gaps themselves, so no measure of the pitch.
    private static final float MAX_PITCH = 2.5f;

    /// Lines farther apart than this many font sizes may be paragraphs of one line, or double-spaced.
    private static final float LOOSE = 1.6f;

    /// Lines that begin within so many points of each other are of one column.
    private static final int COLUMN_POINTS = 8;

    /// Of the ends of a column's lines: those beyond are program lines and the like that run over the margin.
    private static final double MARGIN_QUANTILE = 0.95;

    /// Share of a column's width that lines of running text may leave empty.
    private static final float FRINGE = 0.35f;

    private final int maxChars;
    private final Map<Integer, Float> marginByColumn = new HashMap<>();
    private final StringBuilder out = new StringBuilder();
    private final List<ParsedDocument.PageSpan> spans = new ArrayList<>();
    private @Nullable PdfLine previous;

    /// @param maxChars more than that ends in [ProseBuilder.Overflow]
    PdfParagraphs(int maxChars) {
        this.maxChars = maxChars;
    }

    /// @param pages lines of each page; at most once
    void join(List<List<PdfLine>> pages) {
        Map<Integer, List<Float>> rights = new HashMap<>();
        for (List<PdfLine> lines : pages) {
            for (PdfLine line : lines) {
                // A line's start may fall on either side of a column's edge.
                for (int column = column(line) - 1; column <= column(line) + 1; column++) {
                    rights.computeIfAbsent(column, c -> new ArrayList<>()).add(line.right());
                }
            }
        }
        rights.forEach((column, ends) -> {
            ends.sort(null);
            marginByColumn.put(column, ends.get((int) Math.ceil(MARGIN_QUANTILE * (ends.size() - 1))));
        });
        pages.forEach(this::page);
    }

    private void page(List<PdfLine> lines) {
        float pitch = pitch(lines);
        int start = -1;
        for (int i = 0; i < lines.size(); i++) {
            PdfLine line = lines.get(i);
            PdfLine before = previous;
            if (before != null) {
                if (i == 0 ? endsWithPage(before, line) : ends(before, line, pitch)) {
                    out.append("\n\n");
                } else if (!joinsWord(line)) {
                    out.append(' ');
                }
            }
            if (i == 0) {
                start = out.length();
            }
            out.append(line.text());
            previous = line;
            if (out.length() > maxChars) {
                throw new ProseBuilder.Overflow("more than " + maxChars + " characters of text");
            }
        }
        int at = start < 0 ? out.length() : start;
        spans.add(new ParsedDocument.PageSpan(spans.size() + 1, at, out.length()));
    }

    String text() {
        return out.toString();
    }

    List<ParsedDocument.PageSpan> pages() {
        return List.copyOf(spans);
    }

    /// Takes a hyphen at the end of the text so far away, or keeps it; either way no blank follows.
    private boolean joinsWord(PdfLine line) {
        int end = out.length();
        char first = line.text().charAt(0);
        if (end < 2) {
            return false;
        }
        char last = out.charAt(end - 1);
        if (last == '\u00ad') {
            out.setLength(end - 1);
            return true;
        }
        boolean hyphen = (last == '-' || last == '\u2010') && Character.isLetterOrDigit(out.charAt(end - 2));
        if (!hyphen || !Character.isLetterOrDigit(first)) {
            return false;
        }
        if (Character.isLowerCase(first) && Character.isLetter(out.charAt(end - 2))) {
            // A word that the layout divided. FP-305 and the like keep their hyphen.
            out.setLength(end - 1);
        }
        return true;
    }

    private boolean ends(PdfLine before, PdfLine line, float pitch) {
        float gap = line.baseline() - before.baseline();
        float size = Math.max(before.fontSize(), line.fontSize());
        if (gap <= 0 || !before.overlaps(line)) {
            // The next column, or a box elsewhere.
            return before.endsSentence() || startsUpperCase(line);
        }
        if (gap > GAP * pitch || size > 1.1f * Math.min(before.fontSize(), line.fontSize())) {
            return true;
        }
        boolean indented = line.left() - before.left() > 0.8f * size;
        boolean apart = gap > LOOSE * size && startsUpperCase(line) && !full(before);
        return ((indented || apart) && before.endsSentence()) || hadRoom(before, line);
    }

    private boolean full(PdfLine line) {
        return margin(line) - line.right() < 2 * line.fontSize() && line.right() - line.left() > 20 * line.fontSize();
    }

    /// Whether the first word of a line would have fitted on the line before.
    private boolean hadRoom(PdfLine before, PdfLine line) {
        float margin = Math.max(margin(before), line.right());
        float room = margin - before.right();
        if (!before.endsSentence() && Character.isLowerCase(line.text().codePointAt(0))) {
            // Reads on, so a break needs more than the fringe of ragged lines.
            return room > FRINGE * (margin - before.left());
        }
        return room > line.firstWordWidth() + 1.5f * line.spaceWidth();
    }

    /// How far lines of this column go in the document: a page may have short lines only.
    private float margin(PdfLine line) {
        return Math.max(line.right(), marginByColumn.getOrDefault(column(line), 0f));
    }

    private static int column(PdfLine line) {
        return Math.round(line.left() / COLUMN_POINTS);
    }

    private static boolean endsWithPage(PdfLine before, PdfLine line) {
        return before.endsSentence() || startsUpperCase(line) || isFurniture(before) || isFurniture(line);
    }

    /// Page numbers and the like: no letter in it.
    private static boolean isFurniture(PdfLine line) {
        return line.text().chars().noneMatch(Character::isLetter);
    }

    private static boolean startsUpperCase(PdfLine line) {
        return Character.isUpperCase(line.text().codePointAt(0));
    }

    /// Distance of lines within a paragraph: the lower quartile, since gaps between paragraphs are the larger ones.
    private static float pitch(List<PdfLine> lines) {
        List<Float> pitches = new ArrayList<>();
        for (int i = 1; i < lines.size(); i++) {
            float pitch = lines.get(i).baseline() - lines.get(i - 1).baseline();
            float size = lines.get(i).fontSize();
            if (pitch > 0.8f * size && pitch < MAX_PITCH * size) {
                pitches.add(pitch);
            }
        }
        if (pitches.isEmpty()) {
            return Float.MAX_VALUE / 2;
        }
        pitches.sort(null);
        return pitches.get(pitches.size() / 4);
    }
}
