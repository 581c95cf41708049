package dev.lectern.engine.internal.constraint.schema;

import dev.lectern.engine.internal.constraint.lexical.StringLanguage;
import dev.lectern.engine.internal.constraint.schema.ArrayShape.Wanted;
import dev.lectern.engine.internal.constraint.schema.Facts.ArrayRules;
import dev.lectern.engine.internal.constraint.schema.Facts.Containment;
import dev.lectern.engine.internal.constraint.schema.Facts.ObjectRules;
import dev.lectern.engine.internal.constraint.schema.Facts.PatternRule;
import dev.lectern.engine.internal.constraint.schema.Facts.Witness;
import dev.lectern.engine.internal.constraint.schema.ObjectShape.Choice;
import dev.lectern.engine.internal.constraint.schema.ObjectShape.NameClass;
import dev.lectern.engine.internal.constraint.schema.ObjectShape.Property;
import dev.lectern.engine.internal.constraint.schema.ObjectShape.Term;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes the [Shape] of the ways to satisfy a demand.
final class ShapeBuilder {
    private static final int MAX_NAME_CLASSES = 64;

    /// The names of a class with at most so many are told apart like properties: they can be used up.
    private static final int MAX_EXPANDED = 64;

    private static final int MAX_PROPERTIES = 1_000;
    private static final int MAX_WITNESSES = 8;
    private static final int MAX_WANTED = 4;
    private static final long MANY = 1 << 20;

    private final SchemaCompiler compiler;
    private final Shape shape;

    ShapeBuilder(SchemaCompiler compiler, Shape shape) {
        this.compiler = compiler;
        this.shape = shape;
    }

    /// What ways have to have in common to be one object shape, with the required and forbidden names as terms.
    private record Members(
            List<ObjectRules> rules,
            List<Demand> names,
            List<Witness> witnesses,
            int minProperties,
            int maxProperties) {}

    void add(List<Facts> ways) {
        Map<Members, List<Facts>> objects = new LinkedHashMap<>();
        Set<ArrayShape> arrays = new LinkedHashSet<>();
        for (Facts facts : ways) {
            shape.nullable |= facts.may(Facts.NULL);
            shape.allowsTrue |= facts.may(Facts.TRUE);
            shape.allowsFalse |= facts.may(Facts.FALSE);
            if (facts.may(Facts.STRING) && facts.quote != null) {
                quotes(facts.string, facts.quote);
            } else if (facts.may(Facts.STRING) && !shape.strings.contains(facts.string)) {
                shape.strings.add(facts.string);
            }
            if (facts.may(Facts.NUMBER) && !shape.numbers.contains(facts.number)) {
                shape.numbers.add(facts.number);
            }
            if (facts.may(Facts.ARRAY)) {
                ArrayShape array = array(facts);
                if (array != null) {
                    arrays.add(array);
                }
            }
            if (facts.may(Facts.OBJECT)) {
                Members members = new Members(
                        facts.objects.stream().distinct().toList(),
                        facts.names.stream().distinct().toList(),
                        facts.witnesses.stream().distinct().toList(),
                        facts.minProperties,
                        facts.maxProperties);
                objects.computeIfAbsent(members, ignored -> new ArrayList<>()).add(facts);
            }
        }
        if (shape.strings.contains(StringLanguage.any())) {
            shape.strings.retainAll(List.of(StringLanguage.any()));
            shape.quotes.clear();
        }
        shape.arrays.addAll(arrays);
        objects.forEach((members, same) -> shape.objects.add(object(members, same)));
    }

    private void quotes(StringLanguage language, Location origin) {
        if (!language.restrictsLengthOnly()) {
            throw Values.unsupported(
                    origin, "x-quote", "a quote cannot be held to a pattern, a format, an enum or a const as well");
        }
        QuoteShape quotes = new QuoteShape(language.minLength(), language.maxLength());
        if (!shape.quotes.contains(quotes) && quotes.isInhabited(compiler.longestSpan())) {
            shape.quotes.add(quotes);
        }
    }

