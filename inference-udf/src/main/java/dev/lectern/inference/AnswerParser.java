package dev.lectern.inference;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import dev.lectern.engine.FinishReason;
import dev.lectern.inference.AnswerType.Decimal;
import dev.lectern.inference.AnswerType.Entries;
import dev.lectern.inference.AnswerType.Field;
import dev.lectern.inference.AnswerType.Items;
import dev.lectern.inference.AnswerType.Scalar;
import dev.lectern.inference.AnswerType.Struct;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Reads a model's answer: text to JSON, checked against the task's schema and against the columns. Thread-safe.
///
/// Strict on purpose: duplicate names, anything after the value, NaN, unpaired surrogates and numbers that a column
/// cannot hold exactly are errors, never repaired. A double holds the numbers whose shortest decimal form it prints.
public final class AnswerParser {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            // Keeps 93400.00 as it was written.
            .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
            .build();
    private static final int SHOWN_VIOLATIONS = 3;
    /// Beyond these no double exists; checked first, since arithmetic on 1e999999999 would exhaust the memory.
    private static final int MAX_EXPONENT = 400;

    private static final int MAX_DIGITS = 800;

    private final AnswerSchema schema;

    public AnswerParser(AnswerSchema schema) {
        this.schema = schema;
    }

    /// As [#parse(String,FinishReason,boolean)] of an answer that was not held to its schema.
    public Answer parse(String text, FinishReason finish) {
        return parse(text, finish, false);
    }

    /// @param text   the answer without its stop token
    /// @param finish why the model stopped writing
    /// @param held   whether the answer was held to the schema while it was written: one that came to its end is
    ///               valid then, and a disagreement if it is not
    public Answer parse(String text, FinishReason finish, boolean held) {
        return switch (finish) {
            case LENGTH ->
                new Answer.Incomplete(
                        finish.name(), "the answer was cut off at the task's maxTokens; raise it to get the rest");
            case CONTEXT_FULL ->
                new Answer.Incomplete(
                        finish.name(), "the answer was cut off at the model's context length; make contexts shorter");
            case DEAD_END ->
                new Answer.Incomplete(
                        finish.name(),
                        "no token of the model continues the answer to one that the schema admits; relax the schema");
            case STOP -> parse(text, held);
        };
    }

    private Answer parse(String text, boolean held) {
        if (text.isBlank()) {
            return refused(Answer.Code.NOT_JSON, "the answer is empty", held);
        }
        JsonNode tree;
        try (JsonParser parser = JSON.createParser(text)) {
            try {
                tree = JSON.readTree(parser);
            } catch (MismatchedInputException e) {
                String pointer = parser.getParsingContext().pathAsPointer().toString();
                return refused(
                        Answer.Code.SCHEMA_MISMATCH, pointer(pointer) + ": the name stands twice in its object", held);
            }
            if (parser.nextToken() != null) {
                return refused(
                        Answer.Code.NOT_JSON,
                        "the answer goes on after its JSON value"
                                + position(parser.currentTokenLocation().getCharOffset()),
                        held);
            }
        } catch (JsonProcessingException e) {
            return refused(
                    Answer.Code.NOT_JSON,
                    e.getOriginalMessage()
                            + (e.getLocation() == null
                                    ? ""
                                    : position(e.getLocation().getCharOffset())),
                    held);
        } catch (IOException e) {
            throw new UncheckedIOException("reading a string from memory failed", e);
        }
        @Nullable Answer unfit = unstorable(tree, "");
        if (unfit != null) {
            return unfit;
        }
        List<Error> violations;
        try {
            violations = schema.violations(tree);
        } catch (StackOverflowError e) {
            return refused(Answer.Code.SCHEMA_MISMATCH, "/: here the schema refers to itself without end", held);
        }
        if (!violations.isEmpty()) {
            return refused(Answer.Code.SCHEMA_MISMATCH, describe(violations), held);
        }
        unfit = misfit(tree, schema.type(), "");
        return unfit != null ? unfit : new Answer.Valid((ObjectNode) tree);
    }

    private static Answer refused(Answer.Code code, String message, boolean held) {
        return held
                ? new Answer.Invalid(
                        Answer.Code.DISAGREEMENT, "written under the schema, refused by the validator: " + message)
                : new Answer.Invalid(code, message);
    }

    private static String position(long charOffset) {
        return charOffset < 0 ? "" : " (character " + charOffset + ")";
    }

    private static String describe(List<Error> violations) {
        String shown = violations.stream()
                .limit(SHOWN_VIOLATIONS)
                .map(error -> pointer(error.getInstanceLocation().toString()) + ": " + error.getMessage())
                .collect(Collectors.joining("; "));
        int more = violations.size() - SHOWN_VIOLATIONS;
        return more > 0 ? shown + "; and " + more + " more" : shown;
    }

    private static String pointer(String pointer) {
        return pointer.isEmpty() ? "/" : pointer;
    }

