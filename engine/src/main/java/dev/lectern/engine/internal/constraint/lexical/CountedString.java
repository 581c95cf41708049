package dev.lectern.engine.internal.constraint.lexical;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A [JsonString] with limits on the number of code points: a state is one of the string's and a count.
///
/// The pairs are made as they are reached, never unrolled, and one is dead as soon as no string of a
/// permitted length goes on from it. Where each byte leads is not kept here: those who ask often do. Thread-safe.
final class CountedString implements ByteAutomaton {
    private record Pair(int state, int count) {}

    private final JsonString text;
    private final Lengths lengths;
    private final int min;
    private final int max;
    private final int slackFrom;
    private final int start;

    private final Map<Pair, Integer> known = new HashMap<>();
    private final List<Pair> pairs = new ArrayList<>();
    private final Map<Integer, int[]> targets = new HashMap<>();

    CountedString(JsonString text, Dfa dfa, Lengths lengths, int min, int max) {
        this.text = text;
        this.lengths = lengths;
        this.min = min;
        this.max = max;
        this.slackFrom = lengths.slackFrom();
        boolean alive = dfa.start() >= 0 && lengths.reaches(dfa.start(), min, max);
        this.start = alive ? intern(text.start(), 0) : DEAD;
    }

    @Override
    public int start() {
        return start;
    }

    @Override
    public synchronized boolean accepting(int state) {
        return text.accepting(pairs.get(state).state());
    }

    @Override
    public synchronized byte[] ending(int state) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (!accepting(state)) {
            Pair pair = pairs.get(CodePointPath.writeRest(this, state, this::between, bytes));
            int from = text.targets(pair.state())[0];
            int most = max == Integer.MAX_VALUE ? max : max - pair.count();
            text.path().write(from, lengths.least(from, min - pair.count(), most), lengths, bytes);
            bytes.write('"');
        }
        return bytes.toByteArray();
    }

    private synchronized boolean between(int state) {
        return text.between(pairs.get(state).state());
    }

    @Override
    public synchronized int next(int state, int unsignedByte) {
        return follow(pairs.get(state), unsignedByte);
    }

    private int follow(Pair pair, int unsignedByte) {
        int next = text.next(pair.state(), unsignedByte);
        if (next == DEAD) {
            return DEAD;
        }
        if (text.accepting(next)) {
            return pair.count() >= min && pair.count() <= max ? intern(next, 0) : DEAD;
        }
        if (text.between(next)) {
            int count = pair.state() == text.start() ? 0 : pair.count() + 1;
            return alive(next, count) ? intern(next, count) : DEAD;
        }
        return alive(next, pair.count() + 1) ? intern(next, pair.count()) : DEAD;
    }

    /// Whether one of the states that the code point under way leads to can end within the limits, `count`
    /// being the number of code points when it is complete.
    private boolean alive(int state, int count) {
        if (slackFrom >= 0 && max - count >= slackFrom) {
            return true;
        }
        for (int target : targets.computeIfAbsent(state, text::targets)) {
            if (lengths.reaches(target, min - count, max == Integer.MAX_VALUE ? max : max - count)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public synchronized int representative(int state, int bytes) {
        Pair pair = pairs.get(state);
        int count = pair.count();
        if (slackFrom < 0 || (long) max - count - bytes < slackFrom) {
            return state;
        }
        // The upper limit is out of reach of so many bytes; so is the lower one, or it is passed.
        if (count >= min) {
            return intern(pair.state(), min);
        }
        return count + bytes < min ? intern(pair.state(), 0) : state;
    }

    private int intern(int state, int count) {
        Pair pair = new Pair(state, count);
        Integer name = known.get(pair);
        if (name == null) {
            name = pairs.size();
            known.put(pair, name);
            pairs.add(pair);
        }
        return name;
    }
}
