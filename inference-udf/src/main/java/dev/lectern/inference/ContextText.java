package dev.lectern.inference;

import dev.lectern.engine.constraint.QuoteSource;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/// The documents' text that a context holds, which comes in rows after the context's chunks. Streamed past, and
/// kept in memory only where answers quote it. Not thread-safe.
final class ContextText {
    /// @param charStart index of the text's first UTF-16 unit in the document
    /// @param pages     the document's pages, ascending
    record Run(String docId, String text, int charStart, List<PageSpan> pages) {}

    interface Visitor {
        void visit(String docId, String text, int charStart, List<PageSpan> pages);
    }

    /// What answers may quote, and where that is.
    record Quotes(QuoteSource source, List<Run> runs) {}

    private final PeekingRows input;
    private final int place;
    private @Nullable Quotes quotes;

    /// @param place of the context in the input
    ContextText(PeekingRows input, int place) {
        this.input = input;
        this.place = place;
    }

    /// An index of all the text, made when first asked for. The context's chunks must have been read.
    QuoteSource quoteSource() {
        Quotes known = quotes;
        if (known == null) {
            List<Run> runs = new ArrayList<>();
            for (Run run = next(); run != null; run = next()) {
                runs.add(run);
            }
            known = new Quotes(QuoteSource.of(runs.stream().map(Run::text).toList()), runs);
            quotes = known;
        }
        return known.source();
    }

    /// Null where nothing was quoted.
    @Nullable
    Quotes quotes() {
        return quotes;
    }

    /// Visits all runs, once.
    void forEach(Visitor visitor) {
        Quotes kept = quotes;
        if (kept != null) {
            kept.runs().forEach(run -> visitor.visit(run.docId(), run.text(), run.charStart(), run.pages()));
            return;
        }
        for (Run run = next(); run != null; run = next()) {
            visitor.visit(run.docId(), run.text(), run.charStart(), run.pages());
        }
    }

    private @Nullable Run next() {
        // An attempt that ended early may have left chunks behind; the text comes after them.
        while (input.take(place, WorkColumns.CHUNK) != null) {
            // passed over
        }
        Row row = input.take(place, WorkColumns.TEXT);
        if (row == null) {
            return null;
        }
        String docId = row.getAs("doc_id");
        int charStart = row.getAs("char_start");
        List<PageSpan> pages = pages(row);
        StringBuilder text = new StringBuilder(row.<String>getAs("text"));
        for (Row more = input.peek(place, WorkColumns.TEXT);
                more != null && more.<Integer>getAs("piece") > 0;
                more = input.peek(place, WorkColumns.TEXT)) {
            text.append(more.<String>getAs("text"));
            input.take(place, WorkColumns.TEXT);
        }
        return new Run(docId, text.toString(), charStart, pages);
    }

    private static List<PageSpan> pages(Row row) {
        List<Row> pages = row.getList(row.fieldIndex("pages"));
        return pages == null
                ? List.of()
                : pages.stream()
                        .map(page -> new PageSpan(page.getInt(0), page.getInt(1), page.getInt(2)))
                        .toList();
    }
}