    private @Nullable ArrayShape array(Facts facts) {
        int prefixLength = 0;
        for (ArrayRules rules : facts.arrays) {
            prefixLength = Math.max(prefixLength, rules.prefix().size());
        }
        List<Demand> demands = new ArrayList<>();
        int max = facts.maxItems;
        for (int i = 0; i <= prefixLength; i++) {
            Demand demand = Demand.ANYTHING;
            for (ArrayRules rules : facts.arrays) {
                demand = demand.and(rules.at(i));
            }
            demands.add(demand);
            if (demand.isNothing()) {
                max = Math.min(max, i);
            }
        }
        if (facts.minItems > max) {
            return null;
        }
        List<Containment> contains = facts.contains.stream().distinct().toList();
        if (contains.size() > MAX_WANTED) {
            throw Values.unsupported(
                    contains.getLast().origin(), "contains", "over " + MAX_WANTED + " 'contains' for one list");
        }
        for (Containment wanted : contains) {
            if (wanted.min() > wanted.max() || wanted.min() > max) {
                return null;
            }
            int counted = wanted.max() == Facts.UNLIMITED ? wanted.min() : wanted.max();
            if (counted > ArrayShape.MAX_WANTED) {
                throw Values.unsupported(
                        wanted.origin(), "contains", "over " + ArrayShape.MAX_WANTED + " items that 'contains' counts");
            }
        }
        if (facts.unique != null && prefixLength > 0 && Math.min(facts.minItems, max) > 1) {
            // What the first positions take may be all that a later one needs, and nothing here looks
            // so far ahead.
            for (int i = 1; i < Math.min(facts.minItems, prefixLength + 1); i++) {
                if (compiler.shape(demands.get(i)).count(MANY) < MANY) {
                    throw Values.unsupported(
                            facts.unique,
                            "uniqueItems",
                            "uniqueItems is not supported where a position of its own that has to be filled has few values");
                }
            }
        }
        return new ArrayShape(
                demands.stream().map(demand -> items(demand, contains)).toList(),
                facts.minItems,
                max,
                contains.stream()
                        .map(wanted -> new Wanted(wanted.min(), wanted.max()))
                        .toList(),
                facts.unique != null && max > 1);
    }

    /// An item that counts for some of what is wanted, for every set of these. One that does not count may do so
    /// nevertheless where more than enough is no harm.
    private List<Choice> items(Demand demand, List<Containment> contains) {
        List<Choice> choices = new ArrayList<>();
        for (int counting = 0; counting < 1 << contains.size(); counting++) {
            Demand all = demand;
            for (int i = 0; i < contains.size(); i++) {
                Containment wanted = contains.get(i);
                if ((counting >> i & 1) == 1) {
                    all = all.and(wanted.demand());
                } else if (wanted.max() < Facts.UNLIMITED) {
                    all = all.and(wanted.negation());
                }
            }
            if (!all.isNothing()) {
                choices.add(new Choice(compiler.lazily(all), counting));
            }
        }
        return choices;
    }

    private ObjectShape object(Members members, List<Facts> ways) {
        Set<String> declared = new LinkedHashSet<>();
        members.rules().forEach(rules -> declared.addAll(rules.properties().keySet()));
        ways.forEach(facts -> declared.addAll(facts.required));
        ways.forEach(facts -> declared.addAll(facts.forbidden));
        Map<String, Integer> index = new LinkedHashMap<>();
        List<Property> properties = new ArrayList<>();
        if (members.witnesses().size() > MAX_WITNESSES) {
            throw new dev.lectern.engine.constraint.SchemaException(
                    dev.lectern.engine.constraint.SchemaException.Kind.LIMIT,
                    "",
                    "not",
                    "over " + MAX_WITNESSES + " negated rules for the members of one object");
        }
        for (String name : declared) {
            index.put(name, properties.size());
            properties.add(new Property(name, choices(members, demand(members, name), witness(members, name))));
        }
        Set<Term> terms = new LinkedHashSet<>();
        for (Facts facts : ways) {
            BitSet required = new BitSet();
            facts.required.forEach(name -> required.set(index.getOrDefault(name, 0)));
            BitSet forbidden = new BitSet();
            facts.forbidden.forEach(name -> forbidden.set(index.getOrDefault(name, 0)));
            terms.add(new Term(required, forbidden));
        }
        int listed = properties.size();
        List<NameClass> others = new ArrayList<>();
        for (NameClass names : classes(members, declared)) {
            List<String> few = names.names() == null ? null : names.names().values(MAX_EXPANDED);
            if (few == null || listed + few.size() > MAX_PROPERTIES) {
                others.add(names);
            } else {
                few.forEach(name -> properties.add(new Property(name, names.choices())));
            }
        }
        return new ObjectShape(
                properties,
                listed,
                others,
                List.copyOf(simplified(terms)),
                members.minProperties(),
                members.maxProperties(),
                members.witnesses().size());
    }

    /// Without the terms that another one includes.
    private static List<Term> simplified(Set<Term> terms) {
        List<Term> kept = new ArrayList<>();
        for (Term term : terms) {
            boolean included = terms.stream().anyMatch(other -> other != term && includes(other, term));
            if (!included) {
                kept.add(term);
            }
        }
        return kept;
    }

    private static boolean includes(Term wide, Term narrow) {
        return contains(narrow.required(), wide.required()) && contains(narrow.forbidden(), wide.forbidden());
    }

    private static boolean contains(BitSet all, BitSet some) {
        BitSet missing = (BitSet) some.clone();
        missing.andNot(all);
        return missing.isEmpty();
    }

    private Demand demand(Members members, String name) {
        for (Demand demand : members.names()) {
            boolean accepted = compiler.names(demand).strings().stream().anyMatch(language -> language.contains(name));
            if (!accepted) {
                return Demand.NOTHING;
            }
        }
        Demand all = Demand.ANYTHING;
        for (ObjectRules rules : members.rules()) {
            boolean matched = false;
            Demand own = rules.properties().get(name);
            if (own != null) {
                all = all.and(own);
                matched = true;
            }
            for (PatternRule rule : rules.patterns()) {
                if (rule.names().contains(name)) {
                    all = all.and(rule.demand());
                    matched = true;
                }
            }
            if (!matched) {
                all = all.and(rules.additional());
            }
        }
        return all;
    }

