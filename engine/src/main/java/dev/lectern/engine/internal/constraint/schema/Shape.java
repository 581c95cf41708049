package dev.lectern.engine.internal.constraint.schema;

import dev.lectern.engine.internal.constraint.lexical.NumberLanguage;
import dev.lectern.engine.internal.constraint.lexical.StringLanguage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The values that satisfy a [Demand]: the union of what is listed. Made by [SchemaCompiler], which alone changes it
/// while it is being made.
public final class Shape {
    private final int id;
    private final Demand demand;
    boolean nullable;
    boolean allowsTrue;
    boolean allowsFalse;
    final List<StringLanguage> strings = new ArrayList<>();
    final List<QuoteShape> quotes = new ArrayList<>();
    final List<NumberLanguage> numbers = new ArrayList<>();
    final List<ArrayShape> arrays = new ArrayList<>();
    final List<ObjectShape> objects = new ArrayList<>();
    /// Whether there is such a value: null until the [Inhabitation] is known.
    @org.jspecify.annotations.Nullable
    Boolean inhabited;

    /// Whether it has been filled in.
    boolean complete;

    Shape(int id, Demand demand) {
        this.id = id;
        this.demand = demand;
    }

    public int id() {
        return id;
    }

    Demand demand() {
        return demand;
    }

    public boolean allowsNull() {
        return nullable;
    }

    public boolean allowsTrue() {
        return allowsTrue;
    }

    public boolean allowsFalse() {
        return allowsFalse;
    }

    public List<StringLanguage> strings() {
        return strings;
    }

    /// The strings that are spans of the context.
    public List<QuoteShape> quotes() {
        return quotes;
    }

    /// The quotes in these values, however deep.
    public Set<QuoteShape> allQuotes() {
        Set<QuoteShape> found = new LinkedHashSet<>();
        Set<Shape> seen = new HashSet<>(Set.of(this));
        Deque<Shape> open = new ArrayDeque<>(seen);
        while (!open.isEmpty()) {
            Shape shape = open.remove();
            found.addAll(shape.quotes);
            Inhabitation.forEachMember(shape, member -> {
                if (seen.add(member)) {
                    open.add(member);
                }
            });
        }
        return found;
    }

    public List<NumberLanguage> numbers() {
        return numbers;
    }

    public List<ArrayShape> arrays() {
        return arrays;
    }

    public List<ObjectShape> objects() {
        return objects;
    }

    /// Whether there is any such value.
    public boolean isInhabited() {
        return Boolean.TRUE.equals(inhabited);
    }

    /// How many values there are, up to `enough`, taking quotes, lists and objects for without number.
    long count(long enough) {
        if (!arrays.isEmpty() || !objects.isEmpty() || !quotes.isEmpty()) {
            return enough;
        }
        long total = (nullable ? 1 : 0) + (allowsTrue ? 1 : 0) + (allowsFalse ? 1 : 0);
        for (StringLanguage language : strings) {
            total += language.count(enough);
        }
        for (NumberLanguage language : numbers) {
            total += language.count(enough);
        }
        return Math.min(enough, total);
    }

    /// Forgets what a failed attempt to fill it in has left.
    void clear() {
        nullable = false;
        allowsTrue = false;
        allowsFalse = false;
        strings.clear();
        quotes.clear();
        numbers.clear();
        arrays.clear();
        objects.clear();
    }

    boolean hasScalars() {
        return nullable || allowsTrue || allowsFalse || !strings.isEmpty() || !quotes.isEmpty() || !numbers.isEmpty();
    }
}
