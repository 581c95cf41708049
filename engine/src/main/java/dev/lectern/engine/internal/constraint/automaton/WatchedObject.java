package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.schema.Shape;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Inside an object that is (within) an item of a list whose items differ.
final class WatchedObject extends WatchedFrame {
    private final ObjectFrame plain;
    private final Map<String, Object> members;
    /// In a name: its text so far.
    private final Spelled text;
    /// After a name, and while its value is read.
    private final String name;
    /// The earlier objects that have these members, and which values must not come again.
    private final List<Map<String, Object>> earlier;

    private final Set<Object> blocked;

    private WatchedObject(
            ObjectFrame plain,
            Map<String, Object> members,
            Spelled text,
            String name,
            List<Map<String, Object>> earlier,
            Set<Object> blocked) {
        this.plain = plain;
        this.members = members;
        this.text = text;
        this.name = name;
        this.earlier = earlier;
        this.blocked = blocked;
    }

    static WatchedObject opened(ObjectType type, Taken taken) {
        return new WatchedObject(
                ObjectFrame.opened(type), Map.of(), Spelled.NONE, "", taken.objects(), taken.blocked());
    }

    private WatchedObject to(ObjectFrame next, Spelled textSoFar, String named) {
        return new WatchedObject(next, members, textSoFar, named, earlier, blocked);
    }

    @Override
    void step(Config at, int value, Moves moves) {
        Machine machine = moves.machine();
        Config alone = machine.config(plain, machine.hole());
        Moves plainly = new Moves(machine);
        plain.step(alone, value, plainly);
        for (Config after : plainly.configs()) {
            if (after == alone) {
                moves.add(at);
            } else if (after.isEnd()) {
                if (!equalsBlocked()) {
                    end(members, at.below(), moves);
                }
            } else if (after.below().isEnd()) {
                along((ObjectFrame) after.top(), value, at, moves);
            } else {
                inwards(after.top(), (ObjectFrame) after.below().top(), value, at, moves);
            }
        }
    }

    /// A byte of the object itself.
    private void along(ObjectFrame next, int value, Config at, Moves moves) {
        Machine machine = moves.machine();
        WatchedObject after = switch (next.phase()) {
            case NAME -> {
                WatchedObject named = to(next, text.and(value), "");
                yield named.leadsOn(machine) ? named : null;
            }
            case NAMED -> named(next, text.and(value).characters(), machine);
            default -> {
                WatchedObject continued = to(next, Spelled.NONE, "");
                yield value != ',' || continued.goesOn(machine) ? continued : null;
            }
        };
        if (after != null) {
            moves.add(after, at.below());
        }
    }

    /// A byte after which a name that is read by itself, or a value, is on top.
    private void inwards(Frame top, ObjectFrame next, int value, Config at, Moves moves) {
        Machine machine = moves.machine();
        if (top instanceof LeafFrame leaf) {
            Config below = machine.config(to(next, Spelled.NONE, ""), at.below());
            Set<Object> never = new HashSet<>();
            List<Object> names = new ArrayList<>();
            for (Map<String, Object> object : earlier) {
                for (String key : object.keySet()) {
                    if (!members.containsKey(key) && !names.contains(key)) {
                        names.add(key);
                        if (named(next, key, machine) == null) {
                            never.add(key);
                        }
                    }
                }
            }
            WatchedLeaf.enter(
                    leaf.leaf(),
                    leaf.state(),
                    WatchedLeaf.Kind.STRING,
                    text.and(value),
                    Taken.of(names, never),
                    below,
                    moves);
        } else {
            List<Map<String, Object>> alike =
                    earlier.stream().filter(object -> object.containsKey(name)).toList();
            Config below =
                    machine.config(new WatchedObject(next, members, Spelled.NONE, name, alike, blocked), at.below());
            moves.add(new WatchedValue((ValueFrame) top, taken(name, next.progress(), machine)), below);
        }
    }

    /// After a name; null if no value for it would make this another object than the earlier ones.
    private @Nullable WatchedObject named(ObjectFrame next, String ended, Machine machine) {
        Shape shape = Objects.requireNonNull(next.value());
        return fresh(ended, shape, next.progress(), machine) ? to(next, Spelled.NONE, ended) : null;
    }

