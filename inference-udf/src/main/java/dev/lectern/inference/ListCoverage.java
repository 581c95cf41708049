package dev.lectern.inference;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Whether an answer's long lists have what the documents enumerate: a model may end a list too early, and by its
/// schema a short list is as good as a whole one.
///
/// The entries are looked for in the text. Where at least [#MIN_NEIGHBOURS] of them follow each other there with
/// separators of one form (a comma, the end of a line, the other cells of a row), the text enumerates them; if it
/// then goes on in that form, before, between or after them, with entries that the answer does not have, the list
/// is short. Where more than [#MAX_SKIPPED_PERCENT] are left out in between, the answer is taken for a choice among
/// them, of which nothing can be said.
///
/// The form of a text is what is left when each run of letters, digits or white space counts as one. Not
/// thread-safe.
final class ListCoverage {
    private static final int MIN_NEIGHBOURS = 20;
    private static final int MAX_SKIPPED_PERCENT = 10;
    /// Longer text between entries is no separator.
    private static final int MAX_SEPARATOR = 2_000;

    /// An entry's value in the text.
    private record Place(int start, int end) {}

    /// The values of one part of all items of a list.
    private static final class Column {
        final String pointer;
        final List<String> values = new ArrayList<>();
        List<Place> places = new ArrayList<>();

        Column(String pointer) {
            this.pointer = pointer;
        }
    }

    private final PhraseScanner phrases = new PhraseScanner(false);
    private final List<Column> columns = new ArrayList<>();
    private @Nullable String problem;

    /// @param checked of a list's JSON pointer: whether it should be whole
    ListCoverage(JsonNode answer, Predicate<String> checked) {
        collect(answer, "", checked);
    }

    private void collect(JsonNode node, String pointer, Predicate<String> checked) {
        if (node.isArray() && node.size() > MIN_NEIGHBOURS && checked.test(pointer)) {
            Map<String, Column> byPart = new LinkedHashMap<>();
            node.forEach(item -> leaves(item, "", pointer, byPart));
            for (Column column : byPart.values()) {
                if (column.values.size() > MIN_NEIGHBOURS) {
                    columns.add(column);
                    column.values.stream()
                            .distinct()
                            .forEach(value -> phrases.want(
                                    value,
                                    (docId, text, offset, pages, start, end) ->
                                            column.places.add(new Place(start, end))));
                }
            }
        }
        node.properties()
                .forEach(member ->
                        collect(member.getValue(), pointer + "/" + AnswerTypeMapper.escape(member.getKey()), checked));
    }

    private static void leaves(JsonNode node, String part, String pointer, Map<String, Column> byPart) {
        if (node.isTextual() || node.isNumber()) {
            byPart.computeIfAbsent(part, key -> new Column(pointer)).values.add(node.asText());
        }
        node.properties()
                .forEach(member -> leaves(
                        member.getValue(), part + "/" + AnswerTypeMapper.escape(member.getKey()), pointer, byPart));
    }

    boolean isEmpty() {
        return columns.isEmpty();
    }

    /// Looks at one run of a document's text.
    void scan(String docId, String text, int charStart, List<PageSpan> pages) {
        columns.forEach(column -> column.places = new ArrayList<>());
        phrases.scan(docId, text, charStart, pages);
        for (Column column : columns) {
            if (problem == null && column.places.size() > MIN_NEIGHBOURS) {
                problem = check(column, text, charStart);
            }
        }
    }

    /// What is missing, for a person; null if nothing was found to be.
    @Nullable
    String problem() {
        return problem;
    }

