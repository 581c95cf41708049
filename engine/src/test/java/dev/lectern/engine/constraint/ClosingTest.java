package dev.lectern.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Every answer can be made whole from wherever it is, within the tokens that were promised.
class ClosingTest {
    private static final ByteVocabulary TOKENS = new ByteVocabulary();
    private static final ConstraintVocabulary VOCABULARY = ConstraintVocabulary.of(TOKENS);

    static List<String> schemas() {
        return java.util.stream.Stream.concat(
                        ConstraintTest.keywords().map(Arguments::get).map(arguments -> (String) arguments[0]),
                        java.util.stream.Stream.of(
                                "{'type': 'object', 'minProperties': 3}",
                                "{'type': 'object', 'minProperties': 3, 'properties': {'a': {}, 'ab': {}, '': {}}}",
                                "{'type': 'object', 'minProperties': 4, 'additionalProperties': false,"
                                        + " 'patternProperties': {'^x+$': {'type': 'integer'}}}",
                                "{'type': 'object', 'additionalProperties': false,"
                                        + " 'patternProperties': {'^[ab]$': {'type': 'integer'}}}",
                                "{'type': 'object', 'minProperties': 2, 'additionalProperties': false,"
                                        + " 'patternProperties': {'^(na|name|ab+)$': {}}}",
                                "{'type': 'object', 'additionalProperties': {'type': 'null'},"
                                        + " 'propertyNames': {'maxLength': 1}}",
                                "{'type': 'object', 'maxProperties': 2, 'allOf': ["
                                        + "{'not': {'propertyNames': {'enum': ['na', 'c']}}},"
                                        + "{'not': {'propertyNames': {'enum': ['ab', 'c']}}},"
                                        + "{'not': {'additionalProperties': {'type': 'string'}}}]}",
                                "{'type': 'string', 'minLength': 300}",
                                "{'type': 'string', 'pattern': '^[a-z]+$', 'minLength': 300, 'maxLength': 302}",
                                "{'type': 'string', 'pattern': '^(ab|c)*$', 'minLength': 40}",
                                "{'type': 'string', 'format': 'date-time'}",
                                "{'type': 'string', 'format': 'uuid'}",
                                "{'type': 'array', 'items': {'enum': ['alpha', 'be']}, 'minItems': 30}",
                                "{'type': 'array', 'minItems': 2, 'contains': {'const': 'x'}, 'minContains': 3,"
                                        + " 'items': {'type': 'string'}}",
                                "{'type': 'array', 'maxItems': 2, 'allOf': [{'contains': {'const': 1}},"
                                        + " {'contains': {'enum': [1, 2]}, 'minContains': 2, 'maxContains': 2},"
                                        + " {'contains': {'type': 'null'}, 'minContains': 0, 'maxContains': 1}]}",
                                "{'enum': ['é', '€uro', {'ä': [1, 'ö']}]}",
                                "{'type': 'number', 'minimum': 0.001, 'maximum': 0.002}",
                                "{'$ref': '#/$defs/n', '$defs': {'n': {'anyOf': [{'type': 'object', 'required': ['l', 'r'],"
                                        + " 'properties': {'l': {'$ref': '#/$defs/n'}, 'r': {'$ref': '#/$defs/n'}}},"
                                        + " {'type': 'array', 'minItems': 3, 'items': {'$ref': '#/$defs/m'}}]},"
                                        + " 'm': {'type': 'object', 'required': ['k'], 'properties': {'k':"
                                        + " {'type': ['object', 'string'], 'minProperties': 1, 'minLength': 3}}}}}"))
                .map(schema -> schema.replace('\'', '"'))
                .toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("schemas")
    void closesFromEverywhere(String schema) {
        for (PropertyOrder order : PropertyOrder.values()) {
            Constraint constraint = Constraint.compile(schema, VOCABULARY, order, CompileLimits.DEFAULT);
            assertThat(constraint.shortestTokens()).isLessThan(400);
            Random random = new Random(5);
            TokenMask mask = new TokenMask(VOCABULARY.size());
            for (int answer = 0; answer < 6; answer++) {
                Matcher matcher = constraint.matcher();
                StringBuilder text = new StringBuilder();
                for (int step = 0; step < 40; step++) {
                    checkClosing(matcher, schema, text.toString());
                    matcher.mask(mask);
                    for (int token = 0; token < VOCABULARY.size(); token++) {
                        assertThat(mask.allows(token))
                                .as("token '%s' after '%s' by %s", TOKENS.piece(token), text, schema)
                                .isEqualTo(matcher.copy().accept(token));
                    }
                    if (mask.count() == 0) {
                        assertThat(matcher.isComplete()).isTrue();
                        break;
                    }
                    int token = drawn(mask, random);
                    text.append(TOKENS.piece(token));
                    assertThat(matcher.accept(token)).isTrue();
                }
            }
        }
    }

    private static void checkClosing(Matcher matcher, String schema, String text) {
        int[] closing = matcher.closing();
        Matcher copy = matcher.copy();
        for (int token : closing) {
            assertThat(copy.accept(token))
                    .as(
                            "token '%s' of '%s' after '%s' by %s",
                            TOKENS.piece(token), TOKENS.decode(closing), text, schema)
                    .isTrue();
        }
        assertThat(copy.isComplete())
                .as("'%s' after '%s' by %s", TOKENS.decode(closing), text, schema)
                .isTrue();
        assertThat(matcher.closesWithin(closing.length)).isTrue();
        assertThat(closing.length > 0 && matcher.closesWithin(closing.length - 1))
                .isFalse();
        assertThat(closing.length == 0).isEqualTo(matcher.isComplete());
    }

    private static int drawn(TokenMask mask, Random random) {
        for (int structure : random.nextBoolean() ? "\":,1}a".getBytes(StandardCharsets.UTF_8) : new byte[0]) {
            if (mask.allows(structure)) {
                return structure;
            }
        }
        int skip = random.nextInt(mask.count());
        int token = mask.next(0);
        for (int i = 0; i < skip; i++) {
            token = mask.next(token + 1);
        }
        return token;
    }

    @Test
    void writesDownWhatIsMissing() {
        String schema = "{\"type\": \"object\", \"required\": [\"name\", \"when\", \"tags\"], \"properties\": {"
                + "\"name\": {\"type\": \"string\"}, \"note\": {\"type\": \"string\"},"
                + "\"when\": {\"type\": [\"string\", \"null\"], \"format\": \"date\"},"
                + "\"tags\": {\"type\": \"array\", \"items\": {\"type\": \"integer\"}, \"minItems\": 2}}}";
        Constraint constraint = Constraint.compile(schema, VOCABULARY);
        assertThat(closed(constraint, "")).isEqualTo("{\"name\":\"\",\"when\":null,\"tags\":[0,0]}");
        assertThat(closed(constraint, "{\"name\": \"Jo")).isEqualTo("{\"name\": \"Jo\",\"when\":null,\"tags\":[0,0]}");
        assertThat(closed(constraint, "{\"name\": \"Jo\", \"n"))
                .isEqualTo("{\"name\": \"Jo\", \"note\":\"\",\"when\":null,\"tags\":[0,0]}");
        assertThat(closed(constraint, "{\"name\": \"\", \"when\": \"2")).startsWith("{\"name\": \"\", \"when\": \"2");
        assertThat(closed(constraint, "{\"name\": \"\", \"when\": null, \"tags\": [7"))
                .isEqualTo("{\"name\": \"\", \"when\": null, \"tags\": [7,0]}");
        assertThat(closed(constraint, "{\"name\": \"\", \"when\": null, \"tags\": [7, 8]}"))
                .endsWith("8]}");
    }

    @Test
    void givesNoNameTwice() {
        String schema = "{\"type\": \"object\", \"minProperties\": 4, \"maxProperties\": 4}";
        Constraint constraint = Constraint.compile(schema, VOCABULARY);
        assertThat(closed(constraint, "{\"\": 1")).isEqualTo("{\"\": 1,\"2\":null,\"0\":null,\"1\":null}");
        assertThat(closed(constraint, "{\"ab\": 1, \"a\": 2, \"a")).startsWith("{\"ab\": 1, \"a\": 2, \"a2\":");
        assertThat(closed(constraint, "{\"ab\": {\"x\": [")).startsWith("{\"ab\": {\"x\": []},\"\":null,");
    }

    private static String closed(Constraint constraint, String begun) {
        Matcher matcher = constraint.matcher();
        assertThat(matcher.acceptBytes(begun.getBytes(StandardCharsets.UTF_8))).isTrue();
        return begun + TOKENS.decode(matcher.closing());
    }

    @Test
    void closesLongStringsWithoutASearch() {
        Constraint constraint = Constraint.compile("{\"type\": \"string\", \"minLength\": 100000}", VOCABULARY);
        assertThat(constraint.shortestTokens()).isBetween(10_000, 100_002);
        Matcher matcher = constraint.matcher();
        assertThat(matcher.acceptBytes("\"abc".getBytes(StandardCharsets.UTF_8)))
                .isTrue();
        assertThat(matcher.closesWithin(10_000)).isFalse();
        assertThat(matcher.closesWithin(99_998)).isTrue();
    }
}
