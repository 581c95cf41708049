package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.automaton.MemberPlan.Member;
import dev.lectern.engine.internal.constraint.schema.ObjectShape.Choice;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Short ends of objects: the rest of a name or a member that is under way, the members of a [MemberPlan], the
/// brace.
final class ObjectEndings {
    /// How many of the properties that a name may still become are looked at.
    private static final int MAX_NAMES = 6;

    private static final byte[] NO_TEXT = {};

    private final Endings endings;

    ObjectEndings(Endings endings) {
        this.endings = endings;
    }

    /// Where an end is being written: the object's names, those that the end gives it included.
    private static final class Names {
        private final OpenNames open;
        private final int level;
        private final Set<String> given = new HashSet<>();
        private boolean invented;

        Names(OpenNames open, int level) {
            this.open = open;
            this.level = level;
        }

        Names copy() {
            Names copy = new Names(open, level);
            copy.given.addAll(given);
            return copy;
        }

        boolean has(String name) {
            return given.contains(name) || open.has(level, name);
        }
    }

    /// Null if there is none.
    ///
    /// @param level how many objects and lists have been opened since
    /// @param name  one that the object gets with what comes before its end
    @Nullable
    Ending of(ObjectFrame frame, OpenNames open, int level, @Nullable String name) {
        ObjectType type = frame.type();
        Progress progress = frame.progress();
        Names names = new Names(open, level);
        if (name != null) {
            names.given.add(name);
        }
        byte[] text = switch (frame.phase()) {
            case OPENED -> members(type, progress, 0, true, names);
            case CONTINUED -> members(type, progress, 1, true, names);
            case VALUED -> members(type, progress, 0, false, names);
            case NAMED -> member(NO_TEXT, Objects.requireNonNull(frame.value()), type, progress, names);
            case NAME -> name(frame, names);
        };
        return text == null || text.length > Endings.MAX_BYTES ? null : endings.ending(text, names.invented);
    }

    /// The rest of a name that no property has.
    @Nullable
    Ending name(LeafFrame frame, OpenNames open, int level) {
        LeafEndings ways = endings.of(frame.leaf());
        byte[] begun = open.begun();
        byte[] shortest = ways.shortest(frame.state());
        if (shortest != null && !open.has(level, named(begun, shortest))) {
            return endings.ending(shortest);
        }
        byte[] way = NO_TEXT;
        for (int i = 0; way != null; i++) {
            way = ways.at(frame.state(), i);
            if (way != null && !open.has(level, named(begun, way))) {
                return endings.ending(way);
            }
        }
        return null;
    }

    /// The name of these bytes, of which the last is the quote.
    static String named(byte[] begun, byte[] rest) {
        byte[] all = Arrays.copyOf(begun, begun.length + rest.length - 1);
        System.arraycopy(rest, 0, all, begun.length, rest.length - 1);
        return CanonicalText.read(all, all.length);
    }

    private int cost(Choice choice) {
        Ending value = choice.shape().isInhabited() ? endings.values().of(choice.shape()) : null;
        return value == null ? -1 : value.tokens();
    }

