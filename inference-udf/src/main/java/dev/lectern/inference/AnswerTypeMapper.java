package dev.lectern.inference;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lectern.inference.AnswerType.Field;
import dev.lectern.inference.AnswerType.Items;
import dev.lectern.inference.AnswerType.Scalar;
import dev.lectern.inference.AnswerType.Struct;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Finds the column type of each part of a JSON Schema.
///
/// What holds at once (the schema's own keywords, `$ref`, `allOf`) is intersected: a struct of all properties.
/// What holds alternatively (`anyOf`, `oneOf`, `then`, `else`, several `type`s) is united: a struct of all
/// properties where all are objects, the common type where they agree, double for integer and number. Null needs no
/// type of its own. Whatever has no common column type becomes a string of JSON, with a note.
final class AnswerTypeMapper {
    private static final int MAX_DEPTH = 64;

    private final JsonNode root;
    private final String source;
    private final SchemaReferences references;
    private final List<String> notes = new ArrayList<>();
    private final Set<String> openReferences = new HashSet<>();

    AnswerTypeMapper(String source, JsonNode root) {
        this.source = source;
        this.root = root;
        this.references = new SchemaReferences(source, root);
    }

    /// One sentence for each part that is stored as JSON.
    List<String> notes() {
        return List.copyOf(notes);
    }

    Struct map() {
        AnswerType type = typeOf(root, "", 0);
        if (type instanceof Struct struct) {
            return struct;
        }
        throw new InvalidAnswerSchema(
                source,
                "",
                "an answer's schema must be of an object with at least one entry in 'properties'"
                        + (notes.isEmpty() ? "" : " (" + String.join("; ", notes) + ")"));
    }

