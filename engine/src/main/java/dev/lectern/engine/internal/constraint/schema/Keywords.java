package dev.lectern.engine.internal.constraint.schema;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lectern.engine.constraint.SchemaException;
import dev.lectern.engine.constraint.SchemaException.Kind;
import dev.lectern.engine.internal.constraint.lexical.LexicalException;
import dev.lectern.engine.internal.constraint.lexical.NumberLanguage;
import dev.lectern.engine.internal.constraint.lexical.StringLanguage;
import dev.lectern.engine.internal.constraint.schema.Facts.ArrayRules;
import dev.lectern.engine.internal.constraint.schema.Facts.Containment;
import dev.lectern.engine.internal.constraint.schema.Facts.ObjectRules;
import dev.lectern.engine.internal.constraint.schema.Facts.PatternRule;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Supplier;

/// What each keyword of a schema says of a value that satisfies it.
///
/// Keywords that are not listed here are annotations or unknown, and both say nothing (JSON Schema Core, 6.5 and
/// 4.3.1); those
/// that say something and cannot be enforced are refused.
final class Keywords {
    private static final List<String> REFUSED =
            List.of("unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "$recursiveRef");

    /// Not of JSON Schema, which has no word for it: how many digits a number is written with, for columns of
    /// doubles.
    private static final String DIGITS = "x-digits";

    private static final int MAX_DIGITS = 400;

    final SchemaDocument document;
    /// Whether no value can satisfy both of two demands; false where that was not found out.
    private final BiPredicate<Demand, Demand> disjoint;
    private final Map<String, StringLanguage> patterns = new HashMap<>();
    private final Map<String, StringLanguage> formats = new HashMap<>();

    private final Function<Demand, StringLanguage> stringsOf;

    Keywords(
            SchemaDocument document, BiPredicate<Demand, Demand> disjoint, Function<Demand, StringLanguage> stringsOf) {
        this.document = document;
        this.disjoint = disjoint;
        this.stringsOf = stringsOf;
    }

    /// The strings that satisfy a demand.
    StringLanguage strings(Demand demand) {
        return stringsOf.apply(demand);
    }

    void assume(Facts facts, Location at) {
        JsonNode schema = at.node();
        for (String keyword : REFUSED) {
            if (schema.has(keyword)
                    && !schema.get(keyword).equals(com.fasterxml.jackson.databind.node.BooleanNode.TRUE)) {
                throw Values.unsupported(at, keyword, "this keyword is not supported");
            }
        }
        if (schema.has("$ref")) {
            facts.demand(Demand.of(document.resolve(at, Values.text(at, "$ref"))));
            if (document.refHidesSiblings()) {
                return;
            }
        }
        if (schema.has("type")) {
            types(facts, at);
        }
        if (schema.has("enum")) {
            JsonNode values = schema.get("enum");
            if (!values.isArray()) {
                throw Values.invalid(at, "enum", "a list of values");
            }
            constants(facts, at, "enum", values);
        }
        if (schema.has("const")) {
            constants(facts, at, "const", List.of(schema.get("const")));
        }
        marks(at);
        if (facts.may(Facts.STRING)) {
            strings(facts, at);
        }
        if (facts.may(Facts.NUMBER)) {
            numbers(facts, at);
        }
        if (facts.may(Facts.ARRAY)) {
            arrays(facts, at);
        }
        if (facts.may(Facts.OBJECT)) {
            objects(facts, at);
        }
        if (!facts.impossible()) {
            combinations(facts, at);
        }
    }

    /// Checks the marks of fields, which are ours alone.
    private static void marks(Location at) {
        isMarked(at, "x-cite");
        JsonNode schema = at.node();
        if (isMarked(at, "x-quote") && schema.has("type") && (typeBits(at) & Facts.STRING) == 0) {
            throw new SchemaException(
                    Kind.INVALID,
                    at.pointer(),
                    "x-quote",
                    "a quote is a string: put it where the type is string, for a list under its items");
        }
    }

    private static boolean isMarked(Location at, String keyword) {
        JsonNode mark = at.node().get(keyword);
        if (mark != null && !mark.isBoolean()) {
            throw Values.invalid(at, keyword, "true or false");
        }
        return mark != null && mark.booleanValue();
    }

    private static int typeBits(Location at) {
        int bits = 0;
        for (String name : typeNames(at)) {
            bits |= typeBits(at, name);
        }
        return bits;
    }

    static int typeBits(Location at, String name) {
        return switch (name) {
            case "null" -> Facts.NULL;
            case "boolean" -> Facts.TRUE | Facts.FALSE;
            case "number", "integer" -> Facts.NUMBER;
            case "string" -> Facts.STRING;
            case "array" -> Facts.ARRAY;
            case "object" -> Facts.OBJECT;
            default -> throw Values.invalid(at, "type", "null, boolean, number, integer, string, array or object");
        };
    }

    static List<String> typeNames(Location at) {
        JsonNode type = at.node().get("type");
        return type.isTextual() ? List.of(type.textValue()) : Values.texts(at, "type");
    }

    private static void types(Facts facts, Location at) {
        List<String> names = typeNames(at);
        facts.only(typeBits(at));
        if (names.contains("integer") && !names.contains("number")) {
            facts.numbers(NumberLanguage.integer());
        }
    }

    /// The value is one of these.
    private void constants(Facts facts, Location at, String keyword, Iterable<JsonNode> values) {
        Constants constants = Constants.of(at, keyword, values);
        List<Option> options = new ArrayList<>();
        if (constants.types() != 0) {
            options.add(Option.of(constants::assume));
        }
        for (JsonNode composite : constants.composites()) {
            Demand demand = Demand.of(document.constant(composite, at.keyword(keyword)));
            options.add(Option.of(branch -> branch.demand(demand)));
        }
        choose(facts, options);
    }

    static void choose(Facts facts, List<Option> options) {
        if (options.isEmpty()) {
            facts.nothing();
        } else if (options.size() == 1) {
            options.getFirst().apply(facts);
        } else {
            facts.choices.add(options);
        }
    }

    private void strings(Facts facts, Location at) {
        JsonNode schema = at.node();
        if (isMarked(at, "x-quote")) {
            facts.quote = at;
        }
        if (schema.has("minLength") || schema.has("maxLength")) {
            int min = schema.has("minLength") ? Values.count(at, "minLength") : 0;
            int max = schema.has("maxLength") ? Values.count(at, "maxLength") : Integer.MAX_VALUE;
            facts.lengths(min, max);
        }
        if (schema.has("pattern")) {
            facts.strings(pattern(at, "pattern", Values.text(at, "pattern")));
        }
        if (assertsFormat(at)) {
            facts.strings(format(at));
        }
    }

    /// Formats that are not known are annotations (JSON Schema Validation, 7.1).
    static boolean assertsFormat(Location at) {
        JsonNode format = at.node().get("format");
        return format != null && format.isTextual() && StringLanguage.knowsFormat(format.textValue());
    }

    StringLanguage pattern(Location at, String keyword, String pattern) {
        StringLanguage known = patterns.get(pattern);
        if (known == null) {
            known = lexical(at, keyword, () -> StringLanguage.ofPattern(pattern));
            patterns.put(pattern, known);
        }
        return known;
    }

    StringLanguage format(Location at) {
        String name = Values.text(at, "format");
        StringLanguage known = formats.get(name);
        if (known == null) {
            known = lexical(at, "format", () -> StringLanguage.ofFormat(name));
            formats.put(name, known);
        }
        return known;
    }

    static <T> T lexical(Location at, String keyword, Supplier<T> work) {
        try {
            return work.get();
        } catch (LexicalException e) {
            throw refusal(at, keyword, e);
        }
    }

    static SchemaException refusal(Location at, String keyword, LexicalException cause) {
        Kind kind = switch (cause.reason()) {
            case SYNTAX -> Kind.INVALID;
            case UNSUPPORTED -> Kind.UNSUPPORTED;
            case LIMIT -> Kind.LIMIT;
        };
        String message = cause.getMessage();
        return new SchemaException(kind, at.pointer(), keyword, message == null ? "refused" : message);
    }

    private static void numbers(Facts facts, Location at) {
        JsonNode schema = at.node();
        for (Bound bound : Bound.of(at)) {
            facts.numbers(
                    bound.lower()
                            ? NumberLanguage.any().withMinimum(bound.value(), bound.exclusive())
                            : NumberLanguage.any().withMaximum(bound.value(), bound.exclusive()));
        }
        if (schema.has("multipleOf")) {
            BigDecimal divisor = divisor(at);
            facts.numbers(lexical(at, "multipleOf", () -> NumberLanguage.any().multipleOf(divisor)));
        }
        if (schema.path(DIGITS).isInt() && schema.get(DIGITS).intValue() > 0) {
            facts.numbers(NumberLanguage.ofDigits(Math.min(schema.get(DIGITS).intValue(), MAX_DIGITS)));
        }
    }

    static BigDecimal divisor(Location at) {
        BigDecimal divisor = Values.decimal(at, "multipleOf");
        if (divisor.signum() <= 0) {
            throw Values.invalid(at, "multipleOf", "a number greater than 0");
        }
        return divisor;
    }

    private void arrays(Facts facts, Location at) {
        JsonNode schema = at.node();
        if (schema.has("minItems") || schema.has("maxItems")) {
            facts.items(
                    schema.has("minItems") ? Values.count(at, "minItems") : 0,
                    schema.has("maxItems") ? Values.count(at, "maxItems") : Facts.UNLIMITED);
        }
        if (schema.has("items") || schema.has("prefixItems")) {
            facts.arrays.add(arrayRules(at));
        }
        JsonNode unique = schema.get("uniqueItems");
        if (unique != null && unique.isBoolean() && unique.booleanValue()) {
            facts.unique = at;
        } else if (unique != null && !unique.isBoolean()) {
            throw Values.invalid(at, "uniqueItems", "true or false");
        }
        if (schema.has("contains")) {
            Location contained = document.child(at, "contains");
            int min = schema.has("minContains") ? Values.count(at, "minContains") : 1;
            int max = schema.has("maxContains") ? Values.count(at, "maxContains") : Facts.UNLIMITED;
            if (min > 0 || max < Facts.UNLIMITED) {
                facts.contains.add(new Containment(Demand.of(contained), Demand.not(contained), min, max, at));
                facts.items(min, Facts.UNLIMITED);
            }
        }
    }

    /// A list under `items` is the older form of `prefixItems`, with `additionalItems` for the rest.
    ArrayRules arrayRules(Location at) {
        JsonNode schema = at.node();
        List<Demand> prefix = new ArrayList<>();
        Demand rest = Demand.ANYTHING;
        boolean older = schema.has("items") && schema.get("items").isArray();
        String keyword = older ? "items" : "prefixItems";
        if (schema.has(keyword)) {
            if (!schema.get(keyword).isArray()) {
                throw Values.invalid(at, keyword, "a list of schemas");
            }
            for (int i = 0; i < schema.get(keyword).size(); i++) {
                prefix.add(Demand.of(document.child(at, keyword, i)));
            }
        }
        String others = older ? "additionalItems" : "items";
        if (schema.has(others)) {
            rest = Demand.of(document.child(at, others));
        }
        return new ArrayRules(prefix, rest);
    }

    private void objects(Facts facts, Location at) {
        JsonNode schema = at.node();
        if (schema.has("properties") || schema.has("patternProperties") || schema.has("additionalProperties")) {
            facts.objects.add(objectRules(at));
        }
        if (schema.has("required")) {
            Values.texts(at, "required").forEach(facts::require);
        }
        if (schema.has("minProperties") || schema.has("maxProperties")) {
            facts.properties(
                    schema.has("minProperties") ? Values.count(at, "minProperties") : 0,
                    schema.has("maxProperties") ? Values.count(at, "maxProperties") : Facts.UNLIMITED);
        }
        if (schema.has("propertyNames")) {
            Demand demand = Demand.of(document.child(at, "propertyNames"));
            if (!demand.isAnything()) {
                facts.names.add(demand);
            }
        }
        for (String keyword : List.of("dependentRequired", "dependentSchemas", "dependencies")) {
            if (schema.has(keyword)) {
                for (Map.Entry<String, JsonNode> entry :
                        Values.object(at, keyword).properties()) {
                    dependency(facts, at, keyword, entry.getKey(), entry.getValue());
                }
            }
        }
    }

    ObjectRules objectRules(Location at) {
        JsonNode schema = at.node();
        Map<String, Demand> properties = new LinkedHashMap<>();
        if (schema.has("properties")) {
            for (Map.Entry<String, JsonNode> entry :
                    Values.object(at, "properties").properties()) {
                properties.put(entry.getKey(), Demand.of(document.child(at, "properties", entry.getKey())));
            }
        }
        List<PatternRule> byPattern = new ArrayList<>();
        if (schema.has("patternProperties")) {
            for (Map.Entry<String, JsonNode> entry :
                    Values.object(at, "patternProperties").properties()) {
                Demand demand = Demand.of(document.child(at, "patternProperties", entry.getKey()));
                byPattern.add(new PatternRule(pattern(at, "patternProperties", entry.getKey()), demand));
            }
        }
        Demand additional = schema.has("additionalProperties")
                ? Demand.of(document.child(at, "additionalProperties"))
                : Demand.ANYTHING;
        return new ObjectRules(properties, byPattern, additional);
    }

    private void dependency(Facts facts, Location at, String keyword, String name, JsonNode value) {
        if (facts.forbidden.contains(name)) {
            return;
        }
        List<Option> options = new ArrayList<>();
        options.add(new Option(branch -> branch.forbid(name), name, 0));
        if (keyword.equals("dependentRequired") || (keyword.equals("dependencies") && value.isArray())) {
            List<String> others = Values.texts(at, keyword, value);
            options.add(Option.of(branch -> {
                branch.only(Facts.OBJECT);
                branch.require(name);
                others.forEach(branch::require);
            }));
        } else {
            Demand demand = Demand.of(document.child(at, keyword, name));
            options.add(Option.of(branch -> {
                branch.only(Facts.OBJECT);
                branch.require(name);
                branch.demand(demand);
            }));
        }
        facts.choices.add(options);
    }

    private void combinations(Facts facts, Location at) {
        JsonNode schema = at.node();
        if (schema.has("allOf")) {
            for (Demand demand : list(at, "allOf")) {
                facts.demand(demand);
            }
        }
        if (schema.has("anyOf")) {
            any(facts, list(at, "anyOf"));
        }
        if (schema.has("oneOf")) {
            one(facts, at);
        }
        if (schema.has("not")) {
            facts.demand(Demand.not(document.child(at, "not")));
        }
        if (schema.has("if") && (schema.has("then") || schema.has("else"))) {
            Demand yes = Demand.of(document.child(at, "if"));
            Demand no = Demand.not(document.child(at, "if"));
            Demand then = schema.has("then") ? Demand.of(document.child(at, "then")) : Demand.ANYTHING;
            Demand otherwise = schema.has("else") ? Demand.of(document.child(at, "else")) : Demand.ANYTHING;
            any(facts, List.of(yes.and(then), no.and(otherwise)));
        }
    }

    List<Demand> list(Location at, String keyword) {
        List<Demand> demands = new ArrayList<>();
        for (int i = 0; i < Values.schemas(at, keyword); i++) {
            demands.add(Demand.of(document.child(at, keyword, i)));
        }
        return demands;
    }

    static void any(Facts facts, List<Demand> demands) {
        List<Option> options = new ArrayList<>();
        for (Demand demand : demands) {
            if (demand.isAnything()) {
                return;
            }
            if (!demand.isNothing()) {
                options.add(Option.of(branch -> branch.demand(demand)));
            }
        }
        choose(facts, options);
    }

    /// Each branch without those others that it is not disjoint from anyway.
    private void one(Facts facts, Location at) {
        int count = Values.schemas(at, "oneOf");
        List<Location> branches = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            branches.add(document.child(at, "oneOf", i));
        }
        List<Demand> demands = new ArrayList<>();
        for (Location branch : branches) {
            demands.add(Demand.of(branch));
        }
        for (int i = 0; i < count; i++) {
            Demand own = Demand.of(branches.get(i));
            for (int j = 0; j < count; j++) {
                if (i != j && !disjoint.test(own, Demand.of(branches.get(j)))) {
                    demands.set(i, demands.get(i).and(Demand.not(branches.get(j))));
                }
            }
        }
        any(facts, demands);
    }
}
