package dev.lectern.engine.internal.constraint.schema;

import dev.lectern.engine.internal.constraint.lexical.NumberLanguage;
import dev.lectern.engine.internal.constraint.lexical.StringLanguage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One way to satisfy a demand, while it is being worked out: what is known of each type, and what is still to be
/// looked at. Mutable; copied where ways part.
final class Facts {
    static final int NULL = 1;
    static final int TRUE = 2;
    static final int FALSE = 4;
    static final int NUMBER = 8;
    static final int STRING = 16;
    static final int ARRAY = 32;
    static final int OBJECT = 64;
    static final int ALL = 127;

    static final int UNLIMITED = Integer.MAX_VALUE;

    /// The rules of one schema for the members of an object; several apply independently.
    ///
    /// @param properties in schema order
    record ObjectRules(Map<String, Demand> properties, List<PatternRule> patterns, Demand additional) {}

    record PatternRule(StringLanguage names, Demand demand) {}

    /// The rules of one schema for the items of a list.
    record ArrayRules(List<Demand> prefix, Demand rest) {
        Demand at(int index) {
            return index < prefix.size() ? prefix.get(index) : rest;
        }
    }

    /// `min` to `max` items satisfy the demand.
    record Containment(Demand demand, Demand negation, int min, int max, Location origin) {}

    /// At least one member whose name is in a language has a value that satisfies a demand.
    record Witness(StringLanguage names, Demand demand) {}

    int types = ALL;
    StringLanguage string = StringLanguage.any();
    NumberLanguage number = NumberLanguage.any();

    /// Where it is said that strings are verbatim spans of the context.
    @Nullable
    Location quote;

    final List<ArrayRules> arrays = new ArrayList<>();
    final List<Containment> contains = new ArrayList<>();
    int minItems;
    int maxItems = UNLIMITED;

    @Nullable
    Location unique;

    final List<ObjectRules> objects = new ArrayList<>();
    final List<Demand> names = new ArrayList<>();
    final List<Witness> witnesses = new ArrayList<>();
    final Set<String> required = new LinkedHashSet<>();
    final Set<String> forbidden = new LinkedHashSet<>();
    int minProperties;
    int maxProperties = UNLIMITED;

    /// Literals that hold.
    final Set<Integer> done = new HashSet<>();
    final Deque<Integer> pending = new ArrayDeque<>();
    /// Of each choice one option has to hold.
    final List<List<Option>> choices = new ArrayList<>();

    Facts() {}

    Facts copy() {
        Facts copy = new Facts();
        copy.types = types;
        copy.string = string;
        copy.number = number;
        copy.quote = quote;
        copy.arrays.addAll(arrays);
        copy.contains.addAll(contains);
        copy.minItems = minItems;
        copy.maxItems = maxItems;
        copy.unique = unique;
        copy.objects.addAll(objects);
        copy.names.addAll(names);
        copy.witnesses.addAll(witnesses);
        copy.required.addAll(required);
        copy.forbidden.addAll(forbidden);
        copy.minProperties = minProperties;
        copy.maxProperties = maxProperties;
        copy.done.addAll(done);
        copy.pending.addAll(pending);
        copy.choices.addAll(choices);
        return copy;
    }

    boolean may(int type) {
        return (types & type) != 0;
    }

    void only(int kept) {
        types &= kept;
    }

    void demand(Demand demand) {
        for (int literal : demand.literals()) {
            pending.add(literal);
        }
    }

    void strings(StringLanguage language) {
        if (may(STRING)) {
            string = string.intersect(language);
            if (string.isEmpty()) {
                types &= ~STRING;
            }
        }
    }

    void lengths(int min, int max) {
        strings(StringLanguage.any().withLength(min, max));
    }

    void numbers(NumberLanguage language) {
        if (may(NUMBER)) {
            number = number.intersect(language);
            if (number.isEmpty()) {
                types &= ~NUMBER;
            }
        }
    }

    void items(int min, int max) {
        minItems = Math.max(minItems, min);
        maxItems = Math.min(maxItems, max);
        if (minItems > maxItems) {
            types &= ~ARRAY;
        }
    }

    void properties(int min, int max) {
        minProperties = Math.max(minProperties, min);
        maxProperties = Math.min(maxProperties, max);
        if (minProperties > maxProperties) {
            types &= ~OBJECT;
        }
    }

    void require(String name) {
        required.add(name);
        if (forbidden.contains(name)) {
            types &= ~OBJECT;
        }
    }

    void forbid(String name) {
        forbidden.add(name);
        if (required.contains(name)) {
            types &= ~OBJECT;
        }
    }

    /// Whether no object has the name.
    boolean excludes(String name) {
        if (forbidden.contains(name)) {
            return true;
        }
        for (ObjectRules rules : objects) {
            Demand own = rules.properties().get(name);
            boolean nowhere = own == null
                    && rules.additional().isNothing()
                    && rules.patterns().stream().noneMatch(rule -> rule.names().contains(name));
            if (nowhere || own != null && own.isNothing()) {
                return true;
            }
        }
        return false;
    }

    /// Whether a name that has to be there can have no value: rules contradict each other for it, as far as that
    /// shows without a closer look.
    boolean contradictory() {
        for (String name : required) {
            if (excludes(name)) {
                return true;
            }
            Demand all = Demand.ANYTHING;
            for (ObjectRules rules : objects) {
                Demand own = rules.properties().get(name);
                all = own == null ? all : all.and(own);
            }
            if (all.isNothing()) {
                return true;
            }
        }
        return false;
    }

    void nothing() {
        types = 0;
    }

    boolean impossible() {
        return types == 0;
    }
}
