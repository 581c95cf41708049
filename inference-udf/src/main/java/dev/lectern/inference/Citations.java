package dev.lectern.inference;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lectern.engine.constraint.QuoteSource;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Looks for the strings and numbers of a context's answers in the text that the context holds.
///
/// First all answers are added, then the documents' text is scanned once, in the context's order, then the citations
/// are read: the time does not grow with the number of answers' values times the text. Not thread-safe.
final class Citations {
    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]{1,18}([.][0-9]{1,18})?");

    private final ContextText.@Nullable Quotes quotes;
    private final PhraseScanner phrases = new PhraseScanner();
    private final NumberScanner numbers = new NumberScanner();

    /// For answers that do not quote.
    Citations() {
        this(null);
    }

    /// @param quotes what answers may have quoted; null where nothing was
    Citations(ContextText.@Nullable Quotes quotes) {
        this.quotes = quotes;
    }

    /// The values of one answer by JSON pointer, in the answer's order; each with the searches that may find it,
    /// best first.
    static final class Cited {
        private final Map<String, List<WantedValue>> fields = new LinkedHashMap<>();
        private final Map<String, Citation> quoted = new LinkedHashMap<>();

        /// What the text scanned so far holds.
        List<Citation> citations() {
            List<Citation> citations = new ArrayList<>();
            fields.forEach((field, searches) -> {
                Citation quote = quoted.get(field);
                if (quote != null) {
                    citations.add(quote);
                    return;
                }
                WantedValue best = searches.stream()
                        .filter(search -> search.occurrences() > 0)
                        .findFirst()
                        .orElse(searches.getFirst());
                citations.add(new Citation(field, best.place(), best.occurrences()));
            });
            return citations;
        }
    }

    /// Adds an answer all of whose values are to be looked up.
    Cited add(JsonNode answer) {
        return add(answer, pointer -> true, pointer -> false);
    }

    /// @param wanted of a JSON pointer: whether the value there is to be looked up
    /// @param quotes of a JSON pointer: whether the string there is a verbatim span of the text
    /// @return the answer's citations, to be read after the text was scanned
    Cited add(JsonNode answer, Predicate<String> wanted, Predicate<String> quotes) {
        Cited cited = new Cited();
        collect(answer, "", cited, wanted, quotes);
        return cited;
    }

    private void collect(
            JsonNode node, String pointer, Cited cited, Predicate<String> wanted, Predicate<String> quotes) {
        if (node.isTextual() && wanted.test(pointer)) {
            Citation quote = quotes.test(pointer) ? quote(pointer, node.textValue()) : null;
            if (quote != null) {
                cited.fields.put(pointer, List.of());
                cited.quoted.put(pointer, quote);
                return;
            }
            List<WantedValue> searches = new ArrayList<>(2);
            searches.add(phrases.want(node.textValue()));
            if (NUMBER.matcher(node.textValue()).matches()) {
                searches.add(numbers.want(new BigDecimal(node.textValue()), node.textValue()));
            }
            cited.fields.put(pointer, searches);
        } else if (node.isNumber() && wanted.test(pointer)) {
            cited.fields.put(pointer, List.of(numbers.want(node.decimalValue(), node.asText())));
        }
        node.properties()
                .forEach(member -> collect(
                        member.getValue(),
                        pointer + "/" + AnswerTypeMapper.escape(member.getKey()),
                        cited,
                        wanted,
                        quotes));
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            collect(node.get(i), pointer + "/" + i, cited, wanted, quotes);
        }
    }

    /// Where a quotation stands, character by character.
    private @Nullable Citation quote(String pointer, String quote) {
        ContextText.Quotes text = quotes;
        QuoteSource.Place found = text == null ? null : text.source().find(quote);
        if (text == null || found == null) {
            return null;
        }
        ContextText.Run run = text.runs().get(found.text());
        WantedValue place = new WantedValue(quote);
        place.found(run.docId(), run.text(), run.charStart(), run.pages(), found.start(), found.end());
        return new Citation(pointer, place.place(), found.occurrences());
    }

    /// @param charStart index of the text's first UTF-16 unit in the document; what lies outside the text is not
    /// searched
    /// @param pages     the document's pages, ascending
    void scan(String docId, String text, int charStart, List<PageSpan> pages) {
        phrases.scan(docId, text, charStart, pages);
        numbers.scan(docId, text, charStart, pages);
    }
}
