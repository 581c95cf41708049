package dev.lectern.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// No list gets an item twice, by the equality of JSON, and none gets stuck because the values have run out.
class UniqueItemsTest {
    private static final ByteVocabulary TOKENS = new ByteVocabulary();
    private static final ConstraintVocabulary VOCABULARY = ConstraintVocabulary.of(TOKENS);

    private static Arguments of(String items, List<String> valid, List<String> invalid) {
        String schema = "{'type': 'array', 'uniqueItems': true, " + items + "}";
        return Arguments.of(schema.replace('\'', '"'), quoted(valid), quoted(invalid));
    }

    private static List<String> quoted(List<String> texts) {
        return texts.stream().map(text -> text.replace('\'', '"')).toList();
    }

    /// Single quotes stand for double ones.
    static Stream<Arguments> lists() {
        return Stream.of(
                of(
                        "'items': {'type': 'string'}",
                        List.of("[]", "['a']", "['a', 'b', 'ab', '']", "['\\u0061b', 'a']"),
                        List.of("['a', 'a']", "['a', 'b', 'a']", "['', '']", "['a', '\\u0061']", "['é', '\\u00e9']")),
                of(
                        "'items': {'enum': ['a', 'ab', 'b']}",
                        List.of("['ab', 'a', 'b']"),
                        List.of("['a', 'a']", "['a', 'ab', 'b', 'a']", "['ab', 'ab']")),
                of(
                        "'items': {'enum': ['a', 1, null, true, 1.5, [1], {'b': 2}]}",
                        List.of("[1, 'a', null, [1], {'b': 2}, true, 1.5]"),
                        List.of("[1, 1]", "[null, null]", "[[1], [1]]", "[{'b': 2}, {'b': 2}]", "[1.5, 1.50]")),
                of(
                        "'items': {'type': 'number'}",
                        List.of("[1, 10, 100, 1.5, -1, 0]", "[1, 11]"),
                        List.of("[1, 1]", "[1, 1.0]", "[0, -0]", "[10, 1e1]", "[1.5, 0.15e1]", "[100, 2, 1E+2]")),
                of("'items': {'type': 'integer', 'minimum': 1, 'maximum': 3}", List.of("[3, 1, 2]"), List.of("[3, 3]")),
                of(
                        "'items': {'type': 'object'}",
                        List.of("[{}, {'a': 1}, {'a': 2}, {'a': 1, 'b': 1}, {'b': 1}]"),
                        List.of("[{}, {}]", "[{'a': 1, 'b': 2}, {'b': 2, 'a': 1}]", "[{'a': [{}]}, {'a': [{}]}]")),
                of(
                        "'items': {'type': 'object', 'properties': {'k': {'type': 'string'}, 'v': {'enum': [1, 2]}},"
                                + " 'required': ['k', 'v'], 'additionalProperties': false}",
                        List.of("[{'k': 'a', 'v': 1}, {'k': 'a', 'v': 2}, {'k': 'b', 'v': 1}]"),
                        List.of(
                                "[{'k': 'a', 'v': 1}, {'k': 'a', 'v': 1}]",
                                "[{'k': 'a', 'v': 1}, {'v': 1, 'k': 'a'}]")),
                of(
                        "'items': {'type': 'object', 'properties': {'a': {'type': 'boolean'}, 'b': {'type': 'boolean'}},"
                                + " 'additionalProperties': false}",
                        List.of("[{}, {'a': true}, {'b': true}, {'a': true, 'b': true}]"),
                        List.of("[{'a': true}, {'a': true}]")),
                of(
                        "'items': {'type': 'object', 'patternProperties': {'^x': {'const': 1}},"
                                + " 'additionalProperties': false, 'minProperties': 1}",
                        List.of("[{'x1': 1}]"),
                        List.of("[{'x1': 1}, {'x1': 1}]")),
                of(
                        "'items': {'type': 'array', 'items': {'type': 'boolean'}, 'maxItems': 2}",
                        List.of("[[], [true], [true, false], [false, true]]"),
                        List.of("[[], []]", "[[true, false], [true, false]]")),
                of(
                        "'items': {'type': 'array', 'uniqueItems': true, 'items': {'enum': [1, 2]}, 'minItems': 1}",
                        List.of("[[1], [2], [1, 2], [2, 1]]"),
                        List.of("[[1], [1]]", "[[1, 1]]", "[[1, 2], [1, 2]]")),
                of(
                        "'items': {'type': ['string', 'null']}, 'minItems': 2, 'maxItems': 3",
                        List.of("['null', null]"),
                        List.of("[null, null]", "['a']")),
                of(
                        "'contains': {'const': 1}, 'items': {'type': 'integer'}",
                        List.of("[2, 1]", "[1]"),
                        List.of("[2, 3]", "[1, 1]")),
                of(
                        "'prefixItems': [{'type': 'integer'}, {'const': 1}], 'items': {'type': 'string'}",
                        List.of("[2, 1, 'a']", "[1]"),
                        List.of("[1, 1]", "[2, 1, 'a', 'a']")),
                of(
                        "'items': {'type': 'string', 'minLength': 1, 'maxLength': 2}",
                        List.of("['ab', 'a', 'b']"),
                        List.of("['ab', 'ab']", "['a', 'a']")),
                of(
                        "'items': {'type': 'string', 'pattern': '^(a|b.*)$'}",
                        List.of("['a', 'b', 'bb']"),
                        List.of("['a', 'a']")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lists")
    void admitsExactlyWhatIsValid(String schema, List<String> valid, List<String> invalid) {
        Constraint constraint = Constraint.compile(schema, VOCABULARY, PropertyOrder.ANY, CompileLimits.DEFAULT);
        for (String text : valid) {
            assertThat(admits(constraint, text)).as("%s by %s", text, schema).isTrue();
        }
        for (String text : invalid) {
            assertThat(admits(constraint, text)).as("%s by %s", text, schema).isFalse();
        }
    }

    private static boolean admits(Constraint constraint, String text) {
        Matcher matcher = constraint.matcher();
        return matcher.acceptBytes(text.getBytes(StandardCharsets.UTF_8)) && matcher.isComplete();
    }

    /// Along random answers that favour short ones, every token's bit says what the automaton says of its
    /// bytes, there is always a way on, and what is complete has no item twice.
    @ParameterizedTest(name = "{0}")
    @MethodSource("lists")
    void masksLeadToDifferentItems(String schema, List<String> valid, List<String> invalid) throws Exception {
        Constraint constraint = Constraint.compile(schema, VOCABULARY, PropertyOrder.ANY, CompileLimits.DEFAULT);
        TokenMask mask = new TokenMask(VOCABULARY.size());
        ObjectMapper json = new ObjectMapper();
        for (int seed = 0; seed < 12; seed++) {
            Random random = new Random(seed);
            Matcher matcher = constraint.matcher();
            StringBuilder text = new StringBuilder();
            for (int step = 0; step < 40; step++) {
                matcher.mask(mask);
                for (int token = 0; token < VOCABULARY.size(); token++) {
                    assertThat(mask.allows(token))
                            .as("token '%s' after '%s' by %s", TOKENS.piece(token), text, schema)
                            .isEqualTo(matcher.copy().accept(token));
                }
                if (mask.count() == 0) {
                    assertThat(matcher.isComplete())
                            .as("stuck after '%s'", text)
                            .isTrue();
                    break;
                }
                if (matcher.isComplete()) {
                    JsonNode list = json.readTree(text.toString());
                    Set<JsonNode> items = new HashSet<>();
                    list.forEach(
                            item -> assertThat(items.add(item)).as("%s", text).isTrue());
                    break;
                }
                int token = drawn(mask, random);
                text.append(TOKENS.piece(token));
                assertThat(matcher.accept(token)).isTrue();
            }
        }
    }

    /// From everywhere in random answers the closing makes them whole.
    @ParameterizedTest(name = "{0}")
    @MethodSource("lists")
    void closesWithDifferentItems(String schema, List<String> valid, List<String> invalid) {
        Constraint constraint = Constraint.compile(schema, VOCABULARY, PropertyOrder.ANY, CompileLimits.DEFAULT);
        TokenMask mask = new TokenMask(VOCABULARY.size());
        for (int seed = 0; seed < 6; seed++) {
            Random random = new Random(seed);
            Matcher matcher = constraint.matcher();
            StringBuilder text = new StringBuilder();
            for (int step = 0; step < 40; step++) {
                int[] closing = matcher.closing();
                Matcher copy = matcher.copy();
                for (int token : closing) {
                    assertThat(copy.accept(token))
                            .as("'%s' after '%s'", TOKENS.decode(closing), text)
                            .isTrue();
                }
                assertThat(copy.isComplete())
                        .as("'%s' after '%s'", TOKENS.decode(closing), text)
                        .isTrue();
                assertThat(matcher.closesWithin(closing.length)).isTrue();
                matcher.mask(mask);
                if (mask.count() == 0) {
                    break;
                }
                int token = drawn(mask, random);
                text.append(TOKENS.piece(token));
                assertThat(matcher.accept(token)).isTrue();
            }
        }
    }

    @Test
    void quotesNothingTwice() {
        String schema =
                "{\"type\": \"array\", \"uniqueItems\": true, \"items\": {\"type\": \"string\", \"x-quote\": true}}";
        Constraint constraint =
                Constraint.compile(schema, VOCABULARY).quoting(QuoteSource.of(List.of("to be or not to be", "to do")));
        assertThat(admits(constraint, "[\"to be\", \"to\", \"not to\"]")).isTrue();
        assertThat(admits(constraint, "[\"to be\", \"to be\"]")).isFalse();
        assertThat(admits(constraint, "[\"to go\"]")).isFalse();
    }

    @Test
    void closesListsThatNeedManyItems() {
        String schema = "{\"type\": \"object\", \"required\": [\"t\"], \"properties\": {\"t\": {\"type\": \"array\","
                + " \"uniqueItems\": true, \"minItems\": 40, \"items\": {\"type\": \"string\"}}}}";
        Matcher matcher = Constraint.compile(schema, VOCABULARY).matcher();
        Matcher copy = matcher.copy();
        for (int token : matcher.closing()) {
            assertThat(copy.accept(token)).isTrue();
        }
        assertThat(copy.isComplete()).isTrue();
    }

    /// Prefers what brings lists on: the same few letters, digits, quotes and commas.
    private static int drawn(TokenMask mask, Random random) {
        String liked = "\"\",,ab120x{}:[]ktfn";
        for (int attempt = 0; attempt < 40; attempt++) {
            int token = liked.charAt(random.nextInt(liked.length()));
            if (mask.allows(token) && !(token == ']' && random.nextInt(4) > 0)) {
                return token;
            }
        }
        int token = mask.next(random.nextInt(VOCABULARY.size()));
        return token < 0 ? mask.next(0) : token;
    }

    @Test
    void anEnumOfThirtyDoesNotExplode() {
        StringBuilder schema = new StringBuilder(
                "{\"type\": \"array\", \"uniqueItems\": true, \"minItems\": 30, \"items\": {\"enum\": [");
        for (int i = 0; i < 30; i++) {
            schema.append(i == 0 ? "" : ", ").append("\"value ").append(i).append('"');
        }
        Constraint constraint = Constraint.compile(schema.append("]}}").toString(), VOCABULARY);
        for (int seed = 0; seed < 3; seed++) {
            Random random = new Random(seed);
            Matcher matcher = constraint.matcher();
            TokenMask mask = new TokenMask(VOCABULARY.size());
            int tokens = 0;
            for (matcher.mask(mask); mask.count() > 0 && tokens++ < 2_000; matcher.mask(mask)) {
                for (int blank : new int[] {' ', '\n', '\r', '\t'}) {
                    if (matcher.isComplete() || mask.count() > 1) {
                        mask.forbid(blank);
                    }
                }
                if (mask.count() == 0) {
                    break;
                }
                int skip = random.nextInt(mask.count());
                int token = mask.next(0);
                for (int i = 0; i < skip; i++) {
                    token = mask.next(token + 1);
                }
                assertThat(matcher.accept(token)).isTrue();
            }
            assertThat(matcher.isComplete()).isTrue();
        }
    }

    @Test
    void refusesListsThatNothingCanFill() {
        assertThatThrownBy(() -> Constraint.compile(
                        "{\"type\": \"array\", \"uniqueItems\": true, \"minItems\": 3, \"items\": {\"enum\": [1, 2]}}",
                        VOCABULARY))
                .isInstanceOf(SchemaException.class)
                .hasMessageContaining("no value satisfies");
    }
}
