package dev.lectern.pipeline.pack;

import java.util.Arrays;
import java.util.Set;

/// Where a text may be parted: between sentences, between paragraphs, between the rows of lists and tables.
///
/// A break is a gap of white space, not a point: the token that follows may begin anywhere inside it, since most
/// tokenizers join a space to the word after it and newlines to the stop before them. In scripts that write no space
/// after a full stop the gap is empty.
///
/// Rules, in order: an empty line ends a paragraph; `.`, `!`, `?` or `…` (and closing quotes or brackets) followed by
/// white space and a capital, a digit, an opening quote or a letter without case ends a sentence, unless the word
/// before the stop is a known abbreviation or an initial; `。`, `！`, `？` end one at once; a line end parts where the
/// line is too short to have been wrapped there or where the next line begins like a list item or a table row.
///
/// A gap that is missed costs a longer unit, a gap too many lets a border fall inside a sentence: both cost accuracy
/// only, never exactness.
final class SentenceBreaks {
    /// A line shorter than this was hardly wrapped: prose is wrapped at 60 columns and more, two columns of a page
    /// at 45.
    private static final int SHORT_LINE = 40;

    private static final int LONGEST_ABBREVIATION = 8;

    private static final Set<String> ABBREVIATIONS = Set.of(
            "Mr", "Mrs", "Ms", "Dr", "Prof", "Sr", "Jr", "St", "Messrs", "Hon", "Rev", "Gen", "Col", "Capt", "Lt",
            "Sgt", "vs", "cf", "al", "e.g", "i.e", "eg", "ie", "viz", "approx", "ca", "resp", "bzw", "z.B", "d.h",
            "U.S", "Ph.D");

    /// Abbreviations only before a number: `No. 5`, but `He said no. Then`.
    private static final Set<String> BEFORE_NUMBERS = Set.of(
            "No", "Nos", "no", "nos", "Nr", "Art", "Arts", "art", "Sec", "sec", "Fig", "Figs", "fig", "Eq", "eq", "Vol",
            "vol", "Ch", "ch", "p", "pp", "Abs", "Ziff", "Par", "par", "Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug",
            "Sep", "Sept", "Oct", "Nov", "Dec");

    private final String text;
    private int[] starts = new int[64];
    private int[] ends = new int[64];
    private boolean[] paragraphs = new boolean[64];
    private int count;

    private SentenceBreaks(String text) {
        this.text = text;
    }

    /// All breaks of a text, ascending. Linear in its length.
    static SentenceBreaks of(String text) {
        SentenceBreaks breaks = new SentenceBreaks(text);
        breaks.scan();
        return breaks;
    }

    int count() {
        return count;
    }

    /// UTF-16 index where the gap begins: after the last character of the sentence.
    int start(int gap) {
        return starts[gap];
    }

    /// UTF-16 index of the first character of the next sentence.
    int end(int gap) {
        return ends[gap];
    }

    /// Whether the gap parts paragraphs.
    boolean paragraph(int gap) {
        return paragraphs[gap];
    }

    private void scan() {
        int length = text.length();
        int lineStart = 0;
        int sentenceEnd = -1; // index after a stop and its closing marks, when nothing else has followed
        int i = 0;
        while (i < length) {
            char c = text.charAt(i);
            if (Character.isWhitespace(c) || c == '\u00a0') {
                int runStart = i;
                int newlines = 0;
                int lastLineStart = lineStart;
                while (i < length && (Character.isWhitespace(c = text.charAt(i)) || c == '\u00a0')) {
                    if (c == '\n' || c == '\u2028' || (c == '\r' && !(i + 1 < length && text.charAt(i + 1) == '\n'))) {
                        newlines++;
                        lastLineStart = i + 1;
                    } else if (c == '\f' || c == '\u2029') {
                        newlines += 2;
                        lastLineStart = i + 1;
                    }
                    i++;
                }
                if (i < length && runStart > 0) {
                    if (newlines >= 2) {
                        add(runStart, i, true);
                    } else if (sentenceEnd == runStart && beginsSentence(i)) {
                        add(runStart, i, false);
                    } else if (newlines == 1 && (runStart - lineStart < SHORT_LINE ? !lowerCase(i) : beginsItem(i))) {
                        add(runStart, i, false);
                    }
                }
                if (newlines > 0) {
                    lineStart = lastLineStart;
                }
                sentenceEnd = -1;
            } else if (c == '。' || c == '！' || c == '？' || c == '｡') {
                i = afterClosing(i + 1);
                if (i < length && !Character.isWhitespace(text.charAt(i))) {
                    add(i, i, false);
                }
                sentenceEnd = i;
            } else if (c == '.' || c == '!' || c == '?' || c == '…') {
                int after = i + 1;
                while (after < length && isStop(text.charAt(after))) {
                    after++;
                }
                boolean single = c == '.' && after == i + 1;
                int stop = i;
                i = afterClosing(after);
                sentenceEnd = single && i == after && abbreviation(stop, lineStart) ? -1 : i;
            } else {
                i++;
            }
        }
    }

    private static boolean isStop(char c) {
        return c == '.' || c == '!' || c == '?' || c == '…';
    }

    private int afterClosing(int i) {
        while (i < text.length() && "\"'”’»)]}*_」』".indexOf(text.charAt(i)) >= 0) {
            i++;
        }
        return i;
    }

    private boolean lowerCase(int i) {
        return Character.isLowerCase(text.codePointAt(i));
    }

    private boolean beginsSentence(int i) {
        int c = text.codePointAt(i);
        return Character.isDigit(c)
                || (Character.isLetter(c) && !Character.isLowerCase(c))
                || "\"'“‘«([{—–-*•#|§$€£".indexOf(c) >= 0;
    }

    /// A bullet, a table's bar, or a number with a stop or bracket behind it.
    private boolean beginsItem(int i) {
        char c = text.charAt(i);
        if ("-*•|+#>".indexOf(c) >= 0) {
            return true;
        }
        int digits = i;
        while (digits < text.length() && digits < i + 4 && Character.isDigit(text.charAt(digits))) {
            digits++;
        }
        return digits > i && digits < text.length() && (text.charAt(digits) == '.' || text.charAt(digits) == ')');
    }

    /// Whether the stop at `stop` ends an abbreviation, an initial or the number of a list item.
    private boolean abbreviation(int stop, int lineStart) {
        int from = stop;
        while (from > lineStart && stop - from <= LONGEST_ABBREVIATION) {
            char c = text.charAt(from - 1);
            if (!Character.isLetterOrDigit(c) && c != '.') {
                break;
            }
            from--;
        }
        String word = text.substring(from, stop);
        if (word.isEmpty()) {
            return false;
        }
        if (ABBREVIATIONS.contains(word) || (word.length() == 1 && Character.isUpperCase(word.charAt(0)))) {
            return true;
        }
        if (text.substring(lineStart, from).isBlank() && word.chars().allMatch(Character::isDigit)) {
            return true;
        }
        int next = stop + 1;
        while (next < text.length() && Character.isWhitespace(text.charAt(next))) {
            next++;
        }
        return next < text.length() && Character.isDigit(text.charAt(next)) && BEFORE_NUMBERS.contains(word);
    }

    private void add(int start, int end, boolean paragraph) {
        if (count == starts.length) {
            starts = Arrays.copyOf(starts, count * 2);
            ends = Arrays.copyOf(ends, count * 2);
            paragraphs = Arrays.copyOf(paragraphs, count * 2);
        }
        starts[count] = start;
        ends[count] = end;
        paragraphs[count] = paragraph;
        count++;
    }
}
