package dev.lectern.engine.internal.constraint.quote;

import dev.lectern.engine.internal.constraint.lexical.JsonSpelling;
import java.util.List;

/// The spans of texts, found byte by byte: the spans that go on from some bytes are an interval of ranks, where
/// spans are ranked by their bytes. Immutable and thread-safe.
///
/// Bytes are those of the canonical spelling in JSON ([JsonSpelling]). Memory: a byte and an eighth per byte of the
/// spelling, four bytes per start of a span (a word, or a character of a script without blanks).
public final class SpanIndex {
    private final SpelledTexts texts;
    private final byte[] bytes;
    /// Places by rank.
    private final int[] order;
    /// By first byte: the first rank; one more for the end.
    private final int[] byFirstByte = new int[257];

    private SpanIndex(SpelledTexts texts) {
        this.texts = texts;
        this.bytes = texts.bytes();
        this.order = SuffixSorter.sort(texts);
        int rank = 0;
        for (int value = 0; value <= 256; value++) {
            while (rank < order.length && (bytes[order[rank]] & 0xFF) < value) {
                rank++;
            }
            byFirstByte[value] = rank;
        }
    }

    /// @throws IllegalArgumentException if the texts' spellings have more bytes than an array
    public static SpanIndex of(List<String> texts) {
        return new SpanIndex(new SpelledTexts(texts));
    }

    /// The places where spans may begin.
    public int size() {
        return order.length;
    }

    /// Code points of the longest span; 0 if there is none.
    public int longest() {
        return texts.longest();
    }

    /// Bytes of memory.
    public long memoryBytes() {
        return texts.memoryBytes() + 4L * order.length;
    }

    /// The byte of a span, 0 after its text's end.
    ///
    /// @param depth how many bytes before it are known to be no ends
    public int at(int rank, int depth) {
        return bytes[order[rank] + depth] & 0xFF;
    }

    /// The first rank of an interval whose span goes on with this byte or a greater one, the bytes before being
    /// equal.
    public int from(int from, int to, int depth, int value) {
        if (depth == 0 && from == 0 && to == order.length) {
            return byFirstByte[value];
        }
        if (from == to || at(from, depth) >= value) {
            return from;
        }
        if (at(to - 1, depth) < value) {
            return to;
        }
        int low = from;
        int high = to;
        while (low < high) {
            int middle = low + high >>> 1;
            if ((bytes[order[middle] + depth] & 0xFF) < value) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /// The first rank after `rank` whose span does not have its first `count` bytes from `depth` on.
    int after(int rank, int to, int depth, int count) {
        int place = order[rank] + depth;
        int low = rank + 1;
        int step = 1;
        // Most intervals are short: first by steps that double, then by halves.
        while (low < to && equal(place, order[Math.min(low + step, to) - 1] + depth, count)) {
            low = Math.min(low + step, to);
            step *= 2;
        }
        int high = Math.min(low + step, to) - 1;
        while (low < high) {
            int middle = low + high >>> 1;
            if (equal(place, order[middle] + depth, count)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private boolean equal(int left, int right, int count) {
        for (int i = 0; i < count; i++) {
            if (bytes[left + i] != bytes[right + i]) {
                return false;
            }
        }
        return true;
    }

    /// Whether a span has so many code points, if it goes on to its text's end.
    boolean has(int rank, int codePoints) {
        return codePoints <= 1 || texts.has(order[rank], codePoints);
    }

    /// Whether one of the spans has so many code points.
    public boolean anyHas(int from, int to, int codePoints) {
        for (int rank = from; rank < to; rank++) {
            if (has(rank, codePoints)) {
                return true;
            }
        }
        return false;
    }

    /// What a span of an interval goes on with: so many code points, and what is missing of one under way.
    ///
    /// @param depth      bytes of the span before
    /// @param state      of [JsonSpelling], at that depth
    /// @param least      code points that the whole span has to be able to have
    /// @param codePoints at most what `least` leaves
    public byte[] going(int from, int to, int depth, int state, int least, int codePoints) {
        int rank = from;
        while (rank < to - 1 && !has(rank, least)) {
            rank++;
        }
        int begin = order[rank] + depth;
        int end = begin;
        int left = codePoints;
        int at = state;
        while (left > 0 || at != JsonSpelling.BETWEEN) {
            at = JsonSpelling.next(at, bytes[end++] & 0xFF);
            left -= at == JsonSpelling.BETWEEN ? 1 : 0;
        }
        return java.util.Arrays.copyOfRange(bytes, begin, end);
    }

    /// @param text        its index
    /// @param start       the first character, as a UTF-16 offset in the text
    /// @param end         after the last one
    /// @param occurrences how often the span begins at a start
    public record Place(int text, int start, int end, int occurrences) {}

    /// The first place that a span has in the texts; null if none.
    ///
    /// @param span in canonical spelling
    public @org.jspecify.annotations.Nullable Place find(byte[] span) {
        int from = 0;
        int to = order.length;
        for (int depth = 0; depth < span.length && from < to; depth++) {
            int value = span[depth] & 0xFF;
            int low = from(from, to, depth, value);
            to = from(low, to, depth, value + 1);
            from = low;
        }
        if (from >= to || span.length == 0) {
            return null;
        }
        int first = order[from];
        for (int rank = from + 1; rank < to; rank++) {
            first = Math.min(first, order[rank]);
        }
        return new Place(texts.text(first), texts.offset(first), texts.offset(first + span.length), to - from);
    }
}
