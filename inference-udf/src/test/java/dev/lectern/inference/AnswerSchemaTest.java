package dev.lectern.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.inference.AnswerType.Field;
import dev.lectern.inference.AnswerType.Items;
import dev.lectern.inference.AnswerType.Scalar;
import dev.lectern.inference.AnswerType.Struct;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerSchemaTest {
    private static AnswerType typeOf(String property) {
        return parse("{\"type\":\"object\",\"properties\":{\"x\":" + property + "}}")
                .type()
                .fields()
                .getFirst()
                .type();
    }

    private static AnswerSchema parse(String json) {
        return AnswerSchema.parse("tasks/t.schema.json", json);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"type\":\"string\"} | TEXT",
                "{\"type\":\"integer\"} | LONG",
                "{\"type\":\"number\"} | DOUBLE",
                "{\"type\":\"boolean\"} | BOOLEAN",
                "{\"type\":[\"string\",\"null\"]} | TEXT",
                "{\"type\":[\"integer\",\"number\"]} | DOUBLE",
                "{\"type\":[\"integer\",\"string\"]} | JSON",
                "{\"type\":\"null\"} | JSON",
                "{\"enum\":[\"a\",\"b\",null]} | TEXT",
                "{\"enum\":[1,2.5]} | DOUBLE",
                "{\"const\":false} | BOOLEAN",
                "{} | JSON",
                "true | JSON",
                "{\"type\":\"object\"} | JSON",
                "{\"type\":\"array\"} | JSON",
                "{\"type\":\"array\",\"prefixItems\":[{\"type\":\"string\"}]} | JSON",
                "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]} | TEXT",
                "{\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"number\"}]} | DOUBLE",
                "{\"allOf\":[{\"type\":\"integer\"},{\"minimum\":3}]} | LONG",
                "{\"allOf\":[{\"type\":\"integer\"},{\"type\":\"number\"}]} | LONG",
                "{\"type\":\"object\",\"properties\":{\"id\":{},\"Id\":{}}} | JSON",
            })
    void mapsEachTypeToAColumn(String property, Scalar expected) {
        assertThat(typeOf(property)).isEqualTo(expected);
    }

    @Test
    void nestsObjectsAndArrays() {
        assertThat(typeOf("""
                        {"type":["array","null"],"items":{"type":"object","properties":{
                          "b":{"type":"boolean"},"a":{"type":"array","items":{"type":"number"}}}}}"""))
                .isEqualTo(new Items(
                        new Struct(List.of(new Field("b", Scalar.BOOLEAN), new Field("a", new Items(Scalar.DOUBLE))))));
    }

    @Test
    void unitesAlternativesOfObjects() {
        AnswerSchema schema = parse("""
                {"anyOf":[
                  {"type":"object","properties":{"amount":{"type":"integer"},"currency":{"type":"string"}},"required":["amount"]},
                  {"type":"object","properties":{"found":{"const":false},"amount":{"type":"number"}},"required":["found"]}]}""");
        assertThat(schema.type())
                .isEqualTo(new Struct(List.of(
                        new Field("amount", Scalar.DOUBLE),
                        new Field("currency", Scalar.TEXT),
                        new Field("found", Scalar.BOOLEAN))));
        assertThat(schema.notes()).isEmpty();
    }

    @Test
    void keepsOwnPropertiesBesideAlternatives() {
        AnswerSchema schema = parse("""
                {"type":"object","properties":{"a":{"type":"string"}},
                 "oneOf":[{"required":["a"]},{"properties":{"b":{"type":"integer"}}}],
                 "if":{"required":["a"]},"then":{"properties":{"c":{"type":"boolean"}}}}""");
        assertThat(schema.type().fields())
                .containsExactly(
                        new Field("a", Scalar.TEXT), new Field("b", Scalar.LONG), new Field("c", Scalar.BOOLEAN));
    }

    @Test
    void followsReferencesAndStoresRecursionAsJson() {
        AnswerSchema schema = parse("""
                {"type":"object","properties":{"party":{"$ref":"#/$defs/party"},"tree":{"$ref":"#/$defs/node"}},
                 "$defs":{"party":{"type":"object","properties":{"name":{"type":"string"}}},
                          "node":{"type":"object","properties":{"value":{"type":"integer"},"next":{"$ref":"#/$defs/node"}}}}}""");
        assertThat(schema.type().fields())
                .containsExactly(
                        new Field("party", new Struct(List.of(new Field("name", Scalar.TEXT)))),
                        new Field(
                                "tree",
                                new Struct(List.of(new Field("value", Scalar.LONG), new Field("next", Scalar.JSON)))));
        assertThat(schema.notes())
                .containsExactly("'/$defs/node/properties/next' refers to itself: stored as a string of JSON");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"type\":\"object\",                     | [tasks/t.schema.json] not JSON: Unexpected end-of-input",
                "[1]                                       | [tasks/t.schema.json] at '/': expected a JSON Schema of an object, found ARRAY",
                "{\"type\":\"strin\"}                      | [tasks/t.schema.json] at '/type': not a JSON Schema:",
                "{\"properties\":{\"a\":{\"type\":7}}}     | [tasks/t.schema.json] at '/properties/a/type': not a JSON Schema:",
                "{\"type\":\"object\"}                     | an answer's schema must be of an object with at least one entry in 'properties'",
                "{\"type\":\"string\"}                     | an answer's schema must be of an object",
                "{\"$schema\":\"urn:x\"}                   | at '/$schema': unknown dialect 'urn:x'; supported: drafts 4, 6, 7, 2019-09 and 2020-12",
                "{\"properties\":{\"a\":{\"$ref\":\"https://example.org/a\"}}} | at '/properties/a/$ref': 'https://example.org/a' lies outside the file",
                "{\"properties\":{\"a\":{\"$ref\":\"#/$defs/b\"}}} | at '/properties/a/$ref': nothing at '#/$defs/b'",
                "{\"properties\":{\"a\":{\"type\":\"string\",\"pattern\":\"(\"}}} | [tasks/t.schema.json]",
                "{\"properties\":{\"a\":{\"type\":\"string\"},\"A\":{\"type\":\"string\"}}} | names differ in case alone: [a, A]",
            })
    void namesFileAndPointerOfWhatIsWrong(String json, String message) {
        assertThatThrownBy(() -> parse(json))
                .isInstanceOf(InvalidAnswerSchema.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2019-09/schema"})
    void knowsOlderDialects(String dialect) {
        assertThat(parse("{\"$schema\":\"" + dialect + "\",\"properties\":{\"a\":{\"type\":\"string\"}}}")
                        .type()
                        .fields())
                .hasSize(1);
    }

    @Test
    void fingerprintIgnoresWhiteSpaceOnly() {
        String json = "{\"properties\":{\"a\":{\"type\":\"string\"}}}";
        assertThat(parse(json.replace(":", " :\n ")).fingerprint())
                .isEqualTo(parse(json).fingerprint())
                .isNotEqualTo(parse(json.replace("string", "integer")).fingerprint());
    }

    @Test
    void damagedSchemasEitherParseOrAreNamedInvalid() {
        String json = """
                {"type":"object","properties":{"a":{"type":["string","null"]},"b":{"$ref":"#/$defs/c"},
                 "d":{"anyOf":[{"type":"integer"},{"enum":[1,"x"]}]}},"$defs":{"c":{"type":"array","items":{"type":"number"}}}}""";
        for (int seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            StringBuilder damaged = new StringBuilder(json);
            for (int i = random.nextInt(4); i >= 0; i--) {
                int at = random.nextInt(damaged.length());
                switch (random.nextInt(3)) {
                    case 0 -> damaged.deleteCharAt(at);
                    case 1 -> damaged.setCharAt(at, "{}[]\",:#/$0aé".charAt(random.nextInt(13)));
                    default -> damaged.insert(at, json, 0, Math.min(at, json.length()));
                }
            }
            try {
                assertThat(parse(damaged.toString()).type().fields()).isNotEmpty();
            } catch (InvalidAnswerSchema expected) {
                assertThat(expected).as("seed %d", seed).hasMessageStartingWith("[tasks/t.schema.json]");
            }
        }
    }
}
