package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.schema.ObjectShape.Choice;
import dev.lectern.engine.internal.constraint.schema.ObjectShape.Term;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// Which members to add to an object so that it is complete, at little cost: those that one of the terms requires,
/// then witnesses that have not been found, then as many as there must be.
final class MemberPlan {
    /// So many terms are looked at closely, those first of which the required members cost least.
    private static final int MAX_TERMS = 16;

    /// What a name costs, in tokens, with its quotes and its colon.
    private static final int NAME_TOKENS = 4;

    /// @param property -1 for a member with a name that is no property's
    record Member(int property, ObjectType.@Nullable Others others, Choice choice, int cost) {}

    private record Partial(
            int cost, @Nullable Partial before, @Nullable Member member) {}

    private final ObjectType type;
    private final Progress progress;
    private final ToIntFunction<Choice> costs;
    /// By property, of those that have been looked at.
    private final @Nullable Member[] cheapest;

    private final BitSet looked = new BitSet();

    /// @param costs tokens of a value; negative if there is none
    MemberPlan(ObjectType type, Progress progress, ToIntFunction<Choice> costs) {
        this.type = type;
        this.progress = progress;
        this.costs = costs;
        this.cheapest = new Member[type.shape().properties().size()];
    }

    /// The members in an order in which they may come; null if there are none with which the object is complete.
    ///
    /// @param least how many there have to be
    @Nullable
    List<Member> members(int least) {
        if (least == 0 && progress.complete()) {
            return List.of();
        }
        record Estimate(Term term, BitSet missing, long cost) {}
        List<Estimate> estimates = new ArrayList<>();
        for (Term term : type.terms()) {
            BitSet missing = progress.missing(term);
            if (missing != null) {
                long cost = 0;
                for (int property = missing.nextSetBit(0); property >= 0; property = missing.nextSetBit(property + 1)) {
                    Member member = cheapest(property);
                    cost += member == null ? Integer.MAX_VALUE : member.cost();
                }
                estimates.add(new Estimate(term, missing, cost));
            }
        }
        estimates.sort(Comparator.comparingLong(Estimate::cost));
        List<Member> best = null;
        long bestCost = Long.MAX_VALUE;
        for (int i = 0; i < estimates.size(); i++) {
            Estimate estimate = estimates.get(i);
            if (best != null && (i >= MAX_TERMS || estimate.cost() >= bestCost)) {
                break;
            }
            List<Member> members = members(estimate.term(), estimate.missing(), least);
            long cost = members == null
                    ? Long.MAX_VALUE
                    : members.stream().mapToLong(Member::cost).sum();
            if (cost < bestCost) {
                best = members;
                bestCost = cost;
            }
        }
        return best;
    }

    private @Nullable List<Member> members(Term term, BitSet missing, int least) {
        BitSet available = progress.available(term);
        long room = (long) type.shape().maxProperties() - progress.count() - missing.cardinality();
        List<Member> chosen = new ArrayList<>();
        if (progress.unfound() == 0) {
            for (int property = missing.nextSetBit(0); property >= 0; property = missing.nextSetBit(property + 1)) {
                Member member = cheapest(property);
                if (member == null) {
                    return null;
                }
                chosen.add(member);
            }
        } else {
            List<Member> witnesses = withWitnesses(missing, available, room);
            if (witnesses == null) {
                return null;
            }
            chosen.addAll(witnesses);
        }
        int wanted = Math.max(least, type.shape().minProperties() - progress.count());
        if (chosen.size() < wanted) {
            fill(chosen, available, wanted);
        }
        if (chosen.size() < wanted || chosen.size() - missing.cardinality() > room) {
            return null;
        }
        chosen.sort(Comparator.comparingInt(member -> member.property() < 0 ? Integer.MAX_VALUE : member.property()));
        return chosen;
    }

