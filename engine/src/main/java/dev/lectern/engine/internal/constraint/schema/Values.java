package dev.lectern.engine.internal.constraint.schema;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lectern.engine.constraint.SchemaException;
import dev.lectern.engine.constraint.SchemaException.Kind;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/// Reads the values of keywords, and says where one is not what the keyword takes.
final class Values {
    /// Digits before or after the point that a number in a schema may have.
    private static final int MAX_DIGITS = 400;

    private Values() {}

    static SchemaException invalid(Location at, String keyword, String expected) {
        JsonNode value = at.node().path(keyword);
        String text = value.toString();
        return new SchemaException(
                Kind.INVALID,
                at.pointer(),
                keyword,
                "expected " + expected + ", found " + (text.length() > 60 ? text.substring(0, 60) + "…" : text));
    }

    static SchemaException unsupported(Location at, String keyword, String reason) {
        return new SchemaException(Kind.UNSUPPORTED, at.pointer(), keyword, reason);
    }

    /// A limit on a length or a count; those beyond an int are as good as none.
    static int count(Location at, String keyword) {
        JsonNode value = at.node().get(keyword);
        if (!value.isNumber()) {
            throw invalid(at, keyword, "a whole number of at least 0");
        }
        BigDecimal number = decimal(at, keyword, value);
        if (number.signum() < 0 || number.stripTrailingZeros().scale() > 0) {
            throw invalid(at, keyword, "a whole number of at least 0");
        }
        return number.compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) >= 0
                ? Integer.MAX_VALUE
                : number.intValueExact();
    }

    static BigDecimal decimal(Location at, String keyword, JsonNode value) {
        if (!value.isNumber()) {
            throw invalid(at, keyword, "a number");
        }
        BigDecimal number = value.decimalValue();
        if (Math.abs((long) number.scale()) > MAX_DIGITS || number.precision() > MAX_DIGITS) {
            throw new SchemaException(
                    Kind.LIMIT, at.pointer(), keyword, "a number of more than " + MAX_DIGITS + " digits");
        }
        return number;
    }

    static BigDecimal decimal(Location at, String keyword) {
        return decimal(at, keyword, at.node().get(keyword));
    }

    static String text(Location at, String keyword) {
        JsonNode value = at.node().get(keyword);
        if (!value.isTextual()) {
            throw invalid(at, keyword, "a string");
        }
        return value.textValue();
    }

    static List<String> texts(Location at, String keyword, JsonNode list) {
        if (!list.isArray()) {
            throw invalid(at, keyword, "a list of strings");
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode item : list) {
            if (!item.isTextual()) {
                throw invalid(at, keyword, "a list of strings");
            }
            texts.add(item.textValue());
        }
        return texts;
    }

    static List<String> texts(Location at, String keyword) {
        return texts(at, keyword, at.node().get(keyword));
    }

    static JsonNode object(Location at, String keyword) {
        JsonNode value = at.node().get(keyword);
        if (!value.isObject()) {
            throw invalid(at, keyword, "an object");
        }
        return value;
    }

    static int schemas(Location at, String keyword) {
        JsonNode value = at.node().get(keyword);
        if (!value.isArray() || value.isEmpty()) {
            throw invalid(at, keyword, "a list of at least one schema");
        }
        return value.size();
    }
}