    private static Answer mismatch(String pointer, String problem) {
        return new Answer.Invalid(Answer.Code.SCHEMA_MISMATCH, pointer(pointer) + ": " + problem);
    }

    /// What no table can hold, whatever the schema says.
    private static @Nullable Answer unstorable(JsonNode node, String pointer) {
        if (node.isTextual() && !wellFormed(node.textValue())) {
            return mismatch(pointer, "holds half of a surrogate pair, which is no character");
        }
        if (node.isNumber()) {
            BigDecimal value = node.decimalValue();
            long exponent = (long) value.precision() - value.scale();
            if (Math.abs(exponent) > MAX_EXPONENT || value.precision() > MAX_DIGITS) {
                return mismatch(pointer, "the number has no double or long");
            }
        }
        for (Map.Entry<String, JsonNode> member : node.properties()) {
            String at = pointer + "/" + AnswerTypeMapper.escape(member.getKey());
            if (!wellFormed(member.getKey())) {
                return mismatch(pointer, "a name holds half of a surrogate pair, which is no character");
            }
            Answer unfit = unstorable(member.getValue(), at);
            if (unfit != null) {
                return unfit;
            }
        }
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            Answer unfit = unstorable(node.get(i), pointer + "/" + i);
            if (unfit != null) {
                return unfit;
            }
        }
        return null;
    }

    private static boolean wellFormed(String text) {
        return text.codePoints().noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    /// What the columns cannot hold without loss.
    private static @Nullable Answer misfit(JsonNode node, AnswerType type, String pointer) {
        if (node.isNull() && !pointer.isEmpty()) {
            return null;
        }
        return switch (type) {
            case Scalar scalar -> fits(node, scalar) ? null : misfit(node, pointer, scalar.toString());
            case Decimal decimal -> fits(node, decimal) ? null : misfit(node, pointer, decimal.toString());
            case Items items -> {
                if (!node.isArray()) {
                    yield mismatch(pointer, node.getNodeType() + " found, its column holds an array");
                }
                for (int i = 0; i < node.size(); i++) {
                    Answer unfit = misfit(node.get(i), items.element(), pointer + "/" + i);
                    if (unfit != null) {
                        yield unfit;
                    }
                }
                yield null;
            }
            case Entries entries -> {
                if (!node.isObject()) {
                    yield mismatch(pointer, node.getNodeType() + " found, its column holds an object");
                }
                for (Map.Entry<String, JsonNode> member : node.properties()) {
                    String at = pointer + "/" + AnswerTypeMapper.escape(member.getKey());
                    Answer unfit = misfit(member.getValue(), entries.value(), at);
                    if (unfit != null) {
                        yield unfit;
                    }
                }
                yield null;
            }
            case Struct struct -> {
                if (!node.isObject()) {
                    yield mismatch(pointer, node.getNodeType() + " found, its column holds an object");
                }
                for (Field field : struct.fields()) {
                    JsonNode value = node.get(field.name());
                    Answer unfit = value == null
                            ? null
                            : misfit(value, field.type(), pointer + "/" + AnswerTypeMapper.escape(field.name()));
                    if (unfit != null) {
                        yield unfit;
                    }
                }
                yield null;
            }
        };
    }

    private static boolean fits(JsonNode node, Scalar type) {
        return switch (type) {
            case JSON -> true;
            case TEXT -> node.isTextual();
            case BOOLEAN -> node.isBoolean();
            case LONG -> node.isNumber() && fitsLong(node.decimalValue());
            case DOUBLE -> node.isNumber() && fitsDouble(node.decimalValue());
            case DATE -> node.isTextual() && AnswerTimes.isDay(node.textValue());
            case TIMESTAMP -> node.isTextual() && AnswerTimes.isInstant(node.textValue());
        };
    }

    private static boolean fits(JsonNode node, Decimal type) {
        if (!node.isNumber()) {
            return false;
        }
        BigDecimal value = node.decimalValue().stripTrailingZeros();
        return value.scale() <= type.scale() && value.precision() - value.scale() <= type.wholeDigits();
    }

    private static Answer misfit(JsonNode node, String pointer, String type) {
        String found = node.isNumber()
                ? "number " + node.asText()
                : node.isTextual()
                        ? "string '" + node.textValue() + "'"
                        : node.getNodeType().toString();
        return mismatch(pointer, found + " does not fit its column of type " + type + " without loss");
    }

    private static boolean fitsLong(BigDecimal value) {
        BigDecimal stripped = value.stripTrailingZeros();
        return stripped.scale() <= 0
                && stripped.precision() - stripped.scale() <= 19
                && stripped.toBigInteger().bitLength() < Long.SIZE;
    }

    private static boolean fitsDouble(BigDecimal value) {
        double nearest = value.doubleValue();
        return Double.isFinite(nearest) && new BigDecimal(Double.toString(nearest)).compareTo(value) == 0;
    }
}