    private boolean fresh(String key, Shape shape, Progress after, Machine machine) {
        Taken taken = taken(key, after, machine);
        return taken.blocksNothing() || new WatchedValue(machine.value(shape), taken).possible(machine);
    }

    /// What a member may not be: a value after which the object could only become one of the earlier ones.
    private Taken taken(String key, Progress after, Machine machine) {
        if (earlier.isEmpty()) {
            return Taken.NONE;
        }
        List<Object> values = new ArrayList<>();
        Map<Object, Integer> objects = new HashMap<>();
        int most = 0;
        for (Map<String, Object> object : earlier) {
            Object value = object.get(key);
            if (value != null) {
                values.add(value);
                if (blocked.contains(object)) {
                    most = Math.max(most, objects.merge(value, 1, Integer::sum));
                }
            }
        }
        Set<Object> never = new HashSet<>();
        if (most > 0) {
            long ways = machine.cardinality().of(plain.type(), after, most + 1L);
            objects.forEach((value, count) -> {
                if (count >= ways) {
                    never.add(value);
                }
            });
        }
        return Taken.of(values, never);
    }

    /// Whether one of the names that begin so can have a value.
    private boolean leadsOn(Machine machine) {
        if (countBlocked() == 0 || plain.readsRest()) {
            return true;
        }
        ObjectType type = plain.type();
        Progress progress = plain.progress();
        BitSet properties = type.names().beneath(plain.node());
        for (int property = properties.nextSetBit(0); property >= 0; property = properties.nextSetBit(property + 1)) {
            for (var choice : type.choices(property)) {
                Progress after = progress.plus(property, choice);
                String key = type.shape().properties().get(property).name();
                if (after != null && fresh(key, choice.shape(), after, machine)) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean equalsBlocked() {
        for (Map<String, Object> object : earlier) {
            if (object.size() == members.size() && blocked.contains(object)) {
                return true;
            }
        }
        return false;
    }

    private int countBlocked() {
        int count = 0;
        for (Map<String, Object> object : earlier) {
            count += blocked.contains(object) ? 1 : 0;
        }
        return count;
    }

    /// Whether it can still become an object that may come.
    boolean possible(Machine machine) {
        int count = countBlocked();
        return count == 0 || machine.cardinality().of(plain.type(), plain.progress(), count + 1L) > count;
    }

    /// Whether it can with one more member at least.
    private boolean goesOn(Machine machine) {
        int larger = 0;
        for (Map<String, Object> object : earlier) {
            larger += object.size() > members.size() && blocked.contains(object) ? 1 : 0;
        }
        int now = plain.progress().complete() ? 1 : 0;
        return larger == 0
                || machine.cardinality().of(plain.type(), plain.progress(), larger + now + 1L) - now > larger;
    }

    @Override
    @Nullable
    WatchedFrame received(Object value, Machine machine) {
        if (plain.phase() == ObjectFrame.Phase.NAMED) {
            return named(plain, (String) value, machine);
        }
        Map<String, Object> more = new HashMap<>(members);
        more.put(name, value);
        List<Map<String, Object>> alike = earlier.isEmpty()
                ? earlier
                : earlier.stream()
                        .filter(object -> value.equals(object.get(name)))
                        .toList();
        WatchedObject after = new WatchedObject(plain, more, Spelled.NONE, "", alike, blocked);
        return after.possible(machine) ? after : null;
    }

    @Override
    boolean between() {
        return plain.between();
    }

    @Override
    Frame plain() {
        return plain;
    }

    /// In a name too that none of the earlier objects has.
    @Override
    boolean free() {
        if (earlier.isEmpty()) {
            return true;
        }
        if (plain.phase() != ObjectFrame.Phase.NAME || !plain.readsRest()) {
            return false;
        }
        String begun = text.characters();
        return earlier.stream().noneMatch(object -> object.keySet().stream().anyMatch(key -> key.startsWith(begun)));
    }

    @Override
    boolean risky(int value) {
        if (plain.phase() != ObjectFrame.Phase.NAME || !plain.readsRest()) {
            return true;
        }
        return earlier.stream().anyMatch(object -> mayRepeat(text, object.keySet(), value));
    }

    @Override
    boolean same(WatchedFrame other) {
        return other instanceof WatchedObject that
                && plain == that.plain
                && text.length() == that.text.length()
                && name.equals(that.name)
                && members.equals(that.members)
                && blocked.equals(that.blocked);
    }
}
