package dev.lectern.pipeline.ingest;

import java.util.Locale;
import java.util.Set;

/// HTML elements, as a parser meets them, to flowing text: blocks become paragraphs, list items and table rows lines,
/// `pre` stays as it is. Serves jsoup's trees and the XHTML that Tika's parsers send. Not thread-safe.
final class MarkupText {
    private static final Set<String> BLOCKS = Set.of(
            "address",
            "article",
            "aside",
            "blockquote",
            "body",
            "center",
            "details",
            "dialog",
            "div",
            "dl",
            "fieldset",
            "figure",
            "figcaption",
            "footer",
            "form",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "header",
            "hr",
            "main",
            "nav",
            "ol",
            "p",
            "pre",
            "section",
            "summary",
            "table",
            "ul");
    private static final Set<String> LINES = Set.of("br", "caption", "dd", "dt", "legend", "li", "option", "tr");
    private static final Set<String> NO_TEXT = Set.of("head", "iframe", "noframes", "script", "style", "template");

    private final ProseBuilder prose;
    private int hidden;
    private int verbatim;
    private boolean rowHasCell;

    MarkupText(ProseBuilder prose) {
        this.prose = prose;
    }

    void open(String element) {
        String name = element.toLowerCase(Locale.ROOT);
        if (NO_TEXT.contains(name)) {
            hidden++;
        }
        breakAround(name);
        switch (name) {
            case "li" -> prose.item("- ");
            case "pre" -> verbatim++;
            case "tr" -> {
                prose.row();
                rowHasCell = false;
            }
            case "td", "th" -> {
                if (rowHasCell) {
                    prose.cell(" | ");
                } else {
                    prose.cell();
                }
                rowHasCell = true;
            }
            default -> {}
        }
    }

    void close(String element) {
        String name = element.toLowerCase(Locale.ROOT);
        if (NO_TEXT.contains(name)) {
            hidden = Math.max(0, hidden - 1);
        }
        switch (name) {
            case "pre" -> verbatim = Math.max(0, verbatim - 1);
            case "li" -> prose.itemEnd();
            case "tr" -> {
                prose.rowEnd();
                // A table inside a cell has ended a row of its own; the outer row goes on.
                rowHasCell = true;
            }
            default -> {}
        }
        if (!name.equals("br")) {
            breakAround(name);
        }
    }

    void text(CharSequence text) {
        if (hidden > 0) {
            return;
        }
        if (verbatim > 0) {
            prose.verbatim(text);
        } else {
            prose.text(text);
        }
    }

    private void breakAround(String name) {
        if (BLOCKS.contains(name)) {
            prose.paragraph();
        } else if (LINES.contains(name)) {
            prose.line();
        }
    }
}
