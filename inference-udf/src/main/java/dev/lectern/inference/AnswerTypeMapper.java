package dev.lectern.inference;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lectern.engine.constraint.Constraint;
import dev.lectern.inference.AnswerType.Entries;
import dev.lectern.inference.AnswerType.Field;
import dev.lectern.inference.AnswerType.Items;
import dev.lectern.inference.AnswerType.Scalar;
import dev.lectern.inference.AnswerType.Struct;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Finds the column type of each part of a JSON Schema.
///
/// What holds at once (the schema's own keywords, `$ref`, `allOf`) is intersected: a struct of all properties, the
/// narrower of two types. What holds alternatively (`anyOf`, `oneOf`, `then` and `else`, several `type`s) is united:
/// a struct of all properties where all are objects, the common type where they agree, the wider of two number
/// types. What holds only sometimes (`then` without `else`, alternatives of which some name no type) adds
/// properties and narrows nothing. Null needs no type of its own. Whatever has no common column type becomes a
/// string of JSON, with a note.
final class AnswerTypeMapper {
    private static final int MAX_DEPTH = 64;
    /// Definitions that refer to others twice, and these again, make endlessly many columns of a few lines.
    private static final int MAX_PARTS = 20_000;

    private final JsonNode root;
    private final String source;
    private final SchemaReferences references;
    private final List<String> notes = new ArrayList<>();
    private final Set<String> remarks = new LinkedHashSet<>();
    private final Map<Place, String> open = new LinkedHashMap<>();
    private final Set<String> openReferences = new HashSet<>();
    private int parts;

    AnswerTypeMapper(String source, JsonNode root) {
        this.source = source;
        this.root = root;
        this.references = new SchemaReferences(source, root);
    }

    /// Where the mapping is: in the schema, and in the answers.
    ///
    /// @param pointer of the schema
    /// @param part    of the answers: names, `*` for any element or any name
    private record Place(String pointer, List<String> part, int depth) {
        static final Place ROOT = new Place("", List.of(), 0);
        static final String ANY = "*";

        /// A schema that applies to the same value.
        Place besides(String below) {
            return new Place(pointer + below, part, depth + 1);
        }

        Place elsewhere(String other) {
            return new Place(other, part, depth + 1);
        }

        Place within(String below, String name) {
            List<String> longer = new ArrayList<>(part);
            longer.add(name);
            return new Place(pointer + below, longer, depth + 1);
        }

        Place property(String name) {
            return within("/properties/" + escape(name), name);
        }

        String shown() {
            return "'" + (pointer.isEmpty() ? "/" : pointer) + "' ";
        }
    }

    /// One sentence for each part of an answer that is stored as JSON, or not stored at all.
    List<String> notes() {
        return notes;
    }

    Struct map() {
        AnswerType type = typeOf(root, Place.ROOT, null);
        // What one schema leaves open another one may have said.
        open.forEach((place, why) -> {
            if (at(type, place.part()) == Scalar.JSON) {
                notes.add(place.shown() + why + ": stored as a string of JSON");
            }
        });
        if (type instanceof Struct struct) {
            notes.addAll(remarks);
            return struct;
        }
        throw new InvalidAnswerSchema(
                source,
                "",
                "an answer's schema must be of an object with at least one entry in 'properties'"
                        + (notes.isEmpty() ? "" : " (" + String.join("; ", notes) + ")"));
    }