    private static @Nullable String check(Column column, String text, int charStart) {
        List<Place> places = withoutNested(column.places);
        String separator = usual(places, text);
        if (separator == null) {
            return null;
        }
        Place last = places.getLast();
        String entry = mostFrequent(places.stream()
                .map(place -> form(text.substring(place.start(), place.end())))
                .toList());
        int neighbours = 0;
        int skipped = 0;
        int firstGap = -1;
        if (form(text.substring(
                        Math.max(0, places.getFirst().start() - MAX_SEPARATOR),
                        places.getFirst().start()))
                .endsWith(entry + separator)) {
            firstGap = places.getFirst().start();
            skipped++;
        }
        for (int i = 0; i < places.size(); i++) {
            int from = places.get(i).end();
            boolean atEnd = places.get(i) == last;
            int to = Math.min(atEnd ? text.length() : places.get(i + 1).start(), from + MAX_SEPARATOR);
            String between = form(text.substring(from, to));
            if (!atEnd && between.equals(separator)) {
                neighbours++;
            } else if (goesOn(between, separator, entry)) {
                skipped += Math.max(1, occurrences(between, separator) - (atEnd ? 0 : 1));
                firstGap = firstGap < 0 ? from : firstGap;
                // Of what follows the last entry all may be missing: no choice among entries looks
                // like that.
                skipped = atEnd ? Math.min(skipped, 1) : skipped;
            }
        }
        if (neighbours < MIN_NEIGHBOURS || firstGap < 0 || 100L * skipped > (long) MAX_SKIPPED_PERCENT * neighbours) {
            return null;
        }
        String shown =
                text.substring(firstGap, Math.min(text.length(), firstGap + 40)).replaceAll("\\s+", " ");
        return column.pointer + " has " + column.values.size() + " entries and ended, but the document lists more in"
                + " the same form: after character " + (charStart + firstGap) + ", \"" + shown
                + "\"; mark a list that is a choice among such entries with \"x-partial\": true in the schema";
    }

    /// Without those that lie within others, in the text's order.
    private static List<Place> withoutNested(List<Place> found) {
        List<Place> sorted = new ArrayList<>(found);
        sorted.sort((a, b) -> a.start() != b.start() ? a.start() - b.start() : b.end() - a.end());
        List<Place> places = new ArrayList<>();
        int end = -1;
        for (Place place : sorted) {
            if (place.start() >= end) {
                places.add(place);
                end = place.end();
            }
        }
        return places;
    }

    /// The form of what stands between entries most often; null if there is none.
    private static @Nullable String usual(List<Place> places, String text) {
        List<String> forms = new ArrayList<>();
        for (int i = 1; i < places.size(); i++) {
            int from = places.get(i - 1).end();
            int to = places.get(i).start();
            if (from < to && to - from <= MAX_SEPARATOR) {
                forms.add(form(text.substring(from, to)));
            }
        }
        return forms.size() < MIN_NEIGHBOURS ? null : mostFrequent(forms);
    }

    private static String mostFrequent(List<String> forms) {
        Map<String, Integer> counts = new HashMap<>();
        String best = "";
        int most = 0;
        for (String form : forms) {
            int count = counts.merge(form, 1, Integer::sum);
            if (count > most) {
                most = count;
                best = form;
            }
        }
        return best;
    }

    /// Whether a text begins with a separator and an entry that is followed by another separator or an end.
    private static boolean goesOn(String form, String separator, String entry) {
        if (!form.startsWith(separator + entry)) {
            return false;
        }
        int end = separator.length() + entry.length();
        return end == form.length()
                || form.charAt(end) == separator.charAt(0)
                || "]})\n.;".indexOf(form.charAt(end)) >= 0;
    }

    private static int occurrences(String form, String separator) {
        int count = 0;
        for (int at = form.indexOf(separator); at >= 0; at = form.indexOf(separator, at + separator.length())) {
            count++;
        }
        return count;
    }

    private static String form(String text) {
        StringBuilder form = new StringBuilder();
        char before = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            char kind = Character.isLetter(c) || Character.isSurrogate(c)
                    ? 'a'
                    : Character.isDigit(c) ? '0' : c == '\n' ? '\n' : PhraseScanner.isSpace(c) ? ' ' : c;
            boolean run = kind == 'a' || kind == '0' || kind == ' ' || kind == '\n';
            if (!run || kind != before) {
                form.append(kind);
            }
            before = kind;
        }
        return form.toString();
    }
}
