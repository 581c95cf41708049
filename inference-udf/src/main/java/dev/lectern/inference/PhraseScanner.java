package dev.lectern.inference;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Finds strings in a text, ignoring case and the kind and amount of white space, and only between word
/// boundaries: `Norvik` does not stand in `Norviking`, `48` neither in `482` nor in `48.2`. Scripts that are
/// written without spaces have a boundary at every character. One pass over the text serves all strings. Not
/// thread-safe.
final class PhraseScanner {
    private final boolean decimals;
    private final Map<String, WantedValue> wanted = new HashMap<>();
    private final Node root = new Node();

    PhraseScanner() {
        this(true);
    }

    /// @param decimals whether a point or comma between two digits belongs to a number; else it parts two numbers, as
    ///                 in lists of them
    PhraseScanner(boolean decimals) {
        this.decimals = decimals;
    }

    /// A prefix of normalised strings (folded, trimmed, with single spaces), as a tree: all are matched in one
    /// walk.
    private static final class Node {
        final Map<Character, Node> next = new HashMap<>();
        final List<Listener> complete = new ArrayList<>(0);
    }

    /// Is told of each place of a string.
    interface Listener {
        /// @param offset index of the text's first UTF-16 unit in the document
        /// @param start  index in the text
        void found(String docId, String text, int offset, List<PageSpan> pages, int start, int end);
    }

    /// @param text any string; one of white space alone is found nowhere
    WantedValue want(String text) {
        return wanted.computeIfAbsent(text, spelling -> {
            WantedValue value = new WantedValue(spelling);
            want(spelling, value::found);
            return value;
        });
    }

    /// @param text any string; one of white space alone is found nowhere
    void want(String text, Listener listener) {
        Node node = root;
        for (char c : normalise(text)) {
            node = node.next.computeIfAbsent(c, key -> new Node());
        }
        if (node != root) {
            node.complete.add(listener);
        }
    }

    /// @param offset index of the text's first UTF-16 unit in the document
    void scan(String docId, String text, int offset, List<PageSpan> pages) {
        if (root.next.isEmpty()) {
            return;
        }
        boolean[] starts = new boolean[Character.MAX_VALUE + 1];
        root.next.keySet().forEach(first -> starts[first] = true);
        for (int start = 0; start < text.length(); start++) {
            if (starts[fold(text.charAt(start))] && startsWord(text, start)) {
                match(docId, text, offset, pages, start);
            }
        }
    }

    private void match(String docId, String text, int offset, List<PageSpan> pages, int start) {
        Node node = root;
        int at = start;
        while (at < text.length()) {
            boolean space = isSpace(text.charAt(at));
            node = node.next.get(space ? ' ' : fold(text.charAt(at)));
            if (node == null) {
                return;
            }
            at++;
            while (space && at < text.length() && isSpace(text.charAt(at))) {
                at++;
            }
            if (!node.complete.isEmpty() && endsWord(text, at)) {
                for (Listener listener : node.complete) {
                    listener.found(docId, text, offset, pages, start, at);
                }
            }
        }
    }

    private boolean startsWord(String text, int at) {
        if (at == 0) {
            return true;
        }
        if (joined(text.charAt(at - 1), text.charAt(at))) {
            return false;
        }
        return !(decimals && isDigit(text.charAt(at)) && isDecimalMark(text, at - 1));
    }

    private boolean endsWord(String text, int end) {
        if (end == text.length()) {
            return true;
        }
        if (joined(text.charAt(end - 1), text.charAt(end))) {
            return false;
        }
        return !(decimals && isDigit(text.charAt(end - 1)) && isDecimalMark(text, end));
    }

    /// Whether a point or comma stands between two digits.
    private static boolean isDecimalMark(String text, int at) {
        return (text.charAt(at) == '.' || text.charAt(at) == ',')
                && at > 0
                && isDigit(text.charAt(at - 1))
                && at + 1 < text.length()
                && isDigit(text.charAt(at + 1));
    }

    private static boolean joined(char left, char right) {
        return isWord(left) && isWord(right) && !isUnspaced(left) && !isUnspaced(right);
    }

    static boolean isWord(char c) {
        if (c < 0x80) {
            return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c) || c == '_';
        }
        return Character.isLetterOrDigit(c)
                || Character.getType(c) == Character.NON_SPACING_MARK
                || Character.getType(c) == Character.COMBINING_SPACING_MARK;
    }

    /// Whether the script puts no space between words.
    private static boolean isUnspaced(char c) {
        if (c < 0x0E00) {
            return false;
        }
        return switch (Character.UnicodeScript.of(c)) {
            case HAN, HIRAGANA, KATAKANA, THAI, LAO, KHMER, MYANMAR -> true;
            default -> false;
        };
    }

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    static boolean isSpace(char c) {
        return c == ' ' || Character.isWhitespace(c) || Character.isSpaceChar(c);
    }

    private static char fold(char c) {
        if (c < 0x80) {
            return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
        }
        return Character.toLowerCase(Character.toUpperCase(c));
    }

    private static char[] normalise(String text) {
        StringBuilder normalised = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!isSpace(c)) {
                normalised.append(fold(c));
            } else if (!normalised.isEmpty() && normalised.charAt(normalised.length() - 1) != ' ') {
                normalised.append(' ');
            }
        }
        if (!normalised.isEmpty() && normalised.charAt(normalised.length() - 1) == ' ') {
            normalised.setLength(normalised.length() - 1);
        }
        return normalised.toString().toCharArray();
    }
}
