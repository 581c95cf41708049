package dev.lectern.engine.internal.constraint.automaton;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// Inside a string that is a span of the context and not to be one of those taken.
final class WatchedQuote extends WatchedFrame {
    /// How many beginnings of spans are looked at to find one that is not taken.
    private static final int MAX_TRIED = 64;

    private final QuoteFrame plain;
    private final Spelled text;
    private final Taken taken;

    private WatchedQuote(QuoteFrame plain, Spelled text, Taken taken) {
        this.plain = plain;
        this.text = text;
        this.taken = taken;
    }

    static WatchedQuote opened(QuoteText quote, Taken taken) {
        Spelled text = Spelled.NONE.and('"');
        return new WatchedQuote(quote.opened(), text, taken.startingWith(text.characters()));
    }

    @Override
    void step(Config at, int value, Moves moves) {
        Machine machine = moves.machine();
        List<Config> following = plainly(value, machine).configs();
        if (following.isEmpty()) {
            return; // The byte may not even be JSON here.
        }
        Spelled longer = text.and(value);
        Taken left = taken.isEmpty() ? taken : taken.startingWith(longer.characters());
        for (Config after : following) {
            if (after.isEnd()) {
                Object span = longer.characters();
                if (!left.blocks(span)) {
                    end(span, at.below(), moves);
                }
            } else {
                WatchedQuote next = new WatchedQuote((QuoteFrame) after.top(), longer, left);
                if (next.possible(machine)) {
                    moves.add(next, at.below());
                }
            }
        }
    }

    private Moves plainly(int value, Machine machine) {
        Moves moves = new Moves(machine);
        plain.step(machine.config(plain, machine.hole()), value, moves);
        return moves;
    }

    /// Whether one of the spans that begin so may come.
    boolean possible(Machine machine) {
        if (!taken.mayBlock()) {
            return true;
        }
        Deque<WatchedQuote> open = new ArrayDeque<>();
        open.add(this);
        for (int tried = 0; tried < MAX_TRIED && !open.isEmpty(); tried++) {
            WatchedQuote begun = open.remove();
            for (int value = 0; value < 256; value++) {
                Spelled longer = begun.text.and(value);
                for (Config after : begun.plainly(value, machine).configs()) {
                    Taken left = taken.startingWith(longer.characters());
                    if (!left.mayBlock() || (after.isEnd() && !left.blocks(longer.characters()))) {
                        return true;
                    }
                    if (!after.isEnd()) {
                        open.add(new WatchedQuote((QuoteFrame) after.top(), longer, left));
                    }
                }
            }
        }
        return false;
    }

    @Override
    boolean between() {
        return false;
    }

    @Override
    Frame plain() {
        return plain;
    }

    @Override
    boolean free() {
        return taken.isEmpty();
    }

    @Override
    boolean risky(int value) {
        return !taken.isEmpty() && mayRepeat(text, taken.strings(), value);
    }

    @Override
    boolean same(WatchedFrame other) {
        return other instanceof WatchedQuote that
                && text.length() == that.text.length()
                && taken.blocked().equals(that.taken.blocked());
    }
}
