package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.lexical.ByteAutomaton;
import dev.lectern.engine.internal.constraint.lexical.StringLanguage;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A language of strings, numbers or literals with its frames. Thread-safe; shared among schemas where it depends on
/// none.
final class Leaf {
    /// States beyond these get no row in the table.
    private static final int MAX_ROWS = 1 << 15;

    static final int UNKNOWN = -2;
    static final int ACCEPTING = 256;

    /// Each may have a bit per token.
    private static final int MAX_MASKS = 1 << 8;

    private static final int MAX_LISTED = 4_096;

    private final ByteAutomaton automaton;
    private final RowBudget budget;
    /// By state and byte: the next state, as far as asked for. Written by several threads, always with the same
    /// values.
    private volatile int[] @Nullable [] rows = new int[16][];

    private @Nullable StringLanguage language;
    private String @Nullable [] listed;

    private final Map<Integer, LeafFrame> frames = new HashMap<>();
    private final Map<Integer, FrameMask> masks = new HashMap<>();

    Leaf(ByteAutomaton automaton, RowBudget budget) {
        this.automaton = automaton;
        this.budget = budget;
    }

    /// @param strings what the automaton is the JSON text of
    Leaf of(StringLanguage strings) {
        this.language = strings;
        return this;
    }

    /// The strings sorted, where they are few; else null.
    synchronized String @Nullable [] listed() {
        if (language != null) {
            listed = language.listed(MAX_LISTED);
            language = null;
        }
        return listed;
    }

    ByteAutomaton automaton() {
        return automaton;
    }

    int next(int state, int value) {
        int[] row = kept(state);
        if (row == null) {
            return automaton.next(state, value);
        }
        int next = row[value];
        return next == UNKNOWN ? learn(row, state, value) : next;
    }

    boolean accepting(int state) {
        int[] row = kept(state);
        return row == null ? automaton.accepting(state) : row[ACCEPTING] != 0;
    }

    int learn(int[] row, int state, int value) {
        int next = automaton.next(state, value);
        row[value] = next;
        return next;
    }

    /// A state's row: by byte the next state or [#UNKNOWN], then whether the state accepts.
    int[] row(int state) {
        int[] row = kept(state);
        return row == null ? newRow(state) : row;
    }

    /// The row in the table; null if the state gets none.
    private int @Nullable [] kept(int state) {
        int[] @Nullable [] known = rows;
        int[] row = state < known.length ? known[state] : null;
        return row != null || state >= MAX_ROWS || budget.isSpent() ? row : keep(state);
    }

    private synchronized int @Nullable [] keep(int state) {
        int[] @Nullable [] all = rows;
        int[] row = state < all.length ? all[state] : null;
        if (row != null || !budget.take()) {
            return row;
        }
        row = newRow(state);
        if (state >= all.length) {
            all = Arrays.copyOf(all, Math.max(state + 1, all.length * 2));
        }
        all[state] = row;
        rows = all;
        return row;
    }

    private int[] newRow(int state) {
        int[] row = new int[ACCEPTING + 1];
        Arrays.fill(row, UNKNOWN);
        row[ACCEPTING] = automaton.accepting(state) ? 1 : 0;
        return row;
    }

    synchronized LeafFrame frame(int state) {
        LeafFrame frame = frames.get(state);
        if (frame == null) {
            frame = new LeafFrame(this, state, goesOn(state));
            frames.put(state, frame);
        }
        return frame;
    }

    private boolean goesOn(int state) {
        for (int value = 0; value < 256; value++) {
            if (next(state, value) != ByteAutomaton.DEAD) {
                return true;
            }
        }
        return false;
    }

    /// Adds what is on the stack when the leaf is in a state: the leaf if it can go on, what is beneath if it
    /// can end.
    void enter(int state, Config below, Moves moves) {
        if (accepting(state)) {
            moves.add(below);
        }
        LeafFrame frame = frame(state);
        if (frame.goesOn()) {
            moves.add(frame, below);
        }
    }

    /// Begins the leaf with its first byte.
    void begin(int value, Config below, Moves moves) {
        int start = automaton.start();
        int next = start == ByteAutomaton.DEAD ? ByteAutomaton.DEAD : next(start, value);
        if (next != ByteAutomaton.DEAD) {
            enter(next, below, moves);
        }
    }

    synchronized @Nullable FrameMask mask(int representative) {
        return masks.get(representative);
    }

    synchronized void mask(int representative, FrameMask mask) {
        if (masks.size() >= MAX_MASKS) {
            masks.clear();
        }
        masks.put(representative, mask);
    }
}
