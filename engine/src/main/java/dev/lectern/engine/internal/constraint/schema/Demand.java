package dev.lectern.engine.internal.constraint.schema;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a value has to satisfy: some schemas of a document, and the negations of some others, all at once. A set of
/// literals; equal sets are equal demands, which is what ends the recursion of recursive schemas. Immutable.
final class Demand {
    /// Satisfied by every value.
    static final Demand ANYTHING = new Demand(new int[0]);

    /// The literal of the schema `false`, see [SchemaDocument#FALSE].
    static final Demand NOTHING = new Demand(new int[] {literal(SchemaDocument.FALSE, false)});

    /// Sorted; `2 * id` for a schema, `2 * id + 1` for its negation.
    private final int[] literals;

    private Demand(int[] literals) {
        this.literals = literals;
    }

    static int literal(int id, boolean negated) {
        return 2 * id + (negated ? 1 : 0);
    }

    static Demand of(Location schema) {
        return of(literal(schema.id(), false));
    }

    static Demand not(Location schema) {
        return of(literal(schema.id(), true));
    }

    private static Demand of(int literal) {
        return normal(new int[] {literal});
    }

    Demand and(Demand other) {
        if (other.literals.length == 0 || equals(NOTHING)) {
            return this;
        }
        if (literals.length == 0 || other.equals(NOTHING)) {
            return other;
        }
        int[] both = Arrays.copyOf(literals, literals.length + other.literals.length);
        System.arraycopy(other.literals, 0, both, literals.length, other.literals.length);
        return normal(both);
    }

    private static Demand normal(int[] unsorted) {
        int[] sorted = Arrays.stream(unsorted)
                .filter(literal -> literal != literal(SchemaDocument.TRUE, false)
                        && literal != literal(SchemaDocument.FALSE, true))
                .sorted()
                .distinct()
                .toArray();
        for (int i = 0; i < sorted.length; i++) {
            boolean contradiction = (sorted[i] & 1) == 0 && i + 1 < sorted.length && sorted[i + 1] == (sorted[i] | 1);
            if (contradiction
                    || sorted[i] == literal(SchemaDocument.FALSE, false)
                    || sorted[i] == literal(SchemaDocument.TRUE, true)) {
                return NOTHING;
            }
        }
        return sorted.length == 0 ? ANYTHING : new Demand(sorted);
    }

    int[] literals() {
        return literals;
    }

    boolean isNothing() {
        return equals(NOTHING);
    }

    boolean isAnything() {
        return literals.length == 0;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Demand that && Arrays.equals(literals, that.literals);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(literals);
    }

    @Override
    public String toString() {
        return Arrays.stream(literals)
                .mapToObj(literal -> ((literal & 1) == 1 ? "not " : "") + (literal >> 1))
                .collect(Collectors.joining(" & ", "(", ")"));
    }
}
