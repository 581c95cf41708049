package dev.lectern.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lectern.engine.constraint.SchemaException.Kind;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Strings that are verbatim spans of the context.
class QuoteTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ByteVocabulary TOKENS = new ByteVocabulary();
    private static final ConstraintVocabulary VOCABULARY = ConstraintVocabulary.of(TOKENS);
    private static final List<String> TEXTS = List.of(
            "The name \"Acme\" is a name.\nThe \\ path of a long word that stays in a string, abc",
            "",
            "名前は Acme\u0001 und €5; abcabc naïve 🙂",
            "na");

    private static Constraint quoting(String schema) {
        return Constraint.compile(schema.replace('\'', '"'), VOCABULARY).quoting(QuoteSource.of(TEXTS));
    }

    private static boolean admits(Constraint constraint, String text) {
        Matcher matcher = constraint.matcher();
        return matcher.acceptBytes(text.getBytes(StandardCharsets.UTF_8)) && matcher.isComplete();
    }

    static Stream<Arguments> schemas() {
        return Stream.of(
                Arguments.of(
                        "{'type': 'string', 'x-quote': true}",
                        List.of(
                                "\"The\"",
                                "\"Th\"",
                                "\"The name \\\"Acme\\\" is\"",
                                "\"The \\\\ path\"",
                                "\"name.\\nThe\"",
                                "\"前は\"",
                                "\"Acme\\u0001 und €5\"",
                                "\"naïve 🙂\""),
                        List.of(
                                "\"\"",
                                "\"the\"",
                                "\"he\"",
                                "\"The name  \"",
                                "\"The name \\\"",
                                "\"\\u0054he\"",
                                "\"abcna\"",
                                "\"stays in a string, abc\\u0000\"",
                                "null")),
                Arguments.of(
                        "{'type': ['string', 'null'], 'x-quote': true, 'minLength': 4, 'maxLength': 6}",
                        List.of("null", "\"name\"", "\"name \\\"\"", "\"naïv\"", "\"abca\""),
                        List.of("\"nam\"", "\"name \\\"A\"", "\"na\"", "\"abc\"")),
                Arguments.of(
                        "{'type': 'array', 'items': {'$ref': '#/$defs/q'}, 'minItems': 1,"
                                + " '$defs': {'q': {'allOf': [{'type': 'string', 'x-quote': true}, {'maxLength': 9}]}}}",
                        List.of("[\"The name\", \"name\"]", "[\"The\"]"),
                        List.of("[]", "[\"The name \\\"Acme\"]", "[\"The\", \"xyz\"]")),
                Arguments.of(
                        "{'type': 'object', 'properties': {'claim': {'type': 'string'}, 'proof': {'anyOf':"
                                + " [{'type': 'string', 'x-quote': true}, {'const': 'none'}, {'type': 'integer'}]}},"
                                + " 'required': ['claim', 'proof'], 'additionalProperties': false}",
                        List.of(
                                "{\"claim\": \"xyz\", \"proof\": \"Acme\"}",
                                "{\"claim\": \"\", \"proof\": \"none\"}",
                                "{\"claim\": \"\", \"proof\": 3}"),
                        List.of(
                                "{\"claim\": \"xyz\", \"proof\": \"xyz\"}",
                                "{\"claim\": \"xyz\", \"proof\": \"non\"}")),
                Arguments.of(
                        "{'x-quote': true, 'minLength': 20}",
                        List.of("\"path of a long word that\"", "12", "[\"anything\"]"),
                        List.of("\"abcabc naïve\"", "\"long word that\"")));
    }

    @ParameterizedTest
    @MethodSource("schemas")
    void admitsSpansOfTheContextAlone(String schema, List<String> valid, List<String> invalid) {
        Constraint constraint = quoting(schema);
        for (String text : valid) {
            assertThat(admits(constraint, text)).as("%s by %s", text, schema).isTrue();
        }
        for (String text : invalid) {
            assertThat(admits(constraint, text)).as("%s by %s", text, schema).isFalse();
        }
    }

    /// Along random answers, every token's bit says what the automaton takes, and nothing gets stuck.
    @ParameterizedTest
    @MethodSource("schemas")
    void masksAreWhatTheAutomatonTakes(String schema, List<String> valid, List<String> invalid) {
        Constraint constraint = quoting(schema);
        Random random = new Random(5);
        TokenMask mask = new TokenMask(VOCABULARY.size());
        for (int answer = 0; answer < 12; answer++) {
            Matcher matcher = constraint.matcher();
            for (int step = 0; step < 30; step++) {
                matcher.mask(mask);
                for (int token = 0; token < VOCABULARY.size(); token++) {
                    assertThat(mask.allows(token))
                            .as("token '%s' by %s", TOKENS.piece(token), schema)
                            .isEqualTo(matcher.copy().accept(token));
                }
                assertThat(mask.count() > 0 || matcher.isComplete()).isTrue();
                Matcher ended = matcher.copy();
                for (int token : matcher.closing()) {
                    assertThat(ended.accept(token)).isTrue();
                }
                assertThat(ended.isComplete()).isTrue();
                assertThat(matcher.closesWithin(matcher.closing().length)).isTrue();
                if (mask.count() == 0) {
                    break;
                }
                assertThat(matcher.accept(drawn(mask, random))).isTrue();
            }
        }
    }

    private static int drawn(TokenMask mask, Random random) {
        int skip = random.nextInt(mask.count());
        int token = mask.next(0);
        for (int i = 0; i < skip; i++) {
            token = mask.next(token + 1);
        }
        return token;
    }

    @Test
    void whateverIsBabbledTheQuotesAreVerbatimAndFound() throws Exception {
        String schema = "{'type': 'array', 'items': {'type': 'string', 'x-quote': true}, 'minItems': 1}";
        QuoteSource source = QuoteSource.of(TEXTS);
        Constraint constraint = quoting(schema);
        Random random = new Random(9);
        TokenMask mask = new TokenMask(VOCABULARY.size());
        int quotes = 0;
        for (int answer = 0; answer < 60; answer++) {
            Matcher matcher = constraint.matcher();
            StringBuilder text = new StringBuilder();
            for (int step = 0; step < 400 && !matcher.isComplete(); step++) {
                matcher.mask(mask);
                int token = drawn(mask, random);
                assertThat(matcher.accept(token)).isTrue();
                text.append(new String(VOCABULARY.spelling(token), StandardCharsets.ISO_8859_1));
            }
            if (!matcher.isComplete()) {
                continue;
            }
            byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
            for (JsonNode quote : JSON.readTree(bytes)) {
                QuoteSource.Place place = Objects.requireNonNull(source.find(quote.textValue()));
                assertThat(TEXTS.get(place.text()).substring(place.start(), place.end()))
                        .isEqualTo(quote.textValue());
                quotes++;
            }
        }
        assertThat(quotes).isGreaterThan(50);
    }

    @Test
    void needsAContext() {
        Constraint constraint = Constraint.compile("{\"items\": {\"x-quote\": true}}", VOCABULARY);
        assertThat(constraint.quotes()).isTrue();
        assertThatThrownBy(constraint::matcher)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("quoting");
        Constraint plain = Constraint.compile("{\"items\": {\"x-quote\": false, \"x-cite\": true}}", VOCABULARY);
        assertThat(plain.quotes()).isFalse();
        assertThat(plain.quoting(QuoteSource.of("a"))).isSameAs(plain);
    }

    @Test
    void doesWithoutQuotesWhereNoneIsLongEnough() {
        Constraint constraint = Constraint.compile(
                "{\"anyOf\": [{\"type\": \"string\", \"x-quote\": true, \"minLength\": 5}, {\"type\": \"null\"}]}",
                VOCABULARY);
        assertThat(admits(constraint.quoting(QuoteSource.of("abcd")), "null")).isTrue();
        assertThat(constraint
                        .quoting(QuoteSource.of("abcd"))
                        .matcher()
                        .acceptBytes("\"".getBytes(StandardCharsets.UTF_8)))
                .isFalse();
        assertThat(admits(constraint.quoting(QuoteSource.of("abcde")), "\"abcde\""))
                .isTrue();
        Constraint needed =
                Constraint.compile("{\"type\": \"string\", \"x-quote\": true, \"minLength\": 5}", VOCABULARY);
        assertThatThrownBy(() -> needed.quoting(QuoteSource.of("abcd")))
                .isInstanceOfSatisfying(
                        SchemaException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(Kind.UNSATISFIABLE));
    }

    @Test
    void quotesNothingOfNothing() {
        Constraint constraint = Constraint.compile("{\"type\": \"string\", \"x-quote\": true}", VOCABULARY);
        QuoteSource nothing = QuoteSource.of(List.of("", " \n"));
        assertThat(nothing.isEmpty()).isTrue();
        assertThat(admits(constraint.quoting(nothing), "\"\"")).isTrue();
        assertThat(admits(constraint.quoting(nothing), "\" \"")).isFalse();
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refusesByPointer(String schema, Kind kind, String pointer) {
        assertThatThrownBy(() -> Constraint.compile(schema.replace('\'', '"'), VOCABULARY))
                .isInstanceOfSatisfying(SchemaException.class, refused -> {
                    assertThat(refused.kind()).isEqualTo(kind);
                    assertThat(refused.pointer()).isEqualTo(pointer);
                });
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                Arguments.of("{'items': {'type': 'string', 'x-quote': 'yes'}}", Kind.INVALID, "/items"),
                Arguments.of("{'properties': {'a': {'x-cite': 1}}}", Kind.INVALID, "/properties/a"),
                Arguments.of("{'type': 'array', 'x-quote': true}", Kind.INVALID, ""),
                Arguments.of("{'items': {'x-quote': true, 'pattern': 'a'}}", Kind.UNSUPPORTED, "/items"),
                Arguments.of("{'items': {'x-quote': true, 'format': 'date'}}", Kind.UNSUPPORTED, "/items"),
                Arguments.of("{'items': {'x-quote': true, 'enum': ['a', 'b']}}", Kind.UNSUPPORTED, "/items"),
                Arguments.of(
                        "{'allOf': [{'type': 'string', 'x-quote': true}, {'const': 'a'}]}",
                        Kind.UNSUPPORTED,
                        "/allOf/0"),
                Arguments.of(
                        "{'type': 'object', 'propertyNames': {'x-quote': true}}", Kind.UNSUPPORTED, "/propertyNames"));
    }
}
