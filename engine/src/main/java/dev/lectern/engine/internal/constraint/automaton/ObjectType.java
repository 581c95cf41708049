package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.schema.ObjectShape;
import dev.lectern.engine.internal.constraint.schema.ObjectShape.Choice;
import dev.lectern.engine.internal.constraint.schema.ObjectShape.NameClass;
import dev.lectern.engine.internal.constraint.schema.ObjectShape.Property;
import dev.lectern.engine.internal.constraint.schema.ObjectShape.Term;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What an [ObjectShape] needs to be read: its names as a tree, its other names as leaves, only those members whose
/// values exist.
final class ObjectType {
    /// A class of names that are not in the tree.
    ///
    /// @param leaf the names as JSON text with quotes; null for every name that is not in the tree
    /// @param count of the names, at least
    record Others(@Nullable Leaf leaf, List<Choice> choices, long count) {}

    private final Machine machine;
    private final ObjectShape shape;
    private final NameTree names;
    private final List<List<Choice>> choices = new ArrayList<>();
    private final BitSet possible = new BitSet();
    private final List<Term> terms = new ArrayList<>();
    private final List<Others> others = new ArrayList<>();
    private @Nullable Others rest;
    private final int[] othersWitnesses;
    private final Progress beginning;
    private final Map<Progress, Progress> progresses = new HashMap<>();
    private final Map<ObjectFrame, ObjectFrame> frames = new HashMap<>();

    ObjectType(Machine machine, ObjectShape shape) {
        this.machine = machine;
        this.shape = shape;
        this.names =
                new NameTree(shape.properties().stream().map(Property::name).toList());
        for (Property property : shape.properties()) {
            List<Choice> inhabited = inhabited(property.choices());
            if (!inhabited.isEmpty()) {
                possible.set(choices.size());
            }
            choices.add(inhabited);
        }
        for (Term term : shape.terms()) {
            if (contains(possible, term.required())) {
                terms.add(term);
            }
        }
        List<Choice> otherChoices = new ArrayList<>();
        for (NameClass names : shape.others()) {
            List<Choice> inhabited = inhabited(names.choices());
            if (!inhabited.isEmpty()) {
                Others known = names.names() == null
                        ? new Others(null, inhabited, Cardinality.MANY)
                        : new Others(
                                machine.nameLeaf(names.names()),
                                inhabited,
                                names.names().count(Cardinality.MANY));
                others.add(known);
                rest = known.leaf() == null ? known : rest;
                otherChoices.addAll(inhabited);
            }
        }
        this.othersWitnesses = witnesses(otherChoices);
        this.beginning = intern(Progress.of(this, new BitSet(), -1, 0, 0));
    }

    private static List<Choice> inhabited(List<Choice> choices) {
        return choices.stream().filter(choice -> choice.shape().isInhabited()).toList();
    }

    private static int[] witnesses(List<Choice> choices) {
        return choices.stream().mapToInt(Choice::witnesses).distinct().toArray();
    }

    static boolean contains(BitSet all, BitSet some) {
        BitSet missing = (BitSet) some.clone();
        missing.andNot(all);
        return missing.isEmpty();
    }

    Machine machine() {
        return machine;
    }

    ObjectShape shape() {
        return shape;
    }

    NameTree names() {
        return names;
    }

    List<Choice> choices(int property) {
        return choices.get(property);
    }

    /// The properties for which there are values.
    BitSet possible() {
        return possible;
    }

    List<Term> terms() {
        return terms;
    }

    List<Others> others() {
        return others;
    }

    /// The class of all names that no property has, if that is how the others are.
    @Nullable
    Others rest() {
        return rest;
    }

    /// The witnesses that a property may be, by its choices.
    int[] witnesses(int property) {
        return witnesses(choices.get(property));
    }

    /// The witnesses that a member with another name may be, by its choices.
    int[] othersWitnesses() {
        return othersWitnesses;
    }

    Progress beginning() {
        return beginning;
    }

    Progress intern(Progress progress) {
        Progress known = progresses.putIfAbsent(progress, progress);
        return known == null ? progress : known;
    }

    ObjectFrame intern(ObjectFrame frame) {
        ObjectFrame known = frames.putIfAbsent(frame, frame);
        return known == null ? frame : known;
    }

    void forget() {
        progresses.clear();
        frames.clear();
    }
}
