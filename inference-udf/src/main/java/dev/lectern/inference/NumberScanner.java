package dev.lectern.inference;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Finds numbers in a text by value: 93400 stands in `93400`, `93,400`, `93 400`, `93.400`, `93'400` and `93,400.00`,
/// not in `193400`, `KX-93400` or `93400.5`. One pass over the text serves all numbers. Not thread-safe.
///
/// A number is a run of digit groups between boundaries. Where marks allow two readings (`93,400` is 93400 in
/// English and 93.4 in German), both count, since the text does not say which one it means. Digits glued to
/// letters are a name, save a currency code of three capitals (`EUR93400`).
final class NumberScanner {
    /// Longer digit runs are no quantities.
    private static final int MAX_LENGTH = 64;

    private final Map<String, WantedValue> wanted = new HashMap<>();
    private final Map<String, List<WantedValue>> byValue = new HashMap<>();

    /// A digit group and the mark before it (0 for the first).
    private record Group(char mark, int start, int end) {
        int length() {
            return end - start;
        }
    }

    /// @param spelling as the answer has it
    WantedValue want(BigDecimal number, String spelling) {
        return wanted.computeIfAbsent(spelling, s -> {
            WantedValue value = new WantedValue(s);
            byValue.computeIfAbsent(canonical(number), v -> new ArrayList<>()).add(value);
            return value;
        });
    }

    private static String canonical(BigDecimal number) {
        return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
    }

    /// @param offset index of the text's first UTF-16 unit in the document
    void scan(String docId, String text, int offset, List<PageSpan> pages) {
        if (byValue.isEmpty()) {
            return;
        }
        Places places = new Places(docId, text, offset, pages);
        int at = 0;
        while (at < text.length()) {
            if (!PhraseScanner.isDigit(text.charAt(at))) {
                at++;
                continue;
            }
            List<Group> groups = groups(text, at);
            int end = groups.getLast().end();
            if (boundedLeft(text, at) && boundedRight(text, end)) {
                places.read(groups);
            }
            at = end;
        }
    }

    private static List<Group> groups(String text, int start) {
        List<Group> groups = new ArrayList<>(4);
        int end = digitsEnd(text, start);
        groups.add(new Group('\0', start, end));
        while (end + 1 < text.length() && PhraseScanner.isDigit(text.charAt(end + 1))) {
            char mark = text.charAt(end);
            int next = digitsEnd(text, end + 1);
            boolean joins =
                    isPointOrComma(mark) || isGroupMark(mark) && next - end - 1 == 3 && startsThousands(groups, mark);
            if (!joins) {
                break;
            }
            groups.add(new Group(mark, end + 1, next));
            end = next;
        }
        return groups;
    }

    private static boolean startsThousands(List<Group> groups, char mark) {
        return groups.getFirst().length() <= 3 && groups.stream().skip(1).allMatch(group -> group.mark() == mark);
    }

    private static int digitsEnd(String text, int at) {
        while (at < text.length() && PhraseScanner.isDigit(text.charAt(at))) {
            at++;
        }
        return at;
    }

    private static boolean isPointOrComma(char c) {
        return c == '.' || c == ',';
    }

    /// Marks that only ever part thousands: apostrophes and spaces (plain, no-break, narrow no-break, thin).
    private static boolean isGroupMark(char c) {
        return c == ' ' || c == '\'' || c == '\u2019' || c == '\u00A0' || c == '\u202F' || c == '\u2009';
    }

    private static boolean boundedLeft(String text, int start) {
        if (start == 0) {
            return true;
        }
        char before = text.charAt(start - 1);
        if (before == '-') {
            // 'KX-482' is a name; '2031-04' and '10-20' are two numbers.
            return start == 1 || !Character.isLetter(text.charAt(start - 2));
        }
        return !PhraseScanner.isWord(before) || isCurrencyCode(text, start - 3, start);
    }

    private static boolean boundedRight(String text, int end) {
        return end == text.length() || !PhraseScanner.isWord(text.charAt(end)) || isCurrencyCode(text, end, end + 3);
    }