    /// The type, where null says that the schema admits nothing but null.
    ///
    /// @param around what the schemas around this one say of the same value; null for none
    private @Nullable AnswerType typeOf(JsonNode schema, Place place, @Nullable ValueFacts around) {
        if (++parts > MAX_PARTS) {
            throw new InvalidAnswerSchema(
                    source,
                    place.pointer(),
                    "over " + MAX_PARTS + " parts to make columns of; declare fewer properties");
        }
        if (place.depth() > MAX_DEPTH) {
            return json(place, "is nested deeper than " + MAX_DEPTH + " levels");
        }
        if (!schema.isObject()) {
            return json(place, "admits any value");
        }
        ValueFacts facts = ValueFacts.of(schema, place.pointer(), references, around);
        List<AnswerType> together = new ArrayList<>();
        List<AnswerType> sometimes = new ArrayList<>();
        boolean onlyNull = false;
        if (schema.has("$ref")) {
            addIfPresent(together, reference(schema.get("$ref").asText(), place, facts));
        }
        JsonNode all = schema.path("allOf");
        for (int i = 0; i < all.size(); i++) {
            if (saysMore(all.get(i))) {
                addIfPresent(together, typeOf(all.get(i), place.besides("/allOf/" + i), facts));
            }
        }
        for (String keyword : List.of("anyOf", "oneOf")) {
            JsonNode any = schema.path(keyword);
            List<AnswerType> alternatives = new ArrayList<>();
            boolean exhaustive = true;
            for (int i = 0; i < any.size(); i++) {
                // An alternative that only adds 'required' says nothing of types.
                if (saysMore(any.get(i))) {
                    addIfPresent(alternatives, typeOf(any.get(i), place.besides("/" + keyword + "/" + i), facts));
                    onlyNull |= alternatives.isEmpty();
                } else {
                    exhaustive = false;
                }
            }
            if (!alternatives.isEmpty()) {
                (exhaustive ? together : sometimes).add(unite(alternatives, place.besides("/" + keyword)));
            }
        }
        List<AnswerType> branches = new ArrayList<>();
        List<String> said = Stream.of("then", "else")
                .filter(keyword -> schema.has(keyword) && saysMore(schema.get(keyword)))
                .toList();
        for (String keyword : said) {
            addIfPresent(branches, typeOf(schema.get(keyword), place.besides("/" + keyword), facts));
        }
        if (!branches.isEmpty()) {
            (said.size() == 2 ? together : sometimes).add(unite(branches, place));
        }
        Set<String> types = types(schema);
        onlyNull |= types.equals(Set.of("null"));
        types.remove("null");
        if (!types.isEmpty()) {
            List<AnswerType> own = new ArrayList<>();
            boolean more = !together.isEmpty() || !sometimes.isEmpty();
            for (String type : types) {
                AnswerType mapped = ofType(type, schema, place, more, facts);
                if (mapped != null) {
                    own.add(mapped);
                }
            }
            if (!own.isEmpty()) {
                together.add(0, unite(own, place));
            }
        }
        if (together.isEmpty() && sometimes.isEmpty()) {
            return onlyNull ? null : json(place, "has no 'type' that maps to a column");
        }
        return extend(intersect(together, place), sometimes, types.equals(Set.of("object")), place);
    }

    /// Adds the properties of what holds sometimes; nothing else of it is known of every value.
    ///
    /// @param objects whether every value is known to be an object, if not null
    private AnswerType extend(@Nullable AnswerType always, List<AnswerType> sometimes, boolean objects, Place place) {
        if (sometimes.isEmpty()) {
            return always == null ? Scalar.JSON : always;
        }
        AnswerType other = unite(sometimes, place);
        if (always == null) {
            // An answer is an object in any case.
            return other instanceof Struct && (objects || place.part().isEmpty())
                    ? other
                    : json(place, "has no 'type' that maps to a column");
        }
        // What a property always is it also is where more is said of it.
        return always instanceof Struct && other instanceof Struct
                ? merge(
                        List.of(always, other),
                        place,
                        (first, second, property) -> first == Scalar.JSON ? second : first)
                : always;
    }

    /// The type of a part of the answers; null where another type has no such part.
    private static @Nullable AnswerType at(@Nullable AnswerType type, List<String> part) {
        AnswerType found = type;
        for (String name : part) {
            found = switch (found) {
                case Struct(List<Field> fields) ->
                    fields.stream()
                            .filter(field -> field.name().equals(name))
                            .map(Field::type)
                            .findFirst()
                            .orElse(null);
                case Items(AnswerType element) -> element;
                case Entries(AnswerType value) -> value;
                case null, default -> null;
            };
        }
        return found;
    }

    private static void addIfPresent(List<AnswerType> types, @Nullable AnswerType type) {
        if (type != null) {
            types.add(type);
        }
    }

    private static boolean saysMore(JsonNode schema) {
        for (String keyword : List.of(
                "type", "properties", "items", "enum", "const", "$ref", "anyOf", "oneOf", "allOf", "then", "else")) {
            if (schema.has(keyword)) {
                return true;
            }
        }
        return false;
    }

