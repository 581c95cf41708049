package dev.lectern.pipeline.pack;

import dev.lectern.pipeline.pack.ContextLayout.Mark;
import dev.lectern.pipeline.pack.ContextLayout.Part;
import java.util.ArrayList;
import java.util.List;

/// Lays documents out in contexts. Pure: the same documents and settings give the same contexts. Thread-safe.
final class Packer {
    /// A paragraph's border is preferred to a later sentence's when it lies in the last tenth of the context.
    private static final double NEAR_LIMIT = 0.9;

    /// A sentence's border before this share of the context is too dear: the sentence behind it is cut instead.
    private static final double LEAST_FILLED = 0.5;

    private final PackSettings settings;

    Packer(PackSettings settings) {
        this.settings = settings;
    }

    /// The contexts of one document: one, or several when it is longer than a context and may be split, or none
    /// when it must be rejected. The parts cover the document exactly.
    List<PackedContext> pack(TokenizedDocument document) {
        List<PackedContext> contexts = new ArrayList<>();
        int from = 0;
        int unit = 0;
        while (from < document.length()) {
            while (document.unitStart(unit + 1) <= from) {
                unit++;
            }
            ContextLayout layout =
                    new ContextLayout(settings, Math.min(document.length() - from, leastDocumentTokens()));
            int to = fill(layout, document, from, unit);
            if (to < document.length() && !settings.split()) {
                return List.of();
            }
            contexts.add(layout.build(List.of(new Part(document, from, to))));
            from = to;
        }
        return contexts;
    }

    /// One context of several documents, which fit (see [PackPlan]).
    PackedContext packTogether(List<TokenizedDocument> documents) {
        int expected = documents.stream().mapToInt(TokenizedDocument::length).sum();
        ContextLayout layout = new ContextLayout(settings, expected);
        List<Part> parts = new ArrayList<>();
        for (TokenizedDocument document : documents) {
            if (!parts.isEmpty()) {
                layout.addSeparator();
            }
            for (int unit = 0; unit < document.units(); unit++) {
                layout.addSentence(document.unitStart(unit + 1) - document.unitStart(unit));
            }
            parts.add(new Part(document, 0, document.length()));
        }
        if (!layout.fits()) {
            throw new IllegalStateException(documents.size() + " documents planned for one context take "
                    + layout.position() + " tokens, limit " + settings.lastEnd());
        }
        return layout.build(parts);
    }

    /// Document tokens of a context that is full: it ends behind [#LEAST_FILLED] of its length at the earliest.
    private int leastDocumentTokens() {
        double least = settings.lastEnd() * LEAST_FILLED - settings.prefix().length;
        return (int) Math.max(0, least / (1 + settings.paddingPercent() / 100));
    }

    /// Places sentences until the context is full. Returns the document token after the last one placed.
    private int fill(ContextLayout layout, TokenizedDocument document, int from, int firstUnit) {
        int to = from;
        int paragraphEnd = from;
        Mark sentence = layout.mark();
        Mark paragraph = sentence;
        for (int unit = firstUnit; unit < document.units(); unit++) {
            int end = document.unitStart(unit + 1);
            layout.addSentence(end - to);
            if (!layout.fits()) {
                break;
            }
            to = end;
            sentence = layout.mark();
            if (document.beginsParagraph(unit + 1)) {
                paragraph = sentence;
                paragraphEnd = to;
            }
        }
        if (to == document.length()) {
            return to;
        }
        if (paragraphEnd > from && paragraph.position() >= settings.lastEnd() * NEAR_LIMIT) {
            layout.reset(paragraph);
            return paragraphEnd;
        }
        layout.reset(sentence);
        if (to > from && sentence.position() >= settings.lastEnd() * LEAST_FILLED) {
            return to;
        }
        int room = settings.lastEnd() - layout.position();
        int cut = document.lastBorder(to, Math.min(document.length(), to + room));
        if (cut > to) {
            layout.addFragment(cut - to);
        } else if (to == from) {
            throw new IllegalStateException("document " + document.docId() + ": the character at "
                    + document.charAt(from) + " takes more tokens than a context has room for (" + room + ")");
        }
        return cut;
    }
}