    private static boolean isCurrencyCode(String text, int start, int end) {
        if (start < 0 || end > text.length()) {
            return false;
        }
        for (int i = start; i < end; i++) {
            if (text.charAt(i) < 'A' || text.charAt(i) > 'Z') {
                return false;
            }
        }
        boolean open = start > 0 && Character.isLetter(text.charAt(start - 1));
        boolean goesOn = end < text.length() && Character.isLetter(text.charAt(end));
        return !open && !goesOn;
    }

    /// What the groups of one text say.
    private final class Places {
        private final String docId;
        private final String text;
        private final int offset;
        private final List<PageSpan> pages;

        Places(String docId, String text, int offset, List<PageSpan> pages) {
            this.docId = docId;
            this.text = text;
            this.offset = offset;
            this.pages = pages;
        }

        void read(List<Group> groups) {
            if (groups.getLast().end() - groups.getFirst().start() <= MAX_LENGTH) {
                boolean english = reading(groups, ',', '.');
                boolean ambiguous = groups.stream().anyMatch(group -> isPointOrComma(group.mark()));
                boolean continental = ambiguous && reading(groups, '.', ',');
                if (!english && !continental && groups.size() > 1) {
                    // A list (10,20,30), a version or a date: each group is a number.
                    groups.forEach(group -> reading(List.of(group), ',', '.'));
                    return;
                }
            }
            // A plain space may also part two numbers: '93 400' is 93400, or 93 and 400.
            splitAtSpaces(groups);
        }

        private void splitAtSpaces(List<Group> groups) {
            int from = 0;
            for (int i = 1; i <= groups.size(); i++) {
                boolean cut = i == groups.size() ? from > 0 : groups.get(i).mark() == ' ';
                if (cut) {
                    read(groups.subList(from, i));
                    from = i;
                }
            }
        }

        /// Records the value that the groups have with these marks; false when they have none.
        private boolean reading(List<Group> groups, char thousands, char decimal) {
            Group first = groups.getFirst();
            Group last = groups.getLast();
            boolean fraction = groups.size() > 1 && last.mark() == decimal;
            int whole = fraction ? groups.size() - 1 : groups.size();
            char mark = '\0';
            for (int i = 1; i < whole; i++) {
                Group group = groups.get(i);
                boolean sameMark = i == 1 || group.mark() == mark;
                mark = group.mark();
                if (!sameMark || group.length() != 3 || !(mark == thousands || isGroupMark(mark))) {
                    return false;
                }
            }
            if (whole > 1 && first.length() > 3) {
                return false;
            }
            int start = signed(first.start()) ? first.start() - 1 : first.start();
            String value = value(groups, whole, start < first.start());
            List<WantedValue> values = value == null ? null : byValue.get(value);
            if (values != null) {
                values.forEach(v -> v.found(docId, text, offset, pages, start, last.end()));
            }
            return true;
        }

        private boolean signed(int start) {
            if (start == 0 || text.charAt(start - 1) != '-' && text.charAt(start - 1) != '\u2212') {
                return false;
            }
            return start == 1 || !PhraseScanner.isWord(text.charAt(start - 2));
        }

        /// In the form of [#canonical]; null for digits with a leading zero, which are a code or part of a
        /// date.
        private @Nullable String value(List<Group> groups, int whole, boolean negative) {
            StringBuilder value = new StringBuilder();
            for (Group group : groups.subList(0, whole)) {
                value.append(text, group.start(), group.end());
            }
            if (value.length() > 1 && value.charAt(0) == '0') {
                return null;
            }
            if (whole < groups.size()) {
                int end = groups.getLast().end();
                while (end > groups.getLast().start() && text.charAt(end - 1) == '0') {
                    end--;
                }
                if (end > groups.getLast().start()) {
                    value.append('.').append(text, groups.getLast().start(), end);
                }
            }
            return negative && !value.toString().equals("0") ? "-" + value : value.toString();
        }
    }
}