    private void fill(List<Member> chosen, BitSet available, int wanted) {
        BitSet left = (BitSet) available.clone();
        chosen.stream().filter(member -> member.property() >= 0).forEach(member -> left.clear(member.property()));
        List<Member> further = new ArrayList<>();
        for (int property = left.nextSetBit(0); property >= 0; property = left.nextSetBit(property + 1)) {
            Member member = cheapest(property);
            if (member != null) {
                further.add(member);
            }
        }
        further.sort(Comparator.comparingInt(Member::cost));
        Member other = null;
        for (ObjectType.Others others : type.others()) {
            for (Choice choice : others.choices()) {
                Member member = other(others, choice);
                if (member != null && (other == null || member.cost() < other.cost())) {
                    other = member;
                }
            }
        }
        int next = 0;
        while (chosen.size() < wanted) {
            if (next < further.size() && (other == null || further.get(next).cost() <= other.cost())) {
                chosen.add(further.get(next++));
            } else if (other != null) {
                chosen.add(other);
            } else {
                return;
            }
        }
    }

    /// The required members and others among which all witnesses are: the cheapest by the witnesses found and
    /// the number
    /// of members that are not required.
    private @Nullable List<Member> withWitnesses(BitSet missing, BitSet available, long room) {
        int all = progress.unfound();
        int witnesses = Integer.bitCount(all);
        int extras = (int) Math.max(0, Math.min(room, witnesses));
        @Nullable Partial[][] best = new Partial[all + 1][extras + 1];
        best[0][0] = new Partial(0, null, null);
        for (int property = available.nextSetBit(0); property >= 0; property = available.nextSetBit(property + 1)) {
            boolean required = missing.get(property);
            @Nullable Partial[][] next = new Partial[all + 1][extras + 1];
            for (Choice choice : type.choices(property)) {
                Member member = member(property, choice);
                if (member != null && (required || (choice.witnesses() & all) != 0)) {
                    extend(best, next, member, required ? 0 : 1, all);
                }
            }
            if (!required) {
                for (int found = 0; found <= all; found++) {
                    for (int extra = 0; extra <= extras; extra++) {
                        keep(next, found, extra, best[found][extra]);
                    }
                }
            }
            best = next;
        }
        for (ObjectType.Others others : type.others()) {
            for (Choice choice : others.choices()) {
                Member member = other(others, choice);
                if (member != null && (choice.witnesses() & all) != 0) {
                    // One more finds more, so that a witness's bits never need the same choice
                    // twice.
                    extend(best, best, member, 1, all);
                }
            }
        }
        Partial cheapest = null;
        for (Partial partial : best[all]) {
            if (partial != null && (cheapest == null || partial.cost < cheapest.cost)) {
                cheapest = partial;
            }
        }
        if (cheapest == null) {
            return null;
        }
        List<Member> members = new ArrayList<>();
        for (Partial at = cheapest; at != null && at.member != null; at = at.before) {
            members.add(at.member);
        }
        return members;
    }

    private static void extend(
            @Nullable Partial[][] from, @Nullable Partial[][] to, Member member, int extra, int all) {
        for (int found = all; found >= 0; found--) {
            for (int extras = from[found].length - 1 - extra; extras >= 0; extras--) {
                Partial partial = from[found][extras];
                if (partial != null) {
                    int after = found | member.choice().witnesses() & all;
                    keep(to, after, extras + extra, new Partial(partial.cost + member.cost(), partial, member));
                }
            }
        }
    }

    private static void keep(@Nullable Partial[][] all, int found, int extra, @Nullable Partial partial) {
        Partial known = all[found][extra];
        if (partial != null && (known == null || partial.cost < known.cost)) {
            all[found][extra] = partial;
        }
    }

    /// The property with its cheapest value.
    private @Nullable Member cheapest(int property) {
        if (!looked.get(property)) {
            looked.set(property);
            for (Choice choice : type.choices(property)) {
                Member member = member(property, choice);
                Member best = cheapest[property];
                if (member != null && (best == null || member.cost() < best.cost())) {
                    cheapest[property] = member;
                }
            }
        }
        return cheapest[property];
    }

    private @Nullable Member member(int property, Choice choice) {
        int cost = costs.applyAsInt(choice);
        int name = NAME_TOKENS + type.shape().properties().get(property).name().length() / 4;
        return cost < 0 ? null : new Member(property, null, choice, cost + name);
    }

    private @Nullable Member other(ObjectType.Others others, Choice choice) {
        int cost = costs.applyAsInt(choice);
        return cost < 0 ? null : new Member(-1, others, choice, cost + NAME_TOKENS);
    }
}
