package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.lexical.JsonSpelling;
import dev.lectern.engine.internal.constraint.mask.IntList;
import dev.lectern.engine.internal.constraint.mask.TokenSet;
import dev.lectern.engine.internal.constraint.quote.QuoteTokens;
import dev.lectern.engine.internal.constraint.quote.SpanIndex;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Inside a string that is a span of the context: the spans that begin with what has been read, as an interval of
/// their [SpanIndex].
///
/// A long text has more such frames than can be kept, and each is found quickly from the one before, so they are not
/// interned.
final class QuoteFrame extends Frame {
    private static final TokenSet NONE = TokenSet.of(new IntList(), 0);

    private final QuoteText text;
    private final int from;
    private final int to;
    /// Bytes so far.
    private final int depth;
    /// Characters so far, without the one under way.
    private final int count;
    /// Within a character: of [JsonSpelling].
    private final int state;

    QuoteFrame(QuoteText text, int from, int to, int depth, int count, int state) {
        this.text = text;
        this.from = from;
        this.to = to;
        this.depth = depth;
        this.count = count;
        this.state = state;
    }

    @Override
    boolean isFleeting() {
        return depth > 0;
    }

    @Override
    boolean between() {
        return false;
    }

    @Override
    void step(Config at, int value, Moves moves) {
        if (state == JsonSpelling.BETWEEN) {
            if (value == '"') {
                if (mayEnd()) {
                    moves.add(at.below());
                }
                return;
            }
            if (count == text.max()) {
                return;
            }
        }
        SpanIndex index = text.spans().index();
        int low = index.from(from, to, depth, value);
        if (low == to || index.at(low, depth) != value || value == 0) {
            return;
        }
        int high = index.from(low, to, depth, value + 1);
        if (index.anyHas(low, high, text.min())) {
            int next = JsonSpelling.next(state, value);
            int counted = next == JsonSpelling.BETWEEN ? count + 1 : count;
            moves.add(new QuoteFrame(text, low, high, depth + 1, counted, next), at.below());
        }
    }

    /// Whether the closing quote may follow.
    boolean mayEnd() {
        return state == JsonSpelling.BETWEEN && count >= text.min();
    }

    /// A short way to end, with the closing quote: as many characters as have to follow, of one of the spans.
    /// Null if these are too many to be written down.
    byte @Nullable [] rest() {
        int need = Math.max(0, text.min() - count);
        if (need > Endings.MAX_BYTES / JsonSpelling.MAX_BYTES) {
            return null;
        }
        byte[] span = mayEnd() ? new byte[0] : text.spans().index().going(from, to, depth, state, text.min(), need);
        byte[] rest = Arrays.copyOf(span, span.length + 1);
        rest[span.length] = '"';
        return rest;
    }

    FrameMask findMask() {
        int room = text.max() == Integer.MAX_VALUE ? text.max() : text.max() - count;
        QuoteTokens.Found found = text.spans()
                .tokens()
                .find(new QuoteTokens.Where(from, to, depth, state, Math.max(0, text.min() - count), room, text.min()));
        return new FrameMask(found.inside(), new int[0], NONE, found.exits());
    }
}
