package dev.lectern.engine.internal.constraint.schema;

import dev.lectern.engine.internal.constraint.schema.ObjectShape.Choice;
import dev.lectern.engine.internal.constraint.schema.ObjectShape.Property;
import dev.lectern.engine.internal.constraint.schema.ObjectShape.Term;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// Which shapes have a (finite) value at all: the least fixed point over the members that a value must have.
/// Recursion without a base case comes out as empty.
final class Inhabitation {
    private Inhabitation() {}

    /// @param complete fills a shape in before it is looked at
    /// @param budget   how many shapes to look at; beyond it, and where a shape is not finished, the answer is
    ///                 true
    static boolean of(Shape asked, Consumer<Shape> complete, int budget) {
        if (asked.inhabited != null) {
            return asked.inhabited;
        }
        Set<Shape> open = new LinkedHashSet<>(Set.of(asked));
        Deque<Shape> todo = new ArrayDeque<>(open);
        while (!todo.isEmpty()) {
            Shape shape = todo.remove();
            complete.accept(shape);
            if (!shape.complete) {
                return true; // Asked for while that very shape is being made.
            }
            if (shape.hasScalars()) {
                continue;
            }
            forEachNeeded(shape, member -> {
                if (member.inhabited == null && open.add(member)) {
                    todo.add(member);
                }
            });
            if (open.size() > budget) {
                return true;
            }
        }
        boolean changed = true;
        while (changed) {
            changed = false;
            for (Shape shape : open) {
                if (shape.inhabited == null && satisfiable(shape)) {
                    shape.inhabited = true;
                    changed = true;
                }
            }
        }
        for (Shape shape : open) {
            if (shape.inhabited == null) {
                shape.inhabited = false;
            }
        }
        return asked.inhabited != null && asked.inhabited;
    }

    private static boolean known(Shape shape) {
        return Boolean.TRUE.equals(shape.inhabited);
    }

    private static boolean satisfiable(Shape shape) {
        return shape.hasScalars()
                || shape.arrays().stream().anyMatch(Inhabitation::satisfiable)
                || shape.objects().stream().anyMatch(Inhabitation::satisfiable);
    }

    private static boolean satisfiable(ArrayShape array) {
        int distinct = Math.min(array.minItems(), array.prefix() + 1);
        for (int i = 0; i < distinct; i++) {
            if (!possible(array.at(i))) {
                return false;
            }
        }
        if (array.unique() && array.prefix() == 0 && array.minItems() > 1) {
            long different = 0;
            for (Choice choice : array.at(0)) {
                different += known(choice.shape()) ? choice.shape().count(array.minItems()) : 0;
            }
            if (different < array.minItems()) {
                return false;
            }
        }
        return array.wanted().isEmpty() || new ItemCounts(array, Inhabitation::known).reachable(0, 0);
    }

    private static boolean possible(List<Choice> choices) {
        for (Choice choice : choices) {
            if (known(choice.shape())) {
                return true;
            }
        }
        return false;
    }

    private static boolean satisfiable(ObjectShape object) {
        boolean open = object.others().stream().anyMatch(others -> possible(others.choices()));
        for (Term term : object.terms()) {
            if (term.required().stream()
                    .allMatch(i -> possible(object.properties().get(i).choices()))) {
                int available = 0;
                for (int i = 0; i < object.properties().size(); i++) {
                    if (!term.forbidden().get(i)
                            && possible(object.properties().get(i).choices())) {
                        available++;
                    }
                }
                int needed = Math.max(object.minProperties(), object.witnesses() > 0 ? 1 : 0);
                int witnesses = witnesses(object, term);
                if ((open || available >= needed)
                        && witnesses >= 0
                        && (long) term.required().cardinality() + witnesses <= object.maxProperties()) {
                    return true;
                }
            }
        }
        return false;
    }

    /// How many members that are not required find the witnesses; -1 if none do.
    private static int witnesses(ObjectShape object, Term term) {
        WitnessCover cover = new WitnessCover((1 << object.witnesses()) - 1);
        if (object.witnesses() > 0) {
            for (int i = 0; i < object.properties().size(); i++) {
                int[] own = known(object.properties().get(i).choices());
                if (term.required().get(i)) {
                    cover.required(own);
                } else if (!term.forbidden().get(i)) {
                    cover.optional(own);
                }
            }
            object.others().forEach(others -> cover.repeatable(known(others.choices())));
        }
        return cover.fewest();
    }

    /// The witnesses of the choices that have values.
    private static int[] known(List<Choice> choices) {
        return choices.stream()
                .filter(choice -> known(choice.shape()))
                .mapToInt(Choice::witnesses)
                .distinct()
                .toArray();
    }

    /// The members whose emptiness can make the shape empty.
    private static void forEachNeeded(Shape shape, Consumer<Shape> action) {
        for (ArrayShape array : shape.arrays()) {
            int needed = array.wanted().isEmpty() ? Math.min(array.minItems(), array.prefix() + 1) : array.prefix() + 1;
            for (int i = 0; i < needed; i++) {
                array.at(i).forEach(choice -> action.accept(choice.shape()));
            }
        }
        for (ObjectShape object : shape.objects()) {
            boolean all = object.minProperties() > 0 || object.witnesses() > 0;
            for (int i = 0; i < object.properties().size(); i++) {
                Property property = object.properties().get(i);
                int index = i;
                if (all
                        || object.terms().stream()
                                .anyMatch(term -> term.required().get(index))) {
                    property.choices().forEach(choice -> action.accept(choice.shape()));
                }
            }
            if (all) {
                object.others().forEach(others -> others.choices().forEach(choice -> action.accept(choice.shape())));
            }
        }
    }

    /// All members.
    static void forEachMember(Shape shape, Consumer<Shape> action) {
        for (ArrayShape array : shape.arrays()) {
            array.items().forEach(choices -> choices.forEach(choice -> action.accept(choice.shape())));
        }
        for (ObjectShape object : shape.objects()) {
            object.properties()
                    .forEach(property -> property.choices().forEach(choice -> action.accept(choice.shape())));
            object.others().forEach(others -> others.choices().forEach(choice -> action.accept(choice.shape())));
        }
    }
}
