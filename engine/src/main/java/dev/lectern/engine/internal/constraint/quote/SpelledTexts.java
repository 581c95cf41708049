package dev.lectern.engine.internal.constraint.quote;

import dev.lectern.engine.internal.constraint.lexical.JsonSpelling;
import java.util.Arrays;
import java.util.List;

/// Texts in the spelling that JSON strings give them, one after the other, with a zero byte after each (a spelled
/// text has none), and the places where spans may begin. Immutable; a byte and an eighth per byte of spelling.
///
/// A surrogate without its other half has no spelling: what is before it and what is after it are like two texts.
final class SpelledTexts {
    /// Zeros after the end, so that what follows any place can be read some bytes at a time.
    static final int PADDING = 160;

    private static final int MAX_BYTES = Integer.MAX_VALUE - PADDING - 64;

    /// There is a checkpoint at least every so many bytes.
    private static final int STEP = 1 << 10;

    private final byte[] bytes;
    private final int length;
    private final long[] starts;
    /// How many starts there are before each eight words of `starts`.
    private final int[] startsBefore;

    private final int startCount;
    /// Places between characters, ascending, with the text and its UTF-16 offset there.
    private final int[] checkpoints;

    private final int[] checkpointTexts;
    private final int[] checkpointOffsets;
    /// The places of the zeros.
    private final int[] ends;

    private final int longest;

    SpelledTexts(List<String> texts) {
        long size = 0;
        long pieces = 0;
        for (String text : texts) {
            size += size(text) + 1;
            pieces += 1 + text.length() / STEP;
        }
        if (size > MAX_BYTES) {
            throw new IllegalArgumentException("the texts that quotes may come from have " + size
                    + " bytes as JSON, the limit is " + MAX_BYTES + ": use smaller contexts");
        }
        this.bytes = new byte[(int) size + PADDING];
        this.starts = new long[((int) size + PADDING >>> 6) + 1];
        Marks checkpointMarks = new Marks((int) pieces);
        Marks textMarks = new Marks((int) pieces);
        Marks offsetMarks = new Marks((int) pieces);
        Marks endMarks = new Marks(texts.size());
        WordStarts words = new WordStarts();
        int most = 0;
        int at = 0;
        for (int number = 0; number < texts.size(); number++) {
            String text = texts.get(number);
            for (int from = 0; from < text.length(); ) {
                int to = endOfPiece(text, from);
                int begin = at;
                int checkpoint = at - STEP;
                int codePoints = 0;
                words.reset();
                for (int i = from; i < to; ) {
                    int codePoint = text.codePointAt(i);
                    if (at - STEP >= checkpoint) {
                        checkpoint = at;
                        checkpointMarks.add(at);
                        textMarks.add(number);
                        offsetMarks.add(i);
                    }
                    int after = JsonSpelling.write(codePoint, bytes, at);
                    boolean start = words.next(codePoint, after - at);
                    if (start) {
                        starts[at >>> 6] |= 1L << at;
                    }
                    codePoints += start || codePoints > 0 ? 1 : 0;
                    i += Character.charCount(codePoint);
                    at = after;
                }
                if (codePoints > 0) {
                    endMarks.add(at++);
                } else {
                    // Without a start it is of no use, and starts may not be far apart.
                    Arrays.fill(bytes, begin, at, (byte) 0);
                    at = begin;
                    for (Marks marks : List.of(textMarks, offsetMarks, checkpointMarks)) {
                        marks.count = checkpointMarks.before(begin);
                    }
                }
                most = Math.max(most, codePoints);
                from = to < text.length() ? to + 1 : to;
            }
        }
        this.length = at;
        this.longest = most;
        this.checkpoints = checkpointMarks.toArray();
        this.checkpointTexts = textMarks.toArray();
        this.checkpointOffsets = offsetMarks.toArray();
        this.ends = endMarks.toArray();
        this.startsBefore = new int[(starts.length + 7) / 8];
        int count = 0;
        for (int word = 0; word < starts.length; word++) {
            if ((word & 7) == 0) {
                startsBefore[word >>> 3] = count;
            }
            count += Long.bitCount(starts[word]);
        }
        this.startCount = count;
    }

