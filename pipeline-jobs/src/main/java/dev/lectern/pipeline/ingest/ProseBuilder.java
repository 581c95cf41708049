package dev.lectern.pipeline.ingest;

import java.util.ArrayList;
import java.util.List;

/// Collects flowing text: white space collapses to one space, breaks are asked for and never pile up, and there
/// is none at the start and at the end. Not thread-safe.
final class ProseBuilder {
    private static final int INTERRUPT_CHECK_CHARS = 1 << 16;

    private enum Gap {
        NONE(""),
        SPACE(" "),
        LINE("\n"),
        PARAGRAPH("\n\n");

        private final String chars;

        Gap(String chars) {
            this.chars = chars;
        }
    }

    private final int maxChars;
    private final StringBuilder out = new StringBuilder();
    private final List<Integer> pageStarts = new ArrayList<>();
    private Gap gap = Gap.NONE;
    private String prefix = "";
    private boolean held;
    private boolean pageStartsHere;
    private int rowStart;
    private int nextCheck = INTERRUPT_CHECK_CHARS;

    /// @param maxChars more than that ends in [Overflow]
    ProseBuilder(int maxChars) {
        this.maxChars = maxChars;
    }

    /// The text is longer than the limit, or the reader was told to stop.
    static final class Overflow extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Overflow(String message) {
            super(message, null, false, false);
        }
    }

    void text(CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isSpace(c)) {
                widen(Gap.SPACE);
            } else if (c != '\u00ad' && c != 0) {
                // A soft hyphen is an offer to the layout; NUL is none of the document's characters.
                flush();
                out.append(c);
            }
        }
        check();
    }

    /// Keeps white space and line ends as they are.
    void verbatim(CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n') {
                if (out.length() > 0 && gap == Gap.NONE) {
                    out.append('\n');
                }
            } else if (c != '\r' && c != 0) {
                flush();
                out.append(c);
            }
        }
        check();
    }

    void line() {
        widen(Gap.LINE);
    }

    void paragraph() {
        widen(Gap.PARAGRAPH);
    }

    /// Begins a list item with a mark such as `- `, which stands only if text follows on its line.
    void item(String mark) {
        line();
        prefix = mark;
        held = true;
    }

    void row() {
        line();
        rowStart = out.length();
    }

    /// Until the next character, breaks are not wanted: a paragraph that begins a cell stays on the row's line.
    void cell() {
        held = true;
    }

    /// A further cell of a row: breaks asked for since the last character are forgotten.
    void cell(String separator) {
        if (out.length() == rowStart) {
            prefix += separator.stripLeading();
        } else {
            prefix = held && !prefix.isEmpty() ? prefix + separator.stripLeading() : separator;
            gap = Gap.NONE;
        }
        held = true;
    }

    /// Ends a row; breaks that its last cell asked for are forgotten.
    void rowEnd() {
        if (held) {
            prefix = "";
            held = false;
        }
        if (out.length() > rowStart) {
            gap = Gap.LINE;
        }
        line();
    }

    void itemEnd() {
        if (held) {
            prefix = "";
            held = false;
        }
        line();
    }

    /// The next character begins a page.
    void page() {
        paragraph();
        if (pageStartsHere) {
            // The page before has no text: it starts and ends where the next one starts.
            pageStarts.add(-1);
        }
        pageStartsHere = true;
    }

    int length() {
        return out.length();
    }

    String build() {
        int end = out.length();
        while (end > 0 && isSpace(out.charAt(end - 1))) {
            end--;
        }
        out.setLength(end);
        return out.toString();
    }

    /// The pages begun with [#page], after [#build].
    List<ParsedDocument.PageSpan> pages() {
        List<Integer> starts = new ArrayList<>(pageStarts);
        if (pageStartsHere) {
            starts.add(-1);
        }
        List<ParsedDocument.PageSpan> pages = new ArrayList<>();
        int next = out.length();
        for (int i = starts.size() - 1; i >= 0; i--) {
            int start = starts.get(i) < 0 ? next : Math.min(starts.get(i), out.length());
            int end = next;
            while (end > start && isSpace(out.charAt(end - 1))) {
                end--;
            }
            pages.addFirst(new ParsedDocument.PageSpan(i + 1, start, end));
            next = start;
        }
        return pages;
    }

    private void widen(Gap wanted) {
        if (!held && wanted.compareTo(gap) > 0) {
            gap = wanted;
        }
    }

    private void flush() {
        if (gap == Gap.NONE && prefix.isEmpty() && !pageStartsHere) {
            held = false;
            return;
        }
        if (out.length() > 0) {
            trimLineEnd();
            out.append(gap.chars);
        }
        gap = Gap.NONE;
        held = false;
        if (pageStartsHere) {
            pageStarts.add(out.length());
            pageStartsHere = false;
        }
        out.append(prefix);
        prefix = "";
    }

    /// Verbatim text may end in line ends of its own.
    private void trimLineEnd() {
        if (gap.compareTo(Gap.LINE) >= 0) {
            int end = out.length();
            while (end > 0 && isSpace(out.charAt(end - 1))) {
                end--;
            }
            out.setLength(end);
        }
    }

    private void check() {
        if (out.length() > maxChars) {
            throw new Overflow("more than " + maxChars + " characters of text");
        }
        if (out.length() >= nextCheck) {
            nextCheck = out.length() + INTERRUPT_CHECK_CHARS;
            if (Thread.currentThread().isInterrupted()) {
                throw new Overflow("stopped");
            }
        }
    }

    static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u200b' || c == '\ufeff';
    }
}