    /// After a name: colon, value, and the rest of the object.
    private byte @Nullable [] member(
            byte[] name,
            dev.lectern.engine.internal.constraint.schema.Shape shape,
            ObjectType type,
            Progress progress,
            Names names) {
        Ending value = endings.values().of(shape);
        byte[] rest = value == null ? null : members(type, progress, 0, false, names);
        if (value == null || rest == null) {
            return null;
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        text.writeBytes(name);
        text.write(':');
        text.writeBytes(value.text());
        text.writeBytes(rest);
        return text.toByteArray();
    }

    /// The members that are missing, and the brace.
    ///
    /// @param first whether the first one needs no comma
    private byte @Nullable [] members(ObjectType type, Progress progress, int least, boolean first, Names names) {
        List<Member> members = new MemberPlan(type, progress, this::cost).members(least);
        if (members == null) {
            return null;
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        boolean comma = !first;
        for (Member member : members) {
            if (comma) {
                text.write(',');
            }
            comma = true;
            byte[] name = spelled(type, member, names);
            Ending value = endings.values().of(member.choice().shape());
            if (name == null || value == null || text.size() > Endings.MAX_BYTES) {
                return null;
            }
            text.writeBytes(name);
            text.write(':');
            text.writeBytes(value.text());
        }
        text.write('}');
        return text.toByteArray();
    }

    /// A name with its quotes.
    private byte @Nullable [] spelled(ObjectType type, Member member, Names names) {
        if (member.others() != null) {
            return fresh(type, member.others(), names);
        }
        byte[] spelling = type.names().spelling(member.property());
        byte[] name = new byte[spelling.length + 2];
        name[0] = '"';
        System.arraycopy(spelling, 0, name, 1, spelling.length);
        name[name.length - 1] = '"';
        return name;
    }

    /// A name that no property has, nor the object yet.
    private byte @Nullable [] fresh(ObjectType type, ObjectType.Others others, Names names) {
        names.invented = true;
        Leaf own = others.leaf();
        LeafEndings ways = endings.of(own == null ? endings.machine().restOfName() : own);
        int start = own == null ? CanonicalText.BODY : own.automaton().start();
        for (int i = 0; ; i++) {
            byte[] way = ways.at(start, i);
            if (way == null) {
                return null;
            }
            byte[] inside = own == null ? way : Arrays.copyOfRange(way, 1, way.length);
            String name = named(NO_TEXT, inside);
            if ((own != null || type.names().property(inside, inside.length - 1) < 0) && !names.has(name)) {
                names.given.add(name);
                byte[] quoted = new byte[inside.length + 1];
                quoted[0] = '"';
                System.arraycopy(inside, 0, quoted, 1, inside.length);
                return quoted;
            }
        }
    }

    /// The rest of a name that may be a property's, and of the object.
    private byte @Nullable [] name(ObjectFrame frame, Names names) {
        ObjectType type = frame.type();
        Progress progress = frame.progress();
        byte[] best = null;
        names.invented |= frame.readsRest();
        for (int property : candidates(frame)) {
            byte[] spelling = type.names().spelling(property);
            int read = type.names().depth(frame.node());
            byte[] rest = Arrays.copyOfRange(spelling, read, spelling.length + 1);
            rest[rest.length - 1] = '"';
            for (Choice choice : type.choices(property)) {
                Progress after = progress.plus(property, choice);
                if (after != null) {
                    Names own = names.copy();
                    best = shorter(best, member(rest, choice.shape(), type, after, own));
                    names.invented |= own.invented;
                }
            }
        }
        if (frame.readsRest()) {
            ObjectType.Others others = Objects.requireNonNull(type.rest());
            byte[] rest = restOfName(frame, names);
            for (Choice choice : others.choices()) {
                Progress after = progress.plusOther(choice);
                if (after != null && rest != null) {
                    best = shorter(best, member(rest, choice.shape(), type, after, names.copy()));
                }
            }
        }
        return best;
    }

    private static byte @Nullable [] shorter(byte @Nullable [] one, byte @Nullable [] other) {
        return one == null || (other != null && other.length < one.length) ? other : one;
    }

    /// The rest of a name that is no property's; it is given to the object.
    private byte @Nullable [] restOfName(ObjectFrame frame, Names names) {
        ObjectType type = frame.type();
        byte[] begun = type.names().path(frame.node());
        LeafEndings ways = endings.of(endings.machine().restOfName());
        for (int i = 0; ; i++) {
            byte[] way = ways.at(type.names().text(frame.node()), i);
            if (way == null) {
                return null;
            }
            byte[] whole = Arrays.copyOf(begun, begun.length + way.length - 1);
            System.arraycopy(way, 0, whole, begun.length, way.length - 1);
            String name = CanonicalText.read(whole, whole.length);
            if (type.names().property(whole, whole.length) < 0 && !names.has(name)) {
                names.given.add(name);
                return way;
            }
        }
    }

    /// The properties that the name may become of which the members promise to be cheap, at least one if there
    /// is any.
    private List<Integer> candidates(ObjectFrame frame) {
        ObjectType type = frame.type();
        BitSet beneath = type.names().beneath(frame.node());
        beneath.and(frame.progress().addable());
        List<Integer> candidates = new ArrayList<>();
        if (beneath.cardinality() <= 1) {
            beneath.stream().forEach(candidates::add);
            return candidates;
        }
        List<Member> plan = new MemberPlan(type, frame.progress(), this::cost).members(1);
        if (plan != null) {
            for (Member member : plan) {
                if (member.property() >= 0 && beneath.get(member.property())) {
                    candidates.add(member.property());
                    break;
                }
            }
        }
        if (beneath.cardinality() > MAX_NAMES && !candidates.isEmpty()) {
            return candidates;
        }
        beneath.stream()
                .boxed()
                .filter(property -> !candidates.contains(property))
                .sorted(Comparator.comparingInt(property -> type.choices(property).stream()
                        .mapToInt(this::cost)
                        .map(cost -> cost < 0 ? Integer.MAX_VALUE : cost)
                        .min()
                        .orElse(Integer.MAX_VALUE)))
                .limit(MAX_NAMES)
                .forEach(candidates::add);
        return candidates;
    }
}
