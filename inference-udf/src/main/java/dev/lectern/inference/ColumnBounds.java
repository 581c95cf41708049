package dev.lectern.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.lectern.inference.AnswerType.Decimal;
import dev.lectern.inference.AnswerType.Entries;
import dev.lectern.inference.AnswerType.Field;
import dev.lectern.inference.AnswerType.Items;
import dev.lectern.inference.AnswerType.Scalar;
import dev.lectern.inference.AnswerType.Struct;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What columns ask of an answer beyond its schema, itself as a JSON Schema: integers of 64 bits, decimals of their
/// digits, seconds of six digits, and the column's type where the schema leaves it open in some of its branches.
///
/// An answer that satisfies the schema and these bounds fits its columns without loss. Stateless.
final class ColumnBounds {
    /// What the date-time format leaves open: a second has no more digits than an instant in microseconds.
    private static final String MICROSECONDS = "^[^.]*([.][0-9]{1,6}[^0-9.].*)?$";

    /// Every decimal of so many digits is the shortest that its double prints as (IEEE 754, DBL_DIG).
    private static final int DOUBLE_DIGITS = 15;

    private static final List<String> NEGATIONS = List.of("not", "oneOf", "if", "dependentSchemas");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private ColumnBounds() {}

    /// The schema with the bounds of the columns added; the schema itself where they add nothing.
    ///
    /// @param schema of answers
    /// @param type   how they are stored
    static JsonNode add(JsonNode schema, Struct type) {
        ObjectNode bounds = of(type, schema);
        if (!schema.path("type").equals(TextNode.valueOf("object"))) {
            // An answer is a row: it cannot be null.
            bounds = (bounds == null ? JSON.createObjectNode() : bounds).put("type", "object");
        }
        if (bounds == null || refersToItselfNegated(schema)) {
            return schema;
        }
        ObjectNode bounded = schema.deepCopy();
        ArrayNode all = JSON.createArrayNode();
        if (bounded.path("allOf").isArray()) {
            all.addAll((ArrayNode) bounded.get("allOf"));
        }
        JsonNode reference = bounded.get("$ref");
        if (reference != null) {
            // Until draft 7 it hides what stands beside it.
            bounded.remove("$ref");
            all.add(JSON.createObjectNode().set("$ref", reference));
        }
        bounded.set("allOf", all.add(bounds));
        return bounded;
    }

    /// Bounds that join the root would be denied where the root is.
    private static boolean refersToItselfNegated(JsonNode schema) {
        return schema.findValuesAsText("$ref").contains("#")
                && NEGATIONS.stream().anyMatch(keyword -> schema.findValue(keyword) != null);
    }

    /// Null where every value of the schema fits.
    ///
    /// @param schema of the values; null where it is not known
    private static @Nullable ObjectNode of(AnswerType type, @Nullable JsonNode schema) {
        return switch (type) {
            case Scalar scalar -> of(scalar, schema);
            case Decimal(int precision, int scale) -> {
                BigDecimal most = new BigDecimal(BigInteger.TEN.pow(precision).subtract(BigInteger.ONE), scale);
                yield typed("number")
                        .put("multipleOf", BigDecimal.ONE.movePointLeft(scale))
                        .put("minimum", most.negate())
                        .put("maximum", most);
            }
            case Items(AnswerType element) -> {
                boolean sure = isOnly(schema, "array");
                ObjectNode elements = of(element, sure ? child(schema, "items") : null);
                ObjectNode bounds = typed("array");
                if (elements != null) {
                    bounds.set("items", elements);
                }
                yield sure && elements == null ? null : bounds;
            }
            case Entries(AnswerType value) -> {
                boolean sure = isOnly(schema, "object");
                ObjectNode values = of(value, sure ? child(schema, "additionalProperties") : null);
                ObjectNode bounds = typed("object");
                if (values != null) {
                    bounds.set("additionalProperties", values);
                }
                yield sure && values == null ? null : bounds;
            }
            case Struct(List<Field> fields) -> {
                boolean sure = isOnly(schema, "object");
                JsonNode declared = sure ? child(schema, "properties") : null;
                ObjectNode properties = JSON.createObjectNode();
                boolean bounded = false;
                for (Field field : fields) {
                    ObjectNode bounds = of(field.type(), declared == null ? null : declared.get(field.name()));
                    bounded |= bounds != null;
                    // All of them, for their order is the one in which answers name them.
                    properties.set(field.name(), bounds == null ? BooleanNode.TRUE : bounds);
                }
                ObjectNode bounds = typed("object");
                if (bounded) {
                    bounds.set("properties", properties);
                }
                yield sure && !bounded ? null : bounds;
            }
        };
    }

    private static @Nullable ObjectNode of(Scalar type, @Nullable JsonNode schema) {
        return switch (type) {
            case JSON -> null;
            case TEXT -> isOnly(schema, "string") ? null : typed("string");
            case BOOLEAN -> isOnly(schema, "boolean") ? null : typed("boolean");
            case DOUBLE ->
                schema != null && (schema.has("enum") || schema.has("const"))
                        ? null
                        : typed("number").put("x-digits", DOUBLE_DIGITS);
            case LONG -> typed("integer").put("minimum", Long.MIN_VALUE).put("maximum", Long.MAX_VALUE);
            case DATE ->
                isOnly(schema, "string") && hasFormat(schema, "date")
                        ? null
                        : typed("string").put("format", "date");
            case TIMESTAMP -> typed("string").put("format", "date-time").put("pattern", MICROSECONDS);
        };
    }

    /// Null fits every column.
    private static ObjectNode typed(String type) {
        ObjectNode bounds = JSON.createObjectNode();
        bounds.putArray("type").add(type).add("null");
        return bounds;
    }

    private static @Nullable JsonNode child(@Nullable JsonNode schema, String keyword) {
        return schema == null ? null : schema.get(keyword);
    }

    private static boolean hasFormat(@Nullable JsonNode schema, String format) {
        return schema != null && schema.path("format").asText().equals(format);
    }

    /// Whether the schema names this type and, at most, null beside it.
    private static boolean isOnly(@Nullable JsonNode schema, String type) {
        if (schema == null || schema.has("$ref")) {
            return false;
        }
        JsonNode named = schema.path("type");
        if (named.isTextual()) {
            return named.textValue().equals(type);
        }
        for (JsonNode one : named) {
            if (!Set.of(type, "null").contains(one.asText())) {
                return false;
            }
        }
        return !named.isEmpty();
    }
}
