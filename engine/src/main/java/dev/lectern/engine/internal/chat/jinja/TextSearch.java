package dev.lectern.engine.internal.chat.jinja;

/// Search and order of strings, at a cost that no input can drive up.
final class TextSearch {
    /// Below this, comparing at every place costs at most this many steps a character.
    private static final int SHORT = 32;

    private TextSearch() {}

    /// As [String#indexOf(String, int)], in linear time: its cost is otherwise the product of both lengths for texts
    /// like `aaaa…b`.
    static int indexOf(String text, String part, int from) {
        if (part.length() < SHORT) {
            return text.indexOf(part, from);
        }
        if (part.length() > text.length() - from) {
            return -1;
        }
        // Knuth, Morris, Pratt: borders[i] is the length of the longest proper border of part[0, i].
        int[] borders = new int[part.length()];
        for (int i = 1, border = 0; i < part.length(); i++) {
            while (border > 0 && part.charAt(i) != part.charAt(border)) {
                border = borders[border - 1];
            }
            if (part.charAt(i) == part.charAt(border)) {
                border++;
            }
            borders[i] = border;
        }
        for (int i = from, matched = 0; i < text.length(); i++) {
            while (matched > 0 && text.charAt(i) != part.charAt(matched)) {
                matched = borders[matched - 1];
            }
            if (text.charAt(i) == part.charAt(matched) && ++matched == part.length()) {
                return i - matched + 1;
            }
        }
        return -1;
    }

    static int lastIndexOf(String text, String part) {
        if (part.length() < SHORT) {
            return text.lastIndexOf(part);
        }
        String reversed = new StringBuilder(text).reverse().toString();
        int at = indexOf(reversed, new StringBuilder(part).reverse().toString(), 0);
        return at < 0 ? -1 : text.length() - at - part.length();
    }

    /// Python orders strings by code points, Java by UTF-16 units.
    static int compareCodePoints(String left, String right) {
        int common = Math.min(left.length(), right.length());
        for (int i = 0; i < common; i++) {
            char a = left.charAt(i);
            char b = right.charAt(i);
            if (a != b) {
                boolean surrogates = Character.isSurrogate(a) != Character.isSurrogate(b);
                return surrogates ? (Character.isSurrogate(a) ? 1 : -1) : Character.compare(a, b);
            }
        }
        return Integer.compare(left.length(), right.length());
    }
}