    /// The type, where null says that the schema admits nothing but null.
    private @Nullable AnswerType typeOf(JsonNode schema, String pointer, int depth) {
        if (depth > MAX_DEPTH) {
            return json(pointer, "is nested deeper than " + MAX_DEPTH + " levels");
        }
        if (!schema.isObject()) {
            return json(pointer, "admits any value");
        }
        List<AnswerType> together = new ArrayList<>();
        boolean onlyNull = false;
        if (schema.has("$ref")) {
            addIfPresent(together, reference(schema.get("$ref").asText(), pointer, depth));
        }
        JsonNode all = schema.path("allOf");
        for (int i = 0; i < all.size(); i++) {
            if (saysMore(all.get(i))) {
                addIfPresent(together, typeOf(all.get(i), pointer + "/allOf/" + i, depth + 1));
            }
        }
        for (String keyword : List.of("anyOf", "oneOf")) {
            JsonNode any = schema.path(keyword);
            List<AnswerType> alternatives = new ArrayList<>();
            for (int i = 0; i < any.size(); i++) {
                // An alternative that only adds 'required' says nothing of types.
                if (saysMore(any.get(i))) {
                    addIfPresent(alternatives, typeOf(any.get(i), pointer + "/" + keyword + "/" + i, depth + 1));
                    onlyNull |= alternatives.isEmpty();
                }
            }
            if (!alternatives.isEmpty()) {
                together.add(unite(alternatives, pointer + "/" + keyword));
            }
        }
        for (String keyword : List.of("then", "else")) {
            if (schema.has(keyword) && saysMore(schema.get(keyword))) {
                addIfPresent(together, typeOf(schema.get(keyword), pointer + "/" + keyword, depth + 1));
            }
        }
        Set<String> types = types(schema);
        onlyNull |= types.equals(Set.of("null"));
        types.remove("null");
        if (!types.isEmpty()) {
            List<AnswerType> own = new ArrayList<>();
            for (String type : types) {
                AnswerType mapped = ofType(type, schema, pointer, depth, !together.isEmpty());
                if (mapped != null) {
                    own.add(mapped);
                }
            }
            if (!own.isEmpty()) {
                together.add(0, unite(own, pointer));
            }
        }
        if (together.isEmpty()) {
            return onlyNull ? null : json(pointer, "has no 'type' that maps to a column");
        }
        return intersect(together, pointer);
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
    private @Nullable AnswerType ofType(String type, JsonNode schema, String pointer, int depth, boolean more) {
        return switch (type) {
            case "string" -> Scalar.TEXT;
            case "integer" -> Scalar.LONG;
            case "number" -> Scalar.DOUBLE;
            case "boolean" -> Scalar.BOOLEAN;
            case "array" -> array(schema, pointer, depth);
            case "object" -> more && !schema.has("properties") ? null : object(schema, pointer, depth);
            default -> throw new InvalidAnswerSchema(source, pointer + "/type", "unknown type '" + type + "'");
        };
    }

    private AnswerType array(JsonNode schema, String pointer, int depth) {
        JsonNode items = schema.path("items");
        if (!items.isObject() || schema.has("prefixItems")) {
            return json(pointer, "is an array whose elements share no 'items' schema");
        }
        AnswerType element = typeOf(items, pointer + "/items", depth + 1);
        return new Items(element == null ? json(pointer + "/items", "admits only null") : element);
    }

    private AnswerType object(JsonNode schema, String pointer, int depth) {
        Map<String, AnswerType> fields = new LinkedHashMap<>();
        schema.path("properties").properties().forEach(property -> {
            String at = pointer + "/properties/" + escape(property.getKey());
            AnswerType type = typeOf(property.getValue(), at, depth + 1);
            fields.put(property.getKey(), type == null ? json(at, "admits only null") : type);
        });
        return struct(fields, pointer);
    }

    private AnswerType struct(Map<String, AnswerType> fields, String pointer) {
        if (fields.isEmpty()) {
            return json(pointer, "is an object without 'properties'");
        }
        List<String> names = List.copyOf(fields.keySet());
        if (!Struct.distinct(names)) {
            return json(pointer, "has properties whose names differ in case alone: " + names);
        }
        return new Struct(fields.entrySet().stream()
                .map(field -> new Field(field.getKey(), field.getValue()))
                .toList());
    }

    private @Nullable AnswerType reference(String reference, String pointer, int depth) {
        SchemaReferences.Target target = references.resolve(reference, pointer);
        if (target == null) {
            return json(pointer, "refers to the anchor '" + reference + "'");
        }
        if (!openReferences.add(reference)) {
            return json(pointer, "refers to itself");
        }
        try {
            return typeOf(target.schema(), target.pointer(), depth + 1);
        } finally {
            openReferences.remove(reference);
        }
    }

    private AnswerType intersect(List<AnswerType> types, String pointer) {
        List<AnswerType> known =
                types.stream().filter(t -> t != Scalar.JSON).distinct().toList();
        if (known.isEmpty()) {
            return Scalar.JSON;
        }
        if (known.contains(Scalar.LONG) && known.stream().allMatch(t -> t == Scalar.LONG || t == Scalar.DOUBLE)) {
            return Scalar.LONG;
        }
        return unite(known, pointer);
    }

    private AnswerType unite(List<AnswerType> types, String pointer) {
        List<AnswerType> distinct = types.stream().distinct().toList();
        if (distinct.size() == 1) {
            return distinct.getFirst();
        }
        if (distinct.stream().allMatch(t -> t == Scalar.LONG || t == Scalar.DOUBLE)) {
            return Scalar.DOUBLE;
        }
        if (distinct.stream().allMatch(Struct.class::isInstance)) {
            Map<String, AnswerType> fields = new LinkedHashMap<>();
            for (AnswerType type : distinct) {
                for (Field field : ((Struct) type).fields()) {
                    fields.merge(
                            field.name(),
                            field.type(),
                            (a, b) -> unite(List.of(a, b), pointer + "/properties/" + escape(field.name())));
                }
            }
            return struct(fields, pointer);
        }
        if (distinct.stream().allMatch(Items.class::isInstance)) {
            return new Items(
                    unite(distinct.stream().map(t -> ((Items) t).element()).toList(), pointer + "/items"));
        }
        return json(pointer, "admits values of types that share no column type");
    }

    private Scalar json(String pointer, String why) {
        notes.add("'" + (pointer.isEmpty() ? "/" : pointer) + "' " + why + ": stored as a string of JSON");
        return Scalar.JSON;
    }

    static String escape(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }
}
