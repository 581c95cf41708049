package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.schema.ObjectShape.Choice;
import dev.lectern.engine.internal.constraint.schema.Shape;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Inside an object.
final class ObjectFrame extends Frame {
    enum Phase {
        /// After `{`: a name or `}`.
        OPENED,
        /// After a comma: a name.
        CONTINUED,
        /// In a name, which is still one that is in the tree.
        NAME,
        /// After a name: the colon.
        NAMED,
        /// After a value: a comma or `}`.
        VALUED
    }

    private final ObjectType type;
    private final Phase phase;
    private final Progress progress;
    /// In a name: the node of the tree.
    private final int node;
    /// After a name: the shape of its value.
    private final @Nullable Shape value;

    private ObjectFrame(ObjectType type, Phase phase, Progress progress, int node, @Nullable Shape value) {
        this.type = type;
        this.phase = phase;
        this.progress = progress;
        this.node = node;
        this.value = value;
    }

    static ObjectFrame opened(ObjectType type) {
        return of(type, Phase.OPENED, type.beginning(), 0, null);
    }

    private static ObjectFrame of(ObjectType type, Phase phase, Progress progress, int node, @Nullable Shape value) {
        return type.intern(new ObjectFrame(type, phase, progress, node, value));
    }

    private ObjectFrame to(Phase next, Progress after) {
        return of(type, next, after, 0, null);
    }

    @Override
    boolean between() {
        return phase != Phase.NAME;
    }

    @Override
    void step(Config at, int byteValue, Moves moves) {
        if (phase != Phase.NAME && blank(byteValue)) {
            moves.add(at);
            return;
        }
        switch (phase) {
            case OPENED, CONTINUED -> {
                if (byteValue == '"') {
                    beginName(at, moves);
                } else if (byteValue == '}' && phase == Phase.OPENED && progress.complete()) {
                    moves.add(at.below());
                }
            }
            case NAME -> {
                if (byteValue == '"') {
                    endName(at, moves);
                } else {
                    inName(at, byteValue, moves);
                }
            }
            case NAMED -> {
                if (byteValue == ':') {
                    Machine machine = moves.machine();
                    Config after = machine.config(to(Phase.VALUED, progress), at.below());
                    moves.add(machine.value(Objects.requireNonNull(value)), after);
                }
            }
            case VALUED -> {
                if (byteValue == ',' && progress.extensible()) {
                    moves.add(to(Phase.CONTINUED, progress), at.below());
                } else if (byteValue == '}' && progress.complete()) {
                    moves.add(at.below());
                }
            }
        }
    }

    private void beginName(Config at, Moves moves) {
        if (!progress.addable().isEmpty() || readsRest()) {
            moves.add(of(type, Phase.NAME, progress, 0, null), at.below());
        }
        if (progress.othersAddable()) {
            for (ObjectType.Others others : type.others()) {
                Leaf leaf = others.leaf();
                if (leaf != null) {
                    for (Config named : afterOther(at.below(), others.choices(), moves.machine())) {
                        leaf.begin('"', named, moves);
                    }
                }
            }
        }
    }

    /// Whether in a name: every name that is not in the tree may come too.
    boolean readsRest() {
        return type.rest() != null && progress.othersAddable();
    }

    private List<Config> afterOther(Config below, List<Choice> choices, Machine machine) {
        List<Config> named = new java.util.ArrayList<>(1);
        for (Choice choice : choices) {
            Progress after = progress.plusOther(choice);
            if (after != null) {
                named.add(machine.config(of(type, Phase.NAMED, after, 0, choice.shape()), below));
            }
        }
        return named;
    }

    private void inName(Config at, int byteValue, Moves moves) {
        int child = type.names().child(node, byteValue);
        ObjectType.Others rest = readsRest() ? type.rest() : null;
        if (child >= 0) {
            if (rest != null || type.names().leadsTo(child, progress.addable())) {
                moves.add(of(type, Phase.NAME, progress, child, null), at.below());
            }
        } else if (rest != null) {
            int text = CanonicalText.INSTANCE.next(type.names().text(node), byteValue);
            if (text != CanonicalText.DEAD) {
                for (Config named : afterOther(at.below(), rest.choices(), moves.machine())) {
                    moves.machine().restOfName().enter(text, named, moves);
                }
            }
        }
    }

    private void endName(Config at, Moves moves) {
        int property = type.names().named(node);
        if (property >= 0) {
            for (Choice choice : type.choices(property)) {
                Progress after = progress.plus(property, choice);
                if (after != null) {
                    moves.add(of(type, Phase.NAMED, after, 0, choice.shape()), at.below());
                }
            }
        } else if (readsRest() && type.names().text(node) == CanonicalText.BODY) {
            ObjectType.Others rest = Objects.requireNonNull(type.rest());
            afterOther(at.below(), rest.choices(), moves.machine()).forEach(moves::add);
        }
    }

    Phase phase() {
        return phase;
    }

    ObjectType type() {
        return type;
    }

    Progress progress() {
        return progress;
    }

    /// After a name: the shape of its value.
    @Nullable
    Shape value() {
        return value;
    }

    NameTree names() {
        return type.names();
    }

    int node() {
        return node;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ObjectFrame that
                && type == that.type
                && phase == that.phase
                && progress == that.progress
                && node == that.node
                && value == that.value;
    }

    @Override
    public int hashCode() {
        return ((System.identityHashCode(progress) * 31 + phase.ordinal()) * 31 + node) * 31
                + (value == null ? 0 : value.id());
    }
}
