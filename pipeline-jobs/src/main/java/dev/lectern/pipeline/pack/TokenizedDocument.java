package dev.lectern.pipeline.pack;

import dev.lectern.engine.Tokenizer;
import dev.lectern.engine.Tokenizer.Encoding;
import java.util.Arrays;

/// A document's tokens and the places where the packer may part them.
///
/// A place is good when the tokens before and after it stand for exactly the characters before and after it. That is
/// more than a token's span starting there: byte-level tokens may begin with the last bytes of a character that
/// belongs, by its first byte, to the token before.
///
/// Immutable; not thread-safe to build, safe to read.
final class TokenizedDocument {
    private static final int MOST_BYTES_OF_A_CHARACTER = 4;

    private final String docId;
    private final String text;
    private final Encoding encoding;
    private final Tokenizer tokenizer;
    private final int[] unitStarts;
    private final boolean[] paragraphs;

    private TokenizedDocument(
            String docId, String text, Encoding encoding, Tokenizer tokenizer, int[] unitStarts, boolean[] paragraphs) {
        this.docId = docId;
        this.text = text;
        this.encoding = encoding;
        this.tokenizer = tokenizer;
        this.unitStarts = unitStarts;
        this.paragraphs = paragraphs;
    }

    static TokenizedDocument of(String docId, String text, Tokenizer tokenizer) {
        Encoding encoding = tokenizer.encode(text);
        SentenceBreaks breaks = SentenceBreaks.of(text);
        int[] starts = new int[breaks.count() + 1];
        boolean[] paragraphs = new boolean[breaks.count() + 1];
        TokenizedDocument whole = new TokenizedDocument(docId, text, encoding, tokenizer, starts, paragraphs);
        int count = 1; // the first sentence begins with token 0
        int token = 0;
        for (int gap = 0; gap < breaks.count(); gap++) {
            while (token < encoding.length() && encoding.starts()[token] <= breaks.end(gap)) {
                token++;
            }
            // The last good place of the gap: white space before it ends the sentence, the rest belongs to the next
            // word.
            for (int at = token - 1; at > starts[count - 1] && encoding.starts()[at] >= breaks.start(gap); at--) {
                if (whole.isBorder(at)) {
                    starts[count] = at;
                    paragraphs[count] = breaks.paragraph(gap);
                    count++;
                    break;
                }
            }
        }
        return new TokenizedDocument(
                docId, text, encoding, tokenizer, Arrays.copyOf(starts, count), Arrays.copyOf(paragraphs, count));
    }

    String docId() {
        return docId;
    }

    /// Number of tokens.
    int length() {
        return encoding.length();
    }

    int[] ids() {
        return encoding.ids();
    }

    /// Number of sentences; at least one.
    int units() {
        return unitStarts.length;
    }

    /// First token of a sentence; of `units()`: the number of tokens.
    int unitStart(int unit) {
        return unit == unitStarts.length ? length() : unitStarts[unit];
    }

    /// Whether a sentence begins a paragraph.
    boolean beginsParagraph(int unit) {
        return unit < paragraphs.length && paragraphs[unit];
    }

    /// The character border before a token at which the document may be parted; the text's length behind the last.
    int charAt(int token) {
        return token == 0 ? 0 : token >= length() ? text.length() : encoding.starts()[token];
    }

    /// The last place in `(from, limit]` at which the tokens may be parted, best behind white space; `from` when
    /// there is none.
    int lastBorder(int from, int limit) {
        int last = from;
        for (int at = limit; at > from; at--) {
            if (isBorder(at)) {
                if (at == length()
                        || Character.isWhitespace(text.charAt(charAt(at)))
                        || Character.isWhitespace(text.charAt(charAt(at) - 1))) {
                    return at;
                }
                if (last == from) {
                    last = at;
                } else if (last - at > 64) {
                    return last;
                }
            }
        }
        return last;
    }

    /// Whether the tokens from `at` on stand for exactly the characters from their start on.
    boolean isBorder(int at) {
        if (at == 0 || at == length()) {
            return true;
        }
        int start = encoding.starts()[at];
        if (start == encoding.ends()[at] || encoding.ends()[at - 1] != start || start == 0) {
            return false;
        }
        if (text.charAt(start - 1) < 0x80) {
            return true; // one byte, and it lies in the token before: no byte of another character is left over
        }
        int end = Math.min(length(), at + MOST_BYTES_OF_A_CHARACTER);
        String first = Character.toString(text.codePointAt(start));
        return !first.equals("\uFFFD")
                && tokenizer.decode(Arrays.copyOfRange(encoding.ids(), at, end)).startsWith(first);
    }
}
