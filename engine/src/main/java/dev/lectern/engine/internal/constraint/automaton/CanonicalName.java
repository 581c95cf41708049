package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.lexical.ByteAutomaton;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The strings of another automaton in canonical spelling alone ([CanonicalText]), with their quotes: names of which
/// the schema gives the pattern. So two of them are the same name exactly if their bytes are. Thread-safe.
final class CanonicalName implements ByteAutomaton {
    private static final int QUOTE = -1;

    /// @param canonical the state of the canonical text, [#QUOTE] before it
    private record Pair(int text, int canonical) {}

    private final ByteAutomaton text;
    private final Map<Pair, Integer> known = new HashMap<>();
    private final List<Pair> pairs = new ArrayList<>();

    CanonicalName(ByteAutomaton text) {
        this.text = text;
        if (!text.isEmpty()) {
            intern(new Pair(text.start(), QUOTE));
        }
    }

    @Override
    public int start() {
        return text.isEmpty() ? DEAD : 0;
    }

    @Override
    public synchronized int next(int state, int unsignedByte) {
        Pair next = follow(pairs.get(state), unsignedByte);
        return next == null ? DEAD : intern(next);
    }

    @Override
    public synchronized boolean accepting(int state) {
        return text.accepting(pairs.get(state).text());
    }

    @Override
    public synchronized byte @Nullable [] ending(int state) {
        Pair pair = pairs.get(state);
        return pair.canonical() == QUOTE || pair.canonical() == CanonicalText.BODY ? text.ending(pair.text()) : null;
    }

    private @Nullable Pair follow(Pair pair, int value) {
        int next = text.next(pair.text(), value);
        if (next == DEAD) {
            return null;
        }
        if (pair.canonical() == QUOTE) {
            return new Pair(next, CanonicalText.BODY);
        }
        int canonical = CanonicalText.INSTANCE.next(pair.canonical(), value);
        Pair reached = new Pair(next, canonical);
        return canonical == CanonicalText.DEAD || !alive(reached) ? null : reached;
    }

    /// Between characters whatever the text admits has a canonical spelling; an escape that has begun may be
    /// none.
    private boolean alive(Pair pair) {
        if (!CanonicalText.inEscape(pair.canonical())) {
            return true;
        }
        for (int value = '"'; value < 0x80; value++) {
            if (follow(pair, value) != null) {
                return true;
            }
        }
        return false;
    }

    private int intern(Pair pair) {
        Integer name = known.get(pair);
        if (name == null) {
            name = pairs.size();
            known.put(pair, name);
            pairs.add(pair);
        }
        return name;
    }
}