    /// A list of places that grows.
    private static final class Marks {
        private int[] items;
        private int count;

        Marks(int expected) {
            this.items = new int[Math.max(4, expected)];
        }

        void add(int item) {
            if (count == items.length) {
                items = Arrays.copyOf(items, 2 * count);
            }
            items[count++] = item;
        }

        /// How many are less.
        int before(int limit) {
            int less = count;
            while (less > 0 && items[less - 1] >= limit) {
                less--;
            }
            return less;
        }

        int[] toArray() {
            return count == items.length ? items : Arrays.copyOf(items, count);
        }
    }

    private static long size(String text) {
        long size = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            // Two bytes for each half of a pair; one that is alone takes a zero at most.
            size += Character.isSurrogate(c) ? 2 : JsonSpelling.size(c);
        }
        return size;
    }

    /// Where the text ends or has a surrogate without its other half.
    private static int endOfPiece(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (JsonSpelling.isSurrogate(text.codePointAt(i))) {
                    return i;
                }
                i++;
            }
        }
        return text.length();
    }

    /// With [#PADDING] zeros after [#length]; not to be changed.
    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    long memoryBytes() {
        return bytes.length + 8L * starts.length + 4L * (startsBefore.length + ends.length + 3L * checkpoints.length);
    }

    /// Code points of the longest span.
    int longest() {
        return longest;
    }

    int startCount() {
        return startCount;
    }

    /// The first start at or after a place, or -1.
    int startFrom(int at) {
        int word = at >>> 6;
        if (word >= starts.length) {
            return -1;
        }
        long rest = starts[word] & -1L << at;
        while (rest == 0) {
            if (++word == starts.length) {
                return -1;
            }
            rest = starts[word];
        }
        return (word << 6) + Long.numberOfTrailingZeros(rest);
    }

    /// The last start at or before a place that is not before the first one.
    int startUpTo(int at) {
        int word = at >>> 6;
        long rest = starts[word] & -1L >>> 63 - (at & 63);
        while (rest == 0) {
            rest = starts[--word];
        }
        return (word << 6) + 63 - Long.numberOfLeadingZeros(rest);
    }

    /// How many starts are before this one.
    int ordinal(int start) {
        int word = start >>> 6;
        int count = startsBefore[word >>> 3];
        for (int i = word & ~7; i < word; i++) {
            count += Long.bitCount(starts[i]);
        }
        return count + Long.bitCount(starts[word] & (1L << start) - 1);
    }

    /// Whether so many code points follow a place before its text ends.
    boolean has(int at, int codePoints) {
        int found = Arrays.binarySearch(ends, at);
        int end = ends[found < 0 ? -found - 1 : found];
        if (end - at >= (long) codePoints * JsonSpelling.MAX_BYTES) {
            return true;
        }
        int left = codePoints;
        int state = JsonSpelling.BETWEEN;
        for (int i = at; i < end && left > 0; i++) {
            state = JsonSpelling.next(state, bytes[i] & 0xFF);
            left -= state == JsonSpelling.BETWEEN ? 1 : 0;
        }
        return left <= 0;
    }

    /// The text that a place between characters is in.
    int text(int at) {
        return checkpointTexts[checkpoint(at)];
    }

    /// The UTF-16 offset in its text of a place between characters.
    int offset(int at) {
        int checkpoint = checkpoint(at);
        int offset = checkpointOffsets[checkpoint];
        int state = JsonSpelling.BETWEEN;
        for (int i = checkpoints[checkpoint]; i < at; i++) {
            int value = bytes[i] & 0xFF;
            // Four bytes of UTF-8 are two units of UTF-16.
            offset += state == JsonSpelling.BETWEEN && value >= 0xF0 ? 1 : 0;
            state = JsonSpelling.next(state, value);
            offset += state == JsonSpelling.BETWEEN ? 1 : 0;
        }
        return offset;
    }

    private int checkpoint(int at) {
        int found = Arrays.binarySearch(checkpoints, at);
        return found >= 0 ? found : -found - 2;
    }
}