    /// The types that a schema names, or that its constants or other keywords imply.
    private static Set<String> types(JsonNode schema) {
        Set<String> types = new TreeSet<>();
        JsonNode type = schema.path("type");
        if (type.isTextual()) {
            types.add(type.asText());
        }
        type.forEach(t -> types.add(t.asText()));
        if (!types.isEmpty()) {
            return types;
        }
        if (schema.has("const")) {
            types.add(typeOfValue(schema.get("const")));
        }
        schema.path("enum").forEach(value -> types.add(typeOfValue(value)));
        if (types.isEmpty() && schema.has("properties")) {
            types.add("object");
        }
        if (types.isEmpty() && (schema.has("items") || schema.has("prefixItems"))) {
            types.add("array");
        }
        return types;
    }

    private static String typeOfValue(JsonNode value) {
        if (value.isTextual()) {
            return "string";
        }
        if (value.isNumber()) {
            return value.isIntegralNumber() ? "integer" : "number";
        }
        if (value.isBoolean()) {
            return "boolean";
        }
        if (value.isNull()) {
            return "null";
        }
        return value.isArray() ? "array" : "object";
    }

    /// @param more whether other keywords than these say what the value is
    private @Nullable AnswerType ofType(String type, JsonNode schema, Place place, boolean more, ValueFacts facts) {
        return switch (type) {
            case "string" -> {
                String format = facts.format();
                if (format != null && !Constraint.knowsFormat(format)) {
                    remarks.add(
                            place.shown() + "has the format '" + format + "', which is not known and asserts nothing");
                }
                yield facts.string();
            }
            case "integer" -> facts.integer();
            case "number" -> facts.number();
            case "boolean" -> Scalar.BOOLEAN;
            case "array" -> array(schema, place);
            case "object" -> more && !declaresMembers(schema) ? null : object(schema, place);
            default -> throw new InvalidAnswerSchema(source, place.pointer() + "/type", "unknown type '" + type + "'");
        };
    }

    private AnswerType array(JsonNode schema, Place place) {
        JsonNode items = schema.path("items");
        if (!items.isObject() || schema.has("prefixItems")) {
            return json(place, "is an array whose elements share no 'items' schema");
        }
        return new Items(column(items, place.within("/items", Place.ANY)));
    }

    private AnswerType column(JsonNode schema, Place place) {
        AnswerType type = typeOf(schema, place, null);
        return type == null ? json(place, "admits only null") : type;
    }

    private static boolean declaresMembers(JsonNode schema) {
        return schema.has("properties")
                || schema.has("patternProperties")
                || schema.path("additionalProperties").isObject();
    }

    private AnswerType object(JsonNode schema, Place place) {
        if (schema.path("properties").isEmpty()) {
            return entries(schema, place);
        }
        Map<String, AnswerType> fields = new LinkedHashMap<>();
        schema.path("properties")
                .properties()
                .forEach(property ->
                        fields.put(property.getKey(), column(property.getValue(), place.property(property.getKey()))));
        if (schema.has("patternProperties")
                || schema.path("additionalProperties").isObject()) {
            remarks.add(place.shown() + "also admits names that 'properties' does not list: they have no column, the"
                    + " column 'text' keeps them");
        }
        return struct(fields, place);
    }

    /// An object whose names are data: a map, where all its values share a column type.
    private AnswerType entries(JsonNode schema, Place place) {
        List<AnswerType> values = new ArrayList<>();
        for (Map.Entry<String, JsonNode> pattern :
                schema.path("patternProperties").properties()) {
            String below = "/patternProperties/" + escape(pattern.getKey());
            addIfPresent(values, typeOf(pattern.getValue(), place.within(below, Place.ANY), null));
        }
        JsonNode others = schema.path("additionalProperties");
        if (others.isObject() && !others.isEmpty()) {
            addIfPresent(values, typeOf(others, place.within("/additionalProperties", Place.ANY), null));
        } else if (!others.isBoolean() || others.booleanValue()) {
            values.clear();
        }
        return values.isEmpty()
                ? json(place, "is an object without 'properties'")
                : new Entries(unite(values, place.within("/additionalProperties", Place.ANY)));
    }

