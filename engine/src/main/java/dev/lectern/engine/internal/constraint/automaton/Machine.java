package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.lexical.ByteAutomaton;
import dev.lectern.engine.internal.constraint.lexical.NumberLanguage;
import dev.lectern.engine.internal.constraint.lexical.StringLanguage;
import dev.lectern.engine.internal.constraint.schema.ArrayShape;
import dev.lectern.engine.internal.constraint.schema.ObjectShape;
import dev.lectern.engine.internal.constraint.schema.QuoteShape;
import dev.lectern.engine.internal.constraint.schema.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The automaton of one schema: interns frames, configs and states. Not thread-safe: its users hold its lock.
final class Machine {
    private record Stack(Frame top, Config below) {
        @Override
        public int hashCode() {
            return System.identityHashCode(top) * 31 + below.id();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Stack that && top == that.top && below == that.below;
        }
    }

    /// The number of all configs that are not kept.
    private static final int FLEETING = -1;

    private final SharedLeaves shared;
    private final RowBudget budget = new RowBudget();
    private final boolean schemaOrder;
    private final int maxStates;
    private final @Nullable Spans spans;
    private final Map<QuoteShape, QuoteText> quotes = new HashMap<>();
    private final Map<Shape, ValueFrame> values = new IdentityHashMap<>();
    private final Map<ObjectShape, ObjectType> objects = new IdentityHashMap<>();
    private final Map<ArrayShape, ArrayType> arrays = new IdentityHashMap<>();
    private final Map<StringLanguage, Leaf> names = new IdentityHashMap<>();
    private final Map<StringLanguage, Leaf> strings = new IdentityHashMap<>();
    private final Map<NumberLanguage, Leaf> numbers = new IdentityHashMap<>();
    private final Map<Stack, Config> configs = new HashMap<>();
    private final Map<List<Config>, States> sets = new HashMap<>();
    private final Config end = new Config(new EndFrame(true), null, 0);
    private final Config hole = new Config(new EndFrame(false), null, 1);
    private final States dead = new States(this, new Config[0], false);
    private final Cardinality cardinality = new Cardinality(this);
    private int ids = 2;
    private boolean fillsDifferently;

    Machine(SharedLeaves shared, boolean schemaOrder, int maxStates, @Nullable Spans spans) {
        this.spans = spans;
        this.shared = shared;
        this.schemaOrder = schemaOrder;
        this.maxStates = maxStates;
    }

    boolean schemaOrder() {
        return schemaOrder;
    }

    SharedLeaves shared() {
        return shared;
    }

    States start(Shape root) {
        return states(List.of(config(value(root), end)));
    }

    Config hole() {
        return hole;
    }

    Config end() {
        return end;
    }

    Config config(Frame top, Config below) {
        if (top.isFleeting()) {
            return new Config(top, below, FLEETING);
        }
        Stack stack = new Stack(top, below);
        Config known = configs.get(stack);
        if (known == null) {
            known = new Config(top, below, ids++);
            configs.put(stack, known);
        }
        return known;
    }

    /// The stack that admits equal items too.
    Config plain(Config config) {
        if (!(config.top() instanceof WatchedFrame watched)) {
            return config;
        }
        Config plain = config.plain;
        if (plain == null) {
            plain = config(watched.plain(), plain(config.below()));
            config.plain = plain;
        }
        return plain;
    }

    /// Whether there is a list that needs several items, all different.
    boolean fillsDifferently() {
        return fillsDifferently;
    }

    boolean isComplete(States states) {
        for (Config config : states.configs()) {
            if (config == end) {
                return true;
            }
        }
        return false;
    }

    Cardinality cardinality() {
        return cardinality;
    }

    /// Forgets what has become too much. Whoever holds a state keeps it, with all that it leads to.
    void forgetIfLarge() {
        if (configs.size() + sets.size() > maxStates) {
            configs.clear();
            sets.clear();
            objects.values().forEach(ObjectType::forget);
            arrays.values().forEach(ArrayType::forget);
        }
    }

    int onlyByte(Frame frame) {
        return frame.onlyByte(frame instanceof EndFrame ? end : config(frame, hole), this);
    }

    States alone(Config config) {
        States alone = config.alone;
        if (alone == null) {
            alone = new States(this, new Config[] {config}, config == hole);
            config.alone = alone;
        }
        return alone;
    }

    States states(List<Config> members) {
        if (members.isEmpty()) {
            return dead;
        }
        if (members.size() == 1) {
            return alone(members.getFirst());
        }
        List<Config> sorted = new ArrayList<>(members);
        sorted.sort(Comparator.comparingInt(Config::id));
        if (sorted.getFirst().id() == FLEETING) {
            return new States(this, sorted.toArray(Config[]::new), sorted.contains(hole));
        }
        return sets.computeIfAbsent(sorted, key -> {
            Config[] all = key.toArray(Config[]::new);
            return new States(this, all, Arrays.asList(all).contains(hole));
        });
    }

    ValueFrame value(Shape shape) {
        ValueFrame known = values.get(shape);
        if (known == null) {
            known = new ValueFrame(this, shape);
            values.put(shape, known);
        }
        return known;
    }

    ObjectType object(ObjectShape shape) {
        ObjectType known = objects.get(shape);
        if (known == null) {
            known = new ObjectType(this, shape);
            objects.put(shape, known);
        }
        return known;
    }

    ArrayType array(ArrayShape shape) {
        ArrayType known = arrays.get(shape);
        if (known == null) {
            known = new ArrayType(shape);
            arrays.put(shape, known);
            fillsDifferently |=
                    shape.unique() && (shape.minItems() > 1 || shape.wanted().size() > 0);
        }
        return known;
    }

    Leaf leaf(StringLanguage language) {
        if (language == StringLanguage.any()) {
            return shared.anyString();
        }
        return strings.computeIfAbsent(
                language,
                own -> own.restrictsLengthOnly()
                        ? leaf(new LengthText(shared.anyText(), own.minLength(), own.maxLength()))
                        : leaf(own.toJsonText()).of(own));
    }

    Leaf leaf(NumberLanguage language) {
        if (language == NumberLanguage.any()) {
            return shared.anyNumber();
        }
        return numbers.computeIfAbsent(language, own -> leaf(own.toJsonText()));
    }

    Leaf leaf(ByteAutomaton automaton) {
        return new Leaf(automaton, budget);
    }

    QuoteText quote(QuoteShape shape) {
        if (spans == null) {
            throw new IllegalStateException("quotes without a context to quote from");
        }
        Spans known = spans;
        return quotes.computeIfAbsent(shape, own -> new QuoteText(known, own));
    }

    /// Names of which the schema gives the pattern.
    Leaf nameLeaf(StringLanguage language) {
        return names.computeIfAbsent(language, own -> leaf(new CanonicalName(own.toJsonText())));
    }

    /// Whether names may be of a pattern: then their number may be limited.
    boolean hasNamePatterns() {
        return !names.isEmpty();
    }

    /// The rest of a name that is none in the tree, in canonical spelling.
    Leaf restOfName() {
        return shared.restOfName();
    }
}
