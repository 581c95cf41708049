package dev.lectern.inference;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Looks for the strings and numbers of a context's answers in the text that the context holds.
///
/// First all answers are added, then the documents' text is scanned once, in the context's order, then the citations
/// are read: the time does not grow with the number of answers' values times the text. Not thread-safe.
final class Citations {
    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]{1,18}([.][0-9]{1,18})?");

    private final PhraseScanner phrases = new PhraseScanner();
    private final NumberScanner numbers = new NumberScanner();

    /// The values of one answer by JSON pointer, in the answer's order; each with the searches that may find it,
    /// best first.
    static final class Cited {
        private final Map<String, List<WantedValue>> fields = new LinkedHashMap<>();

        /// What the text scanned so far holds.
        List<Citation> citations() {
            List<Citation> citations = new ArrayList<>();
            fields.forEach((field, searches) -> {
                WantedValue best = searches.stream()
                        .filter(search -> search.occurrences() > 0)
                        .findFirst()
                        .orElse(searches.getFirst());
                citations.add(new Citation(field, best.place(), best.occurrences()));
            });
            return citations;
        }
    }

    /// @return the answer's citations, to be read after the text was scanned
    Cited add(JsonNode answer) {
        Cited cited = new Cited();
        collect(answer, "", cited);
        return cited;
    }

    private void collect(JsonNode node, String pointer, Cited cited) {
        if (node.isTextual()) {
            List<WantedValue> searches = new ArrayList<>(2);
            searches.add(phrases.want(node.textValue()));
            if (NUMBER.matcher(node.textValue()).matches()) {
                searches.add(numbers.want(new BigDecimal(node.textValue()), node.textValue()));
            }
            cited.fields.put(pointer, searches);
        } else if (node.isNumber()) {
            cited.fields.put(pointer, List.of(numbers.want(node.decimalValue(), node.asText())));
        }
        node.properties()
                .forEach(member ->
                        collect(member.getValue(), pointer + "/" + AnswerTypeMapper.escape(member.getKey()), cited));
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            collect(node.get(i), pointer + "/" + i, cited);
        }
    }

    /// @param charStart index of the text's first UTF-16 unit in the document; what lies outside the text is not
    /// searched
    /// @param pages     the document's pages, ascending
    void scan(String docId, String text, int charStart, List<PageSpan> pages) {
        phrases.scan(docId, text, charStart, pages);
        numbers.scan(docId, text, charStart, pages);
    }
}
