package dev.lectern.engine.internal.constraint.schema;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lectern.engine.internal.constraint.lexical.NumberLanguage;
import dev.lectern.engine.internal.constraint.lexical.StringLanguage;
import dev.lectern.engine.internal.constraint.schema.Facts.ArrayRules;
import dev.lectern.engine.internal.constraint.schema.Facts.Containment;
import dev.lectern.engine.internal.constraint.schema.Facts.ObjectRules;
import dev.lectern.engine.internal.constraint.schema.Facts.PatternRule;
import dev.lectern.engine.internal.constraint.schema.Facts.Witness;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What it takes for a value not to satisfy a schema: at least one of its keywords fails.
///
/// Each keyword gives the ways in which it fails. `properties` fails where one of them is there with a value that
/// does not satisfy its schema, and so on inwards (De Morgan), so that in the end only strings, numbers and types
/// are negated.
final class Negation {
    private final Keywords keywords;
    private final SchemaDocument document;

    Negation(Keywords keywords) {
        this.keywords = keywords;
        this.document = keywords.document;
    }

    void deny(Facts facts, Location at) {
        JsonNode schema = at.node();
        for (String keyword : List.of("unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "$recursiveRef")) {
            if (schema.has(keyword)) {
                throw Values.unsupported(at, keyword, "this keyword is not supported");
            }
        }
        List<Option> ways = new ArrayList<>();
        boolean hidden = false;
        if (schema.has("$ref")) {
            demand(ways, Demand.not(document.resolve(at, Values.text(at, "$ref"))));
            hidden = document.refHidesSiblings();
        }
        if (!hidden) {
            values(ways, at);
            if (facts.may(Facts.STRING)) {
                strings(ways, at);
            }
            if (facts.may(Facts.NUMBER)) {
                numbers(ways, at);
            }
            if (facts.may(Facts.ARRAY)) {
                arrays(ways, at);
            }
            if (facts.may(Facts.OBJECT)) {
                objects(ways, at);
            }
            combinations(ways, at);
        }
        Keywords.choose(facts, ways);
    }

    private static void demand(List<Option> ways, Demand demand) {
        if (!demand.isNothing()) {
            ways.add(Option.of(facts -> facts.demand(demand)));
        }
    }

    private void values(List<Option> ways, Location at) {
        JsonNode schema = at.node();
        if (schema.has("type")) {
            List<String> names = Keywords.typeNames(at);
            int bits = 0;
            for (String name : names) {
                bits |= Keywords.typeBits(at, name);
            }
            int others = ~bits;
            ways.add(Option.types(others));
            if (names.contains("integer") && !names.contains("number")) {
                ways.add(Option.of(facts -> {
                    facts.only(Facts.NUMBER);
                    numbersNot(facts, at, "type", NumberLanguage.integer());
                }));
            }
        }
        if (schema.has("enum")) {
            JsonNode list = schema.get("enum");
            if (!list.isArray()) {
                throw Values.invalid(at, "enum", "a list of values");
            }
            denyConstants(ways, at, "enum", list);
        }
        if (schema.has("const")) {
            denyConstants(ways, at, "const", List.of(schema.get("const")));
        }
    }

    private void denyConstants(List<Option> ways, Location at, String keyword, Iterable<JsonNode> values) {
        Constants constants = Constants.of(at, keyword, values);
        ways.add(Option.of(facts -> {
            Keywords.lexical(at, keyword, () -> {
                constants.deny(facts);
                return facts;
            });
            for (JsonNode composite : constants.composites()) {
                facts.demand(Demand.not(document.constant(composite, at.keyword(keyword))));
            }
        }));
    }

    private void strings(List<Option> ways, Location at) {
        JsonNode schema = at.node();
        if (schema.has("minLength")) {
            int min = Values.count(at, "minLength");
            ways.add(Option.of(facts -> {
                facts.only(Facts.STRING);
                facts.lengths(0, min - 1);
            }));
        }
        if (schema.has("maxLength")) {
            int max = Values.count(at, "maxLength");
            if (max < Integer.MAX_VALUE) {
                ways.add(Option.of(facts -> {
                    facts.only(Facts.STRING);
                    facts.lengths(max + 1, Integer.MAX_VALUE);
                }));
            }
        }
        if (schema.has("pattern")) {
            StringLanguage language = keywords.pattern(at, "pattern", Values.text(at, "pattern"));
            ways.add(Option.of(facts -> stringsNot(facts, at, "pattern", language)));
        }
        if (Keywords.assertsFormat(at)) {
            StringLanguage language = keywords.format(at);
            ways.add(Option.of(facts -> stringsNot(facts, at, "format", language)));
        }
    }

    private static void stringsNot(Facts facts, Location at, String keyword, StringLanguage language) {
        facts.only(Facts.STRING);
        if (facts.may(Facts.STRING)) {
            facts.strings(Keywords.lexical(at, keyword, language::complement));
        }
    }

    private static void numbersNot(Facts facts, Location at, String keyword, NumberLanguage language) {
        if (facts.may(Facts.NUMBER)) {
            facts.numbers(Keywords.lexical(at, keyword, language::complement));
        }
    }

    private static void numbers(List<Option> ways, Location at) {
        for (Bound bound : Bound.of(at)) {
            ways.add(Option.of(facts -> {
                facts.only(Facts.NUMBER);
                facts.numbers(
                        bound.lower()
                                ? NumberLanguage.any().withMaximum(bound.value(), !bound.exclusive())
                                : NumberLanguage.any().withMinimum(bound.value(), !bound.exclusive()));
            }));
        }
        if (at.node().has("multipleOf")) {
            BigDecimal divisor = Keywords.divisor(at);
            ways.add(Option.of(facts -> {
                facts.only(Facts.NUMBER);
                numbersNot(
                        facts,
                        at,
                        "multipleOf",
                        Keywords.lexical(
                                at, "multipleOf", () -> NumberLanguage.any().multipleOf(divisor)));
            }));
        }
    }

    private void arrays(List<Option> ways, Location at) {
        JsonNode schema = at.node();
        if (schema.has("minItems")) {
            int min = Values.count(at, "minItems");
            ways.add(Option.of(facts -> {
                facts.only(Facts.ARRAY);
                facts.items(0, min - 1);
            }));
        }
        if (schema.has("maxItems")) {
            int max = Values.count(at, "maxItems");
            if (max < Facts.UNLIMITED) {
                ways.add(Option.of(facts -> {
                    facts.only(Facts.ARRAY);
                    facts.items(max + 1, Facts.UNLIMITED);
                }));
            }
        }
        JsonNode unique = schema.get("uniqueItems");
        if (unique != null && unique.booleanValue()) {
            ways.add(Option.of(facts -> {
                facts.only(Facts.ARRAY);
                if (facts.may(Facts.ARRAY) && facts.maxItems > 1) {
                    throw Values.unsupported(at, "uniqueItems", "the negation of 'uniqueItems' is not supported");
                }
                facts.nothing();
            }));
        }
        if (schema.has("items") || schema.has("prefixItems")) {
            items(ways, at);
        }
        if (schema.has("contains")) {
            if (schema.has("minContains") || schema.has("maxContains")) {
                throw Values.unsupported(at, "minContains", "the negation of 'minContains' is not supported");
            }
            Demand none = Demand.not(document.child(at, "contains"));
            ways.add(Option.of(facts -> {
                facts.only(Facts.ARRAY);
                facts.arrays.add(new ArrayRules(List.of(), none));
            }));
        }
    }

    private void items(List<Option> ways, Location at) {
        JsonNode schema = at.node();
        boolean older = schema.has("items") && schema.get("items").isArray();
        String keyword = older ? "items" : "prefixItems";
        int prefix = schema.has(keyword) ? schema.get(keyword).size() : 0;
        for (int i = 0; i < prefix; i++) {
            List<Demand> positions = new ArrayList<>(java.util.Collections.nCopies(i, Demand.ANYTHING));
            positions.add(Demand.not(document.child(at, keyword, i)));
            int length = i + 1;
            ways.add(Option.of(facts -> {
                facts.only(Facts.ARRAY);
                facts.items(length, Facts.UNLIMITED);
                facts.arrays.add(new ArrayRules(positions, Demand.ANYTHING));
            }));
        }
        String others = older ? "additionalItems" : "items";
        if (schema.has(others)) {
            Location rest = document.child(at, others);
            Demand bad = Demand.not(rest);
            if (bad.isNothing()) {
                return;
            }
            if (bad.isAnything()) {
                ways.add(Option.of(facts -> {
                    facts.only(Facts.ARRAY);
                    facts.items(prefix + 1, Facts.UNLIMITED);
                }));
            } else if (prefix == 0) {
                ways.add(Option.of(facts -> {
                    facts.only(Facts.ARRAY);
                    facts.items(1, Facts.UNLIMITED);
                    facts.contains.add(new Containment(bad, Demand.of(rest), 1, Facts.UNLIMITED, at));
                }));
            } else {
                throw Values.unsupported(at, others, "the negation of '" + others + "' is not supported here");
            }
        }
    }

    private void objects(List<Option> ways, Location at) {
        JsonNode schema = at.node();
        if (schema.has("required")) {
            for (String name : Values.texts(at, "required")) {
                ways.add(Option.absent(name));
            }
        }
        if (schema.has("minProperties")) {
            int min = Values.count(at, "minProperties");
            ways.add(Option.of(facts -> {
                facts.only(Facts.OBJECT);
                facts.properties(0, min - 1);
            }));
        }
        if (schema.has("maxProperties")) {
            int max = Values.count(at, "maxProperties");
            if (max < Facts.UNLIMITED) {
                ways.add(Option.of(facts -> {
                    facts.only(Facts.OBJECT);
                    facts.properties(max + 1, Facts.UNLIMITED);
                }));
            }
        }
        if (schema.has("properties") || schema.has("patternProperties") || schema.has("additionalProperties")) {
            members(ways, at);
        }
        if (schema.has("propertyNames")) {
            StringLanguage bad = keywords.strings(Demand.not(document.child(at, "propertyNames")));
            witness(ways, bad, Demand.ANYTHING);
        }
        for (String keyword : List.of("dependentRequired", "dependentSchemas", "dependencies")) {
            if (schema.has(keyword)) {
                for (Map.Entry<String, JsonNode> entry :
                        Values.object(at, keyword).properties()) {
                    dependency(ways, at, keyword, entry.getKey(), entry.getValue());
                }
            }
        }
    }

    /// One member is there whose value does not satisfy what applies to it.
    private void members(List<Option> ways, Location at) {
        ObjectRules rules = keywords.objectRules(at);
        rules.properties().forEach((name, demand) -> {
            Demand bad = Demand.not(document.child(at, "properties", name));
            if (!bad.isNothing()) {
                ways.add(Option.of(facts -> {
                    facts.only(Facts.OBJECT);
                    facts.require(name);
                    facts.objects.add(new ObjectRules(Map.of(name, bad), List.of(), Demand.ANYTHING));
                }));
            }
        });
        if (at.node().has("patternProperties")) {
            int i = 0;
            for (String pattern :
                    (Iterable<String>) () -> at.node().get("patternProperties").fieldNames()) {
                PatternRule rule = rules.patterns().get(i++);
                witness(ways, rule.names(), Demand.not(document.child(at, "patternProperties", pattern)));
            }
        }
        if (at.node().has("additionalProperties")) {
            Demand bad = Demand.not(document.child(at, "additionalProperties"));
            if (!bad.isNothing()) {
                StringLanguage others = Keywords.lexical(at, "additionalProperties", () -> {
                    StringLanguage names = rules.properties().isEmpty()
                            ? StringLanguage.any()
                            : StringLanguage.ofValues(rules.properties().keySet())
                                    .complement();
                    for (PatternRule rule : rules.patterns()) {
                        names = names.intersect(rule.names().complement());
                    }
                    return names;
                });
                witness(ways, others, bad);
            }
        }
    }

    private static void witness(List<Option> ways, StringLanguage names, Demand demand) {
        if (!demand.isNothing() && !names.isEmpty()) {
            ways.add(Option.of(facts -> {
                facts.only(Facts.OBJECT);
                facts.properties(1, Facts.UNLIMITED);
                facts.witnesses.add(new Witness(names, demand));
            }));
        }
    }

    private void dependency(List<Option> ways, Location at, String keyword, String name, JsonNode value) {
        if (keyword.equals("dependentRequired") || (keyword.equals("dependencies") && value.isArray())) {
            for (String other : Values.texts(at, keyword, value)) {
                ways.add(Option.of(facts -> {
                    facts.only(Facts.OBJECT);
                    facts.require(name);
                    facts.forbid(other);
                }));
            }
        } else {
            Demand bad = Demand.not(document.child(at, keyword, name));
            ways.add(Option.of(facts -> {
                facts.only(Facts.OBJECT);
                facts.require(name);
                facts.demand(bad);
            }));
        }
    }

    private void combinations(List<Option> ways, Location at) {
        JsonNode schema = at.node();
        if (schema.has("allOf")) {
            for (int i = 0; i < Values.schemas(at, "allOf"); i++) {
                demand(ways, Demand.not(document.child(at, "allOf", i)));
            }
        }
        if (schema.has("anyOf")) {
            Demand none = Demand.ANYTHING;
            for (int i = 0; i < Values.schemas(at, "anyOf"); i++) {
                none = none.and(Demand.not(document.child(at, "anyOf", i)));
            }
            demand(ways, none);
        }
        if (schema.has("oneOf")) {
            Demand none = Demand.ANYTHING;
            int count = Values.schemas(at, "oneOf");
            for (int i = 0; i < count; i++) {
                none = none.and(Demand.not(document.child(at, "oneOf", i)));
                for (int j = i + 1; j < count; j++) {
                    demand(
                            ways,
                            Demand.of(document.child(at, "oneOf", i)).and(Demand.of(document.child(at, "oneOf", j))));
                }
            }
            demand(ways, none);
        }
        if (schema.has("not")) {
            demand(ways, Demand.of(document.child(at, "not")));
        }
        if (schema.has("if") && (schema.has("then") || schema.has("else"))) {
            Demand yes = Demand.of(document.child(at, "if"));
            Demand no = Demand.not(document.child(at, "if"));
            if (schema.has("then")) {
                demand(ways, yes.and(Demand.not(document.child(at, "then"))));
            }
            if (schema.has("else")) {
                demand(ways, no.and(Demand.not(document.child(at, "else"))));
            }
        }
    }
}
