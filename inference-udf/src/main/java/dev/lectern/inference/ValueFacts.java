package dev.lectern.inference;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lectern.inference.AnswerType.Decimal;
import dev.lectern.inference.AnswerType.Scalar;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a schema says of a value wherever it applies, beside its type: its own keywords, those of `$ref` and
/// `allOf`, and of the schemas around it that apply to the same value. It decides which column holds a number or
/// string. Not thread-safe.
final class ValueFacts {
    /// So that sums of amounts have room, and Parquet needs no more than 64 bits.
    private static final int MIN_PRECISION = 18;
    /// Where no bounds are known, digits that are left before the point.
    private static final int MIN_WHOLE_DIGITS = 18;
    /// Beyond these the digits of a number are not worth counting.
    private static final int MAX_EXPONENT = 1_000;

    private static final BigDecimal LONG_MIN = BigDecimal.valueOf(Long.MIN_VALUE);
    private static final BigDecimal LONG_MAX = BigDecimal.valueOf(Long.MAX_VALUE);

    private @Nullable String format;
    private @Nullable BigDecimal divisor;
    private @Nullable BigDecimal min;
    private @Nullable BigDecimal max;

    /// @param around of the schemas around, null for none
    static ValueFacts of(JsonNode schema, String pointer, SchemaReferences references, @Nullable ValueFacts around) {
        ValueFacts facts = new ValueFacts();
        if (around != null) {
            facts.format = around.format;
            facts.divisor = around.divisor;
            facts.min = around.min;
            facts.max = around.max;
        }
        facts.add(schema, pointer, references, Collections.newSetFromMap(new IdentityHashMap<>()));
        return facts;
    }

    private void add(JsonNode schema, String pointer, SchemaReferences references, Set<JsonNode> seen) {
        if (!schema.isObject() || !seen.add(schema)) {
            return;
        }
        if (schema.path("format").isTextual()) {
            format = schema.get("format").textValue();
        }
        BigDecimal multiple = number(schema.path("multipleOf"));
        if (multiple != null && multiple.signum() > 0 && (divisor == null || scale(multiple) < scale(divisor))) {
            divisor = multiple;
        }
        for (String keyword : new String[] {"minimum", "exclusiveMinimum"}) {
            BigDecimal bound = number(schema.path(keyword));
            min = bound == null || min != null && min.compareTo(bound) >= 0 ? min : bound;
        }
        for (String keyword : new String[] {"maximum", "exclusiveMaximum"}) {
            BigDecimal bound = number(schema.path(keyword));
            max = bound == null || max != null && max.compareTo(bound) <= 0 ? max : bound;
        }
        if (schema.path("$ref").isTextual()) {
            SchemaReferences.Target target =
                    references.resolve(schema.get("$ref").textValue(), pointer);
            if (target != null) {
                add(target.schema(), target.pointer(), references, seen);
            }
        }
        JsonNode all = schema.path("allOf");
        for (int i = 0; i < all.size(); i++) {
            add(all.get(i), pointer + "/allOf/" + i, references, seen);
        }
    }

    private static @Nullable BigDecimal number(JsonNode node) {
        if (!node.isNumber()) {
            return null;
        }
        BigDecimal value = node.decimalValue();
        boolean sane =
                Math.abs((long) value.precision() - value.scale()) <= MAX_EXPONENT && value.precision() <= MAX_EXPONENT;
        return sane ? value : null;
    }

    private static int scale(BigDecimal value) {
        return Math.max(0, value.stripTrailingZeros().scale());
    }

    @Nullable
    String format() {
        return format;
    }

    AnswerType string() {
        return switch (format) {
            case "date" -> Scalar.DATE;
            case "date-time" -> Scalar.TIMESTAMP;
            case null, default -> Scalar.TEXT;
        };
    }

    /// The 64-bit integer that users expect, unless the schema itself asks for greater ones.
    AnswerType integer() {
        boolean beyond = min != null && (min.compareTo(LONG_MIN) < 0 || min.compareTo(LONG_MAX) > 0)
                || max != null && (max.compareTo(LONG_MAX) > 0 || max.compareTo(LONG_MIN) < 0);
        return beyond ? decimal(0) : Scalar.LONG;
    }

    AnswerType number() {
        if (divisor == null) {
            return Scalar.DOUBLE;
        }
        int scale = scale(divisor);
        return scale == 0 ? integer() : decimal(scale);
    }

    private AnswerType decimal(int scale) {
        if (min == null || max == null) {
            return scale > Decimal.MAX_PRECISION - MIN_WHOLE_DIGITS
                    ? Scalar.DOUBLE
                    : new Decimal(Decimal.MAX_PRECISION, scale);
        }
        BigInteger most = min.abs().max(max.abs()).toBigInteger();
        int whole = most.signum() == 0 ? 0 : most.toString().length();
        return whole + scale > Decimal.MAX_PRECISION
                ? Scalar.DOUBLE
                : new Decimal(Math.max(MIN_PRECISION, whole + scale), scale);
    }
}
