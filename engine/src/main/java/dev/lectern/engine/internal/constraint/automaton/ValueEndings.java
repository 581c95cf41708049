package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.schema.ArrayShape;
import dev.lectern.engine.internal.constraint.schema.ObjectShape;
import dev.lectern.engine.internal.constraint.schema.Shape;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A short value of every shape.
///
/// Scalars and what is empty are found at once. Where a value must have members, the shapes of these are needed
/// first, and shapes may need each other: then the least fixed point over all of them is worked out, by looking
/// again at the shapes whose members have become cheaper until none has.
final class ValueEndings {
    /// With so few tokens a value needs no comparison with objects and lists that have members.
    private static final int FEW_TOKENS = 12;

    private final Endings endings;
    private final Map<Shape, Ending> known = new IdentityHashMap<>();

    /// What is known while a fixed point is worked out, and which of the shapes have been asked for.
    private @Nullable Map<Shape, Ending> open;

    private Set<Shape> asked = Set.of();

    ValueEndings(Endings endings) {
        this.endings = endings;
    }

    /// Null if there is no value, or none short enough to be written down.
    @Nullable
    Ending of(Shape shape) {
        Ending settled = known.get(shape);
        if (settled != null) {
            return settled;
        }
        Map<Shape, Ending> solving = open;
        if (solving != null) {
            asked.add(shape);
            return solving.get(shape);
        }
        Ending simple = simple(shape);
        if (simple != null && simple.tokens() <= FEW_TOKENS) {
            known.put(shape, simple);
            return simple;
        }
        solve(shape);
        return known.get(shape);
    }

    private void solve(Shape wanted) {
        Map<Shape, Ending> best = new LinkedHashMap<>();
        Map<Shape, Set<Shape>> users = new IdentityHashMap<>();
        open = best;
        try {
            Deque<Shape> todo = new ArrayDeque<>(List.of(wanted));
            Set<Shape> waiting = identitySet();
            Set<Shape> met = identitySet();
            waiting.add(wanted);
            while (!todo.isEmpty()) {
                Shape shape = todo.removeLast();
                waiting.remove(shape);
                asked = identitySet();
                boolean first = met.add(shape);
                Ending found = first ? simple(shape) : best.get(shape);
                if (found == null || found.tokens() > FEW_TOKENS) {
                    found = shorter(found, compound(shape));
                }
                for (Shape member : asked) {
                    users.computeIfAbsent(member, ignored -> identitySet()).add(shape);
                    if (!met.contains(member) && waiting.add(member)) {
                        todo.addLast(member);
                    }
                }
                Ending before = best.get(shape);
                if (found != null && (before == null || found.isShorterThan(before))) {
                    best.put(shape, found);
                    for (Shape user : users.getOrDefault(shape, Set.of())) {
                        if (waiting.add(user)) {
                            todo.addFirst(user);
                        }
                    }
                }
            }
        } finally {
            open = null;
            asked = Set.of();
        }
        known.putAll(best);
    }

    private static Set<Shape> identitySet() {
        return java.util.Collections.newSetFromMap(new IdentityHashMap<>());
    }

    private static @Nullable Ending shorter(@Nullable Ending one, @Nullable Ending other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return other.isShorterThan(one) ? other : one;
    }

    /// Scalars, and the empty list and object. Null before all others: it says that nothing was said.
    private @Nullable Ending simple(Shape shape) {
        if (shape.allowsNull()) {
            return endings.ending("null".getBytes(StandardCharsets.US_ASCII));
        }
        List<byte[]> texts = new ArrayList<>();
        if (shape.allowsFalse()) {
            texts.add("false".getBytes(StandardCharsets.US_ASCII));
        }
        if (shape.allowsTrue()) {
            texts.add("true".getBytes(StandardCharsets.US_ASCII));
        }
        Machine machine = endings.machine();
        shape.numbers().forEach(language -> addShortest(machine.leaf(language), texts));
        shape.strings().forEach(language -> addShortest(machine.leaf(language), texts));
        shape.quotes().forEach(quote -> {
            byte[] rest = machine.quote(quote).opened().rest();
            if (rest != null) {
                texts.add(endings.ending("\"", rest).text());
            }
        });
        if (shape.arrays().stream().anyMatch(ValueEndings::mayBeEmpty)) {
            texts.add(new byte[] {'[', ']'});
        }
        if (shape.objects().stream().anyMatch(ValueEndings::mayBeEmpty)) {
            texts.add(new byte[] {'{', '}'});
        }
        Ending best = null;
        for (byte[] text : texts) {
            best = shorter(best, endings.ending(text));
        }
        return best;
    }

    private static boolean mayBeEmpty(ArrayShape array) {
        return array.minItems() == 0 && array.wanted().stream().allMatch(wanted -> wanted.min() == 0);
    }

    private static boolean mayBeEmpty(ObjectShape object) {
        return object.minProperties() == 0
                && object.witnesses() == 0
                && object.terms().stream().anyMatch(term -> term.required().isEmpty());
    }

    private void addShortest(Leaf leaf, List<byte[]> texts) {
        int start = leaf.automaton().start();
        byte[] shortest = start < 0 ? null : endings.of(leaf).shortest(start);
        if (shortest != null) {
            texts.add(shortest);
        }
    }

    /// Lists and objects with members, as far as the members are known.
    private @Nullable Ending compound(Shape shape) {
        Machine machine = endings.machine();
        Ending best = null;
        for (var array : shape.arrays()) {
            ArrayType type = machine.array(array);
            Ending rest = type.possible() ? endings.arrays().after(type, true, 0, 0) : null;
            best = shorter(best, rest == null ? null : endings.ending("[", rest.text()));
        }
        for (var object : shape.objects()) {
            ObjectType type = machine.object(object);
            Ending rest = type.beginning().possible()
                    ? endings.objects().of(ObjectFrame.opened(type), OpenNames.NONE, 0, null)
                    : null;
            best = shorter(best, rest == null ? null : endings.ending("{", rest.text()));
        }
        return best;
    }
}