    private AnswerType struct(Map<String, AnswerType> fields, Place place) {
        List<String> names = List.copyOf(fields.keySet());
        if (!Struct.distinct(names)) {
            return json(place, "has properties whose names differ in case alone: " + names);
        }
        return new Struct(fields.entrySet().stream()
                .map(field -> new Field(field.getKey(), field.getValue()))
                .toList());
    }

    private @Nullable AnswerType reference(String reference, Place place, ValueFacts around) {
        SchemaReferences.Target target = references.resolve(reference, place.pointer());
        if (target == null) {
            return json(place, "refers to the anchor '" + reference + "'");
        }
        if (!openReferences.add(reference)) {
            return json(place, "refers to itself");
        }
        try {
            return typeOf(target.schema(), place.elsewhere(target.pointer()), around);
        } finally {
            openReferences.remove(reference);
        }
    }

    /// Null of nothing.
    private @Nullable AnswerType intersect(List<AnswerType> types, Place place) {
        AnswerType narrowest = null;
        for (AnswerType type : types) {
            narrowest = narrowest == null ? type : narrower(narrowest, type, place);
        }
        return narrowest;
    }

    private AnswerType narrower(AnswerType a, AnswerType b, Place place) {
        if (a.equals(b) || b == Scalar.JSON) {
            return a;
        }
        if (a == Scalar.JSON) {
            return b;
        }
        if (NumberTypes.isNumber(a) && NumberTypes.isNumber(b)) {
            return NumberTypes.narrower(a, b);
        }
        if (a == Scalar.TEXT && isTime(b)) {
            return b;
        }
        if (b == Scalar.TEXT && isTime(a)) {
            return a;
        }
        if (a instanceof Struct && b instanceof Struct) {
            return merge(List.of(a, b), place, this::narrower);
        }
        if (a instanceof Items(AnswerType x) && b instanceof Items(AnswerType y)) {
            return new Items(narrower(x, y, place.within("/items", Place.ANY)));
        }
        if (a instanceof Entries && b instanceof Struct || b instanceof Entries && a instanceof Struct) {
            // Names that are listed are columns; the rest of the map has none.
            return a instanceof Struct ? a : b;
        }
        return unite(List.of(a, b), place);
    }

    private static boolean isTime(AnswerType type) {
        return type == Scalar.DATE || type == Scalar.TIMESTAMP;
    }

    private AnswerType unite(List<AnswerType> types, Place place) {
        List<AnswerType> distinct = types.stream().distinct().toList();
        if (distinct.size() == 1) {
            return distinct.getFirst();
        }
        if (distinct.stream().allMatch(NumberTypes::isNumber)) {
            return distinct.stream().reduce(NumberTypes::wider).orElseThrow();
        }
        if (distinct.stream().allMatch(type -> type == Scalar.TEXT || isTime(type))) {
            return Scalar.TEXT;
        }
        if (distinct.stream().allMatch(Struct.class::isInstance)) {
            return merge(distinct, place, (a, b, property) -> unite(List.of(a, b), property));
        }
        if (distinct.stream().allMatch(Items.class::isInstance)) {
            return new Items(unite(
                    distinct.stream().map(t -> ((Items) t).element()).toList(), place.within("/items", Place.ANY)));
        }
        if (distinct.stream().allMatch(Entries.class::isInstance)) {
            return new Entries(unite(
                    distinct.stream().map(t -> ((Entries) t).value()).toList(),
                    place.within("/additionalProperties", Place.ANY)));
        }
        return json(place, "admits values of types that share no column type");
    }

    /// What to make of a property that two have.
    private interface Same {
        AnswerType of(AnswerType first, AnswerType second, Place property);
    }

    private AnswerType merge(List<AnswerType> structs, Place place, Same same) {
        Map<String, AnswerType> fields = new LinkedHashMap<>();
        for (AnswerType type : structs) {
            for (Field field : ((Struct) type).fields()) {
                fields.merge(
                        field.name(),
                        field.type(),
                        (first, second) -> same.of(first, second, place.property(field.name())));
            }
        }
        return struct(fields, place);
    }

    private Scalar json(Place place, String why) {
        open.putIfAbsent(place, why);
        return Scalar.JSON;
    }

    static String escape(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }
}
