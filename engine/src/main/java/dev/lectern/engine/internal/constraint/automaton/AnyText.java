package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.lexical.ByteAutomaton;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Every JSON string, as a table: the states of another automaton renumbered from 0 on.
final class AnyText implements ByteAutomaton {
    private static final int MAX_STATES = 200;

    private final int[][] table;
    private final boolean[] accepting;
    private final int body;

    /// @param any an automaton of every JSON string with its quotes
    AnyText(ByteAutomaton any) {
        Map<Integer, Integer> numbers = new HashMap<>();
        List<Integer> order = new ArrayList<>();
        List<int[]> rows = new ArrayList<>();
        numbers.put(any.start(), 0);
        order.add(any.start());
        for (int i = 0; i < order.size(); i++) {
            if (i > MAX_STATES) {
                throw new IllegalStateException("the automaton of every string has over " + MAX_STATES + " states");
            }
            int[] row = new int[256];
            for (int value = 0; value < 256; value++) {
                int next = any.next(order.get(i), value);
                if (next == DEAD) {
                    row[value] = DEAD;
                } else {
                    Integer number = numbers.get(next);
                    if (number == null) {
                        number = order.size();
                        numbers.put(next, number);
                        order.add(next);
                    }
                    row[value] = number;
                }
            }
            rows.add(row);
        }
        this.table = rows.toArray(int[][]::new);
        this.accepting = new boolean[table.length];
        for (int i = 0; i < accepting.length; i++) {
            accepting[i] = any.accepting(order.get(i));
        }
        this.body = table[0]['"'];
        if (table[body]['a'] != body || table[table[body]['\\']]['n'] != body) {
            throw new IllegalStateException("the automaton of every string has several states between characters");
        }
    }

    int states() {
        return table.length;
    }

    /// The state between two characters.
    int body() {
        return body;
    }

    @Override
    public int start() {
        return 0;
    }

    @Override
    public int next(int state, int value) {
        return table[state][value];
    }

    @Override
    public boolean accepting(int state) {
        return accepting[state];
    }
}
