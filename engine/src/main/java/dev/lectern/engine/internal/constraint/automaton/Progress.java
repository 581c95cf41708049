package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.schema.ObjectShape.Choice;
import dev.lectern.engine.internal.constraint.schema.ObjectShape.Term;
import dev.lectern.engine.internal.constraint.schema.WitnessCover;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How far an object is: the properties seen, and what may follow so that it can still become valid. Immutable.
final class Progress {
    private final ObjectType type;
    private final BitSet seen;
    /// The property after which the next ones have to come, where the order is the schema's; else -1.
    private final int last;
    /// Members so far, as far as that matters.
    private final int count;
    /// The witnesses found, as bits.
    private final int found;

    private final BitSet addable;
    private final boolean othersAddable;
    private final boolean complete;

    private Progress(ObjectType type, BitSet seen, int last, int count, int found) {
        this.type = type;
        this.seen = seen;
        this.last = last;
        this.count = count;
        this.found = found;
        this.addable = new BitSet();
        BitSet open = (BitSet) type.possible().clone();
        open.andNot(seen);
        for (int property = open.nextSetBit(last + 1); property >= 0; property = open.nextSetBit(property + 1)) {
            for (Choice choice : type.choices(property)) {
                if (feasible(with(seen, property), lastAfter(property), count + 1, found | choice.witnesses())) {
                    addable.set(property);
                    break;
                }
            }
        }
        this.othersAddable = type.others().stream()
                .flatMap(others -> others.choices().stream())
                .anyMatch(choice -> feasible(seen, lastAfterOthers(), count + 1, found | choice.witnesses()));
        this.complete = count >= type.shape().minProperties()
                && found == allWitnesses()
                && type.terms().stream()
                        .anyMatch(term ->
                                !term.forbidden().intersects(seen) && ObjectType.contains(seen, term.required()));
    }

    static Progress of(ObjectType type, BitSet seen, int last, int count, int found) {
        int max = type.shape().maxProperties();
        int cap = max == Integer.MAX_VALUE ? type.shape().minProperties() : Integer.MAX_VALUE;
        return type.intern(new Progress(type, seen, last, Math.min(count, cap), found));
    }

    private int allWitnesses() {
        return (1 << type.shape().witnesses()) - 1;
    }

    private static BitSet with(BitSet set, int member) {
        BitSet more = (BitSet) set.clone();
        more.set(member);
        return more;
    }

    private int lastAfter(int property) {
        return type.machine().schemaOrder() ? Math.min(property, type.shape().listed() - 1) : -1;
    }

    private int lastAfterOthers() {
        return type.machine().schemaOrder() ? type.shape().listed() - 1 : -1;
    }

    /// Whether an object can become valid that has come so far.
    private boolean feasible(BitSet seen, int last, int count, int found) {
        for (Term term : type.terms()) {
            if (term.forbidden().intersects(seen)) {
                continue;
            }
            BitSet missing = (BitSet) term.required().clone();
            missing.andNot(seen);
            int first = missing.nextSetBit(0);
            if (first >= 0 && first <= last) {
                continue;
            }
            long least = (long) count + missing.cardinality();
            BitSet available = (BitSet) type.possible().clone();
            available.andNot(seen);
            available.andNot(term.forbidden());
            available.clear(0, last + 1);
            int unfound = allWitnesses() & ~found;
            if (unfound != 0) {
                int further = witnesses(unfound, available, missing);
                if (further < 0) {
                    continue;
                }
                least += further;
            }
            if (least > type.shape().maxProperties()) {
                continue;
            }
            if (!type.others().isEmpty()
                    || (long) count + available.cardinality() >= type.shape().minProperties()) {
                return true;
            }
        }
        return false;
    }

    /// How many members that are not required have to come so that all witnesses are found; -1 if that cannot
    /// be.
    private int witnesses(int unfound, BitSet available, BitSet missing) {
        WitnessCover cover = new WitnessCover(unfound);
        for (int i = available.nextSetBit(0); i >= 0; i = available.nextSetBit(i + 1)) {
            if (missing.get(i)) {
                cover.required(type.witnesses(i));
            } else {
                cover.optional(type.witnesses(i));
            }
        }
        cover.repeatable(type.othersWitnesses());
        return cover.fewest();
    }

    int count() {
        return count;
    }

    /// The witnesses that are missing, as bits.
    int unfound() {
        return allWitnesses() & ~found;
    }

    /// The properties that the term still requires; null if it cannot hold any more.
    @Nullable
    BitSet missing(Term term) {
        BitSet missing = (BitSet) term.required().clone();
        missing.andNot(seen);
        return !term.forbidden().intersects(seen) && ObjectType.contains(available(term), missing) ? missing : null;
    }

    /// The properties that may still come if the term is to hold.
    BitSet available(Term term) {
        BitSet available = (BitSet) type.possible().clone();
        available.andNot(seen);
        available.andNot(term.forbidden());
        available.clear(0, last + 1);
        return available;
    }

    boolean possible() {
        return complete || !addable.isEmpty() || othersAddable;
    }

    boolean complete() {
        return complete;
    }

    BitSet addable() {
        return addable;
    }

    boolean othersAddable() {
        return othersAddable;
    }

    boolean extensible() {
        return othersAddable || !addable.isEmpty();
    }

    /// After a property; null if that is not possible with this choice.
    @Nullable
    Progress plus(int property, Choice choice) {
        if (!addable.get(property)) {
            return null;
        }
        BitSet more = with(seen, property);
        int now = found | choice.witnesses();
        return feasible(more, lastAfter(property), count + 1, now)
                ? of(type, more, lastAfter(property), count + 1, now)
                : null;
    }

    /// After a member with another name; null if that is not possible with this choice.
    @Nullable
    Progress plusOther(Choice choice) {
        int now = found | choice.witnesses();
        return feasible(seen, lastAfterOthers(), count + 1, now)
                ? of(type, seen, lastAfterOthers(), count + 1, now)
                : null;
    }

    List<ObjectType.Others> others() {
        return type.others();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Progress that
                && type == that.type
                && last == that.last
                && count == that.count
                && found == that.found
                && seen.equals(that.seen);
    }

    @Override
    public int hashCode() {
        return ((seen.hashCode() * 31 + last) * 31 + count) * 31 + found;
    }
}