    private static int witness(Members members, String name) {
        int bits = 0;
        for (int i = 0; i < members.witnesses().size(); i++) {
            bits |= members.witnesses().get(i).names().contains(name) ? 1 << i : 0;
        }
        return bits;
    }

    /// The member's own demand, and the demand with each set of the witnesses that it can be.
    private List<Choice> choices(Members members, Demand demand, int witnesses) {
        List<Choice> choices = new ArrayList<>();
        for (int subset = witnesses; ; subset = (subset - 1) & witnesses) {
            Demand all = demand;
            for (int i = 0; i < members.witnesses().size(); i++) {
                if ((subset >> i & 1) == 1) {
                    all = all.and(members.witnesses().get(i).demand());
                }
            }
            if (!all.isNothing()) {
                choices.add(new Choice(compiler.lazily(all), subset));
            }
            if (subset == 0) {
                return choices;
            }
        }
    }

    /// Names told apart by what applies to them: the patterns that match them, and the witnesses that they can
    /// be.
    private record Part(@Nullable StringLanguage names, BitSet matching, List<StringLanguage> excluded) {}

    private List<NameClass> classes(Members members, Set<String> declared) {
        List<StringLanguage> languages = new ArrayList<>();
        members.rules().forEach(rules -> rules.patterns().forEach(rule -> addOnce(languages, rule.names())));
        members.witnesses().forEach(witness -> addOnce(languages, witness.names()));
        List<Part> parts = List.of(new Part(null, new BitSet(), List.of()));
        for (int i = 0; i < languages.size(); i++) {
            StringLanguage language = languages.get(i);
            List<Part> finer = new ArrayList<>();
            for (Part part : parts) {
                StringLanguage inside =
                        part.names() == null ? language : part.names().intersect(language);
                if (!inside.isEmpty()) {
                    BitSet matching = (BitSet) part.matching().clone();
                    matching.set(i);
                    finer.add(new Part(inside, matching, part.excluded()));
                }
                List<StringLanguage> excluded = new ArrayList<>(part.excluded());
                excluded.add(language);
                finer.add(new Part(part.names(), part.matching(), excluded));
            }
            if (finer.size() > MAX_NAME_CLASSES) {
                throw new dev.lectern.engine.constraint.SchemaException(
                        dev.lectern.engine.constraint.SchemaException.Kind.LIMIT,
                        "",
                        "patternProperties",
                        "over " + MAX_NAME_CLASSES + " combinations of patterns for one object");
            }
            parts = finer;
        }
        return named(members, declared, languages, parts);
    }

    private static void addOnce(List<StringLanguage> languages, StringLanguage language) {
        if (!languages.contains(language)) {
            languages.add(language);
        }
    }

    private List<NameClass> named(
            Members members, Set<String> declared, List<StringLanguage> languages, List<Part> parts) {
        List<List<Choice>> choices = new ArrayList<>();
        for (Part part : parts) {
            Demand demand = Demand.ANYTHING;
            for (ObjectRules rules : members.rules()) {
                boolean matched = false;
                for (PatternRule rule : rules.patterns()) {
                    if (part.matching().get(languages.indexOf(rule.names()))) {
                        demand = demand.and(rule.demand());
                        matched = true;
                    }
                }
                if (!matched) {
                    demand = demand.and(rules.additional());
                }
            }
            int witnesses = 0;
            for (int i = 0; i < members.witnesses().size(); i++) {
                Witness witness = members.witnesses().get(i);
                witnesses |= part.matching().get(languages.indexOf(witness.names())) ? 1 << i : 0;
            }
            choices.add(choices(members, demand, witnesses));
        }
        StringLanguage admitted = names(members);
        boolean uniform = choices.stream().allMatch(choices.getFirst()::equals);
        if (uniform && admitted == null) {
            return choices.getFirst().isEmpty() ? List.of() : List.of(new NameClass(null, choices.getFirst()));
        }
        StringLanguage undeclared = declared.isEmpty()
                ? StringLanguage.any()
                : StringLanguage.ofValues(declared).complement();
        List<NameClass> classes = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            if (choices.get(i).isEmpty()) {
                continue;
            }
            Part part = parts.get(i);
            StringLanguage names =
                    part.names() == null ? undeclared : part.names().intersect(undeclared);
            for (StringLanguage excluded : part.excluded()) {
                names = names.intersect(excluded.complement());
            }
            if (admitted != null) {
                names = names.intersect(admitted);
            }
            if (!names.isEmpty()) {
                classes.add(new NameClass(names, choices.get(i)));
            }
        }
        return classes;
    }

    /// The names that `propertyNames` admits; null if all.
    private @Nullable StringLanguage names(Members members) {
        StringLanguage all = null;
        for (Demand demand : members.names()) {
            StringLanguage own = compiler.strings(demand);
            all = all == null ? own : all.intersect(own);
        }
        return all;
    }
}
