package dev.lectern.engine.internal.constraint.automaton;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Inside a list whose items differ, or that is (within) an item of such a list.
final class WatchedArray extends WatchedFrame {
    /// No token completes more items.
    private static final int MAX_ITEMS_OF_TOKEN = 100;

    private final ArrayFrame plain;
    private final List<Object> items;
    /// The earlier lists that begin with these items, and which values must not come again.
    private final List<List<Object>> earlier;

    private final Set<Object> blocked;

    /// What the next item must not be, where that does not depend on earlier lists.
    private @Nullable Taken own;

    private WatchedArray(ArrayFrame plain, List<Object> items, List<List<Object>> earlier, Set<Object> blocked) {
        this.plain = plain;
        this.items = items;
        this.earlier = earlier;
        this.blocked = blocked;
    }

    static WatchedArray opened(ArrayType type, Taken taken) {
        return new WatchedArray(type.frame(true, 0, 0), List.of(), taken.arrays(), taken.blocked());
    }

    @Override
    void step(Config at, int value, Moves moves) {
        if (blank(value)) {
            moves.add(at);
        } else if (value == ']') {
            if (plain.type().complete(plain.index(), plain.found()) && !equalsBlocked()) {
                end(items, at.below(), moves);
            }
        } else if (plain.opened() || value == ',') {
            Machine machine = moves.machine();
            for (ArrayType.Item item : plain.type().items(plain.index(), plain.found())) {
                ArrayFrame after = plain.type().frame(false, plain.index() + 1, item.found());
                WatchedValue next = next(item, after, machine);
                if (!next.possible(machine)) {
                    continue;
                }
                List<List<Object>> longer = earlier.stream()
                        .filter(list -> list.size() > items.size())
                        .toList();
                Config rest = machine.config(new WatchedArray(after, items, longer, blocked), at.below());
                if (plain.opened()) {
                    next.begin(value, rest, moves);
                } else {
                    moves.add(next, rest);
                }
            }
        }
    }

    private WatchedValue next(ArrayType.Item item, ArrayFrame after, Machine machine) {
        return new WatchedValue(machine.value(item.choice().shape()), taken(after, machine));
    }

    /// What the next item may not be: one of these, or one after which the whole list could only be an earlier
    /// one.
    private Taken taken(ArrayFrame after, Machine machine) {
        boolean unique = plain.type().unique();
        if (earlier.isEmpty()) {
            Taken known = own;
            if (known == null) {
                known = unique ? Taken.allOf(items) : Taken.NONE;
                own = known;
            }
            return known;
        }
        List<Object> values = new ArrayList<>(unique ? items : List.of());
        Map<Object, Integer> lists = new HashMap<>();
        int most = 0;
        for (List<Object> list : earlier) {
            if (list.size() > items.size()) {
                Object value = list.get(items.size());
                values.add(value);
                if (blocked.contains(list)) {
                    most = Math.max(most, lists.merge(value, 1, Integer::sum));
                }
            }
        }
        Set<Object> never = new HashSet<>(unique ? items : List.of());
        if (most > 0) {
            long ways = machine.cardinality().of(after, items.size() + 1, most + 1L);
            lists.forEach((value, count) -> {
                if (count >= ways) {
                    never.add(value);
                }
            });
        }
        return Taken.of(values, never);
    }

    private boolean equalsBlocked() {
        for (List<Object> list : earlier) {
            if (list.size() == items.size() && blocked.contains(list)) {
                return true;
            }
        }
        return false;
    }

    private int countBlocked() {
        int count = 0;
        for (List<Object> list : earlier) {
            count += blocked.contains(list) ? 1 : 0;
        }
        return count;
    }

    /// Whether it can still become a list that may come.
    boolean possible(Machine machine) {
        int count = countBlocked();
        return count == 0 || machine.cardinality().of(plain, items.size(), count + 1L) > count;
    }

    @Override
    @Nullable
    WatchedFrame received(Object value, Machine machine) {
        List<Object> more = new ArrayList<>(items.size() + 1);
        more.addAll(items);
        more.add(value);
        List<List<Object>> alike = earlier.isEmpty()
                ? earlier
                : earlier.stream()
                        .filter(list -> list.size() > items.size()
                                && list.get(items.size()).equals(value))
                        .toList();
        WatchedArray after = new WatchedArray(plain, more, alike, blocked);
        return after.possible(machine) ? after : null;
    }

    @Override
    Frame plain() {
        return plain;
    }

    @Override
    boolean free() {
        return false;
    }

    @Override
    boolean calm(Machine machine) {
        return !plain.type().unique()
                || machine.cardinality().ofItems(plain.type(), items.size()) > items.size() + MAX_ITEMS_OF_TOKEN;
    }

    @Override
    boolean same(WatchedFrame other) {
        return other instanceof WatchedArray that
                && plain == that.plain
                && items.equals(that.items)
                && blocked.equals(that.blocked);
    }
}
