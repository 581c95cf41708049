package dev.lectern.pipeline.pack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// One context while it is laid out: first only positions, so that a step can be taken back; the tokens are written
/// once, when the extent is known.
///
/// Positions are absolute in the context, prefix included, because attention chunks are. Before a sentence that would
/// straddle a chunk's border the rest of the chunk is filled, as long as all such fill stays within its share of the
/// document tokens placed so far and of one chunk more, if that many will come: the early borders of a context cannot
/// eat the allowance of the later ones, what they leave is carried on, and the first border is not worse off than the
/// others.
///
/// Not thread-safe.
final class ContextLayout {
    /// Where a layout stood; see [ContextLayout#reset].
    record Mark(int position, int documentTokens, int fill, int cutSentences, int fills) {}

    /// A run of a document's tokens, `[from, to)`.
    record Part(TokenizedDocument document, int from, int to) {}

    private final PackSettings settings;
    private final int expectedTokens;
    private int position;
    private int documentTokens;
    private int separatorTokens;
    private int fill;
    private int cutSentences;
    private int[] fillAt = new int[16];
    private int fills;

    /// @param expectedTokens document tokens that the context will hold at least
    ContextLayout(PackSettings settings, int expectedTokens) {
        this.settings = settings;
        this.expectedTokens = expectedTokens;
        this.position = settings.prefix().length;
    }

    int position() {
        return position;
    }

    boolean fits() {
        return position <= settings.lastEnd();
    }

    Mark mark() {
        return new Mark(position, documentTokens, fill, cutSentences, fills);
    }

    /// Takes back every sentence since the mark.
    void reset(Mark mark) {
        position = mark.position;
        documentTokens = mark.documentTokens;
        fill = mark.fill;
        cutSentences = mark.cutSentences;
        fills = mark.fills;
    }

    void addSeparator() {
        position += settings.separator().length;
        separatorTokens += settings.separator().length;
    }

    /// Places a sentence of `length` tokens, behind fill when a border would cut it and the allowance suffices.
    void addSentence(int length) {
        int chunk = settings.chunk();
        if (chunk > 0) {
            int left = chunk - position % chunk;
            if (length > left) {
                if (length <= chunk && fill + left <= allowance()) {
                    if (fills == fillAt.length) {
                        fillAt = Arrays.copyOf(fillAt, fills * 2);
                    }
                    fillAt[fills++] = position;
                    fill += left;
                    position += left;
                } else {
                    cutSentences++;
                }
            }
        }
        position += length;
        documentTokens += length;
    }

    /// Most fill up to here, in tokens.
    private double allowance() {
        int base = Math.max(documentTokens, Math.min(expectedTokens, documentTokens + settings.chunk()));
        return base * settings.paddingPercent() / 100;
    }

    /// Places the first tokens of a sentence that goes on in the next context.
    void addFragment(int length) {
        position += length;
        documentTokens += length;
        cutSentences++;
    }

    /// Writes the tokens. The parts, with a separator before each but the first document, are what was placed.
    PackedContext build(List<Part> parts) {
        int end = settings.paddedEnd(position);
        int[] tokens = new int[end];
        int[] prefix = settings.prefix();
        int[] separator = settings.separator();
        List<Segment> segments = new ArrayList<>();
        System.arraycopy(prefix, 0, tokens, 0, prefix.length);
        int at = prefix.length;
        int nextFill = 0;
        for (Part part : parts) {
            if (at > prefix.length) {
                System.arraycopy(separator, 0, tokens, at, separator.length);
                at += separator.length;
            }
            int from = part.from();
            while (from < part.to()) {
                if (nextFill < fills && fillAt[nextFill] == at) {
                    int border = at + settings.chunk() - at % settings.chunk();
                    Arrays.fill(tokens, at, border, settings.fillToken());
                    at = border;
                    nextFill++;
                }
                int run = part.to() - from;
                if (nextFill < fills) {
                    run = Math.min(run, fillAt[nextFill] - at);
                }
                System.arraycopy(part.document().ids(), from, tokens, at, run);
                segments.add(new Segment(
                        part.document().docId(),
                        part.document().charAt(from),
                        part.document().charAt(from + run),
                        at,
                        at + run));
                at += run;
                from += run;
            }
        }
        if (at != position || nextFill != fills) {
            throw new IllegalStateException("context laid out for " + position + " tokens and " + fills + " fills, but "
                    + at + " and " + nextFill + " written");
        }
        Arrays.fill(tokens, position, end, settings.fillToken());
        return new PackedContext(
                tokens,
                segments,
                new TokenAccount(
                        0,
                        documentTokens,
                        0,
                        prefix.length,
                        separatorTokens,
                        end - position,
                        fill,
                        tokens.length,
                        0,
                        0,
                        1,
                        cutSentences));
    }
}
