package dev.lectern.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.engine.FinishReason;
import dev.lectern.engine.constraint.Constraint;
import dev.lectern.engine.constraint.ConstraintVocabulary;
import dev.lectern.engine.constraint.Matcher;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The columns of formats, bounds and maps, and that answers held to a schema fit them.
class AnswerColumnsTest {
    private static AnswerSchema schema(String properties) {
        return AnswerSchema.parse("t", "{\"type\":\"object\",\"properties\":{" + properties + "}}");
    }

    private static String columnOf(String property) {
        return sql(schema("\"x\":" + property));
    }

    private static String sql(AnswerSchema schema) {
        String struct = ((org.apache.spark.sql.types.StructType)
                        ResultSchema.sparkType(schema.type()).apply("output").dataType())
                .simpleString();
        return struct.substring("struct<".length(), struct.length() - 1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"type\":\"string\",\"format\":\"date\"} | date",
                "{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"} | timestamp",
                "{\"type\":\"string\",\"format\":\"time\"} | string",
                "{\"allOf\":[{\"type\":\"string\"},{\"format\":\"date\"}]} | date",
                "{\"format\":\"date\",\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]} | date",
                "{\"anyOf\":[{\"type\":\"string\",\"format\":\"date\"},{\"type\":\"string\",\"format\":\"date-time\"}]} | string",
                "{\"anyOf\":[{\"type\":\"string\",\"format\":\"date\"},{\"const\":\"unknown\"}]} | string",
                "{\"type\":\"number\",\"multipleOf\":0.01} | decimal(38,2)",
                "{\"type\":\"number\",\"multipleOf\":0.05,\"minimum\":0,\"maximum\":1000} | decimal(18,2)",
                "{\"type\":\"number\",\"multipleOf\":0.001,\"minimum\":-1e20,\"exclusiveMaximum\":1e5} | decimal(24,3)",
                "{\"type\":\"number\",\"multipleOf\":0.25,\"minimum\":0,\"maximum\":0.75} | decimal(18,2)",
                "{\"type\":\"number\",\"multipleOf\":1e-30} | double",
                "{\"type\":\"number\",\"multipleOf\":1e-10,\"minimum\":0,\"maximum\":1e30} | double",
                "{\"type\":\"number\",\"multipleOf\":5} | bigint",
                "{\"type\":\"integer\",\"multipleOf\":0.5} | bigint",
                "{\"type\":\"integer\",\"minimum\":0,\"maximum\":18446744073709551615} | decimal(20,0)",
                "{\"allOf\":[{\"type\":\"number\"},{\"multipleOf\":0.1}]} | decimal(38,1)",
                "{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"number\",\"multipleOf\":0.01,\"minimum\":0,\"maximum\":9}]} | decimal(21,2)",
                "{\"anyOf\":[{\"type\":\"number\"},{\"type\":\"number\",\"multipleOf\":0.01}]} | double",
                "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}} | map<string,string>",
                "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}}}} | map<string,struct<a:bigint>>",
                "{\"type\":\"object\",\"patternProperties\":{\"^a\":{\"type\":\"integer\"},\"^b\":{\"type\":\"number\"}},\"additionalProperties\":false} | map<string,double>",
                "{\"type\":\"object\",\"patternProperties\":{\"^a\":{\"type\":\"integer\"}}} | string",
                "{\"type\":\"object\",\"additionalProperties\":true} | string",
                "{\"type\":[\"object\",\"null\"],\"additionalProperties\":{\"type\":[\"number\",\"null\"]}} | map<string,double>",
                "{\"type\":\"number\",\"anyOf\":[{\"type\":\"integer\"},{\"minimum\":5}]} | double",
                "{\"type\":\"number\",\"if\":{\"minimum\":5},\"then\":{\"type\":\"integer\"}} | double",
                "{\"anyOf\":[{\"type\":\"boolean\"},{\"pattern\":\"^x\"}]} | string",
                "{\"type\":\"object\",\"anyOf\":[{\"properties\":{\"a\":{\"type\":\"integer\"}}},{\"minProperties\":2}]} | struct<a:bigint>",
                "{\"type\":[\"object\",\"string\"],\"then\":{\"properties\":{\"a\":{\"type\":\"integer\"}}}} | string",
                "{\"if\":{\"minimum\":5},\"then\":{\"type\":\"integer\"},\"else\":{\"type\":\"number\"}} | double",
            })
    void mapsFormatsBoundsAndMaps(String property, String expected) {
        assertThat(columnOf(property)).isEqualTo("x:" + expected);
    }

    @Test
    void saysWhatIsOpenAndNotWhatAnotherSchemaHasTyped() {
        AnswerSchema schema = AnswerSchema.parse("t", """
                {"type":"object","properties":{"a":{"type":"integer"},"b":{"items":{}},
                   "iban":{"type":"string","format":"iban"},"c":{"properties":{"d":{"type":"string"}},"additionalProperties":{"type":"string"}}},
                 "allOf":[{"properties":{"a":{"minimum":5}}}],
                 "if":{"required":["a"]},"then":{"properties":{"a":{"maximum":9}}}}""");
        assertThat(sql(schema)).isEqualTo("a:bigint,b:array<string>,iban:string,c:struct<d:string>");
        assertThat(schema.notes())
                .containsExactly(
                        "'/properties/b/items' has no 'type' that maps to a column: stored as a string of JSON",
                        "'/properties/iban' has the format 'iban', which is not known and asserts nothing",
                        "'/properties/c' also admits names that 'properties' does not list: they have no column, the"
                                + " column 'text' keeps them");
    }

    @Test
    void definitionsThatMultiplyAreRefused() {
        StringBuilder definitions = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            String next = "{\"$ref\":\"#/$defs/d" + (i + 1) + "\"}";
            definitions.append("\"d" + i + "\":{\"properties\":{\"a\":" + next + ",\"b\":" + next + "}},");
        }
        assertThatThrownBy(() -> AnswerSchema.parse(
                        "t",
                        "{\"properties\":{\"x\":{\"$ref\":\"#/$defs/d0\"}},\"$defs\":{" + definitions
                                + "\"d40\":{\"type\":\"string\"}}}"))
                .isInstanceOf(InvalidAnswerSchema.class)
                .hasMessageContaining("over 20000 parts to make columns of");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"type\":\"string\",\"pattern\":\"(?=a)b\"}     | [t] at '/properties/x/pattern': cannot be enforced:",
                "{\"type\":\"string\",\"x-cite\":1}               | [t] at '/properties/x/x-cite'",
                "{\"type\":\"string\",\"x-quote\":\"yes\"}        | [t] at '/properties/x/x-quote'",
            })
    void refusesWhatAnswersCannotBeHeldTo(String property, String message) {
        assertThatThrownBy(() -> schema("\"x\":" + property))
                .isInstanceOf(InvalidAnswerSchema.class)
                .hasMessageContaining(message);
    }

    @Test
    void refusesSchemasThatReferToThemselvesWithoutEnd() {
        assertThatThrownBy(() -> AnswerSchema.parse(
                        "t", "{\"properties\":{\"x\":{\"type\":\"string\"}},\"allOf\":[{\"$ref\":\"#\"}]}"))
                .isInstanceOf(InvalidAnswerSchema.class)
                .hasMessageContaining("refers to itself without end");
    }

    @Test
    void refusesASchemaThatNothingSatisfies() {
        assertThatThrownBy(() -> AnswerSchema.parse(
                        "t", "{\"type\":\"object\",\"properties\":{\"x\":{\"enum\":[]}},\"required\":[\"x\"]}"))
                .isInstanceOf(InvalidAnswerSchema.class);
    }

    @Test
    void addsNoBoundsWhereTheSchemaHasThem() {
        String plain = "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"},"
                + "\"b\":{\"type\":[\"array\",\"null\"],\"items\":{\"type\":\"boolean\"}},\"c\":{}}}";
        assertThat(AnswerSchema.parse("t", plain).enforced()).isEqualTo(plain);
        assertThat(schema("\"a\":{\"type\":\"integer\"}").enforced())
                .contains("\"minimum\":-9223372036854775808", "\"maximum\":9223372036854775807");
    }

    /// Whatever is written under the schema is valid by the other validator and fits the columns.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"properties\":{\"a\":{\"type\":\"integer\"},\"b\":{\"type\":\"number\"}},\"required\":[\"a\",\"b\"]}",
                "{\"properties\":{\"a\":{\"type\":\"number\",\"multipleOf\":0.01},\"b\":{\"type\":\"number\",\"multipleOf\":0.5,\"maximum\":70,\"minimum\":-3}},\"required\":[\"a\",\"b\"]}",
                "{\"properties\":{\"a\":{\"type\":\"string\",\"format\":\"date\"},\"b\":{\"type\":\"string\",\"format\":\"date-time\"}},\"required\":[\"a\",\"b\"]}",
                "{\"properties\":{\"a\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\"},\"minProperties\":2}},\"required\":[\"a\"]}",
                "{\"anyOf\":[{\"properties\":{\"a\":{\"type\":\"integer\"}},\"required\":[\"a\"]},{\"properties\":{\"b\":{\"const\":false},\"a\":{\"type\":\"number\"}},\"required\":[\"b\"]}],\"type\":\"object\"}",
                "{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"$ref\":\"#/definitions/r\",\"definitions\":{\"r\":{\"type\":\"object\",\"properties\":{\"n\":{\"type\":[\"integer\",\"null\"]},\"list\":{\"type\":\"array\",\"items\":{\"type\":\"number\"}}},\"required\":[\"n\",\"list\"]}}}",
                "{\"properties\":{\"n\":{\"type\":\"integer\"},\"next\":{\"$ref\":\"#\"}},\"required\":[\"n\"],\"type\":\"object\"}",
                "{\"type\":\"object\",\"properties\":{\"kind\":{\"enum\":[\"x\",\"y\"]}},\"required\":[\"kind\",\"v\"],\"if\":{\"properties\":{\"kind\":{\"const\":\"x\"}}},\"then\":{\"properties\":{\"v\":{\"type\":\"integer\"}}}}",
            })
    void whatIsWrittenUnderTheSchemaFits(String json) {
        AnswerSchema schema = AnswerSchema.parse("t", json);
        AnswerParser parser = new AnswerParser(schema);
        Constraint constraint = Constraint.compile(schema.enforced(), ConstraintVocabulary.ofBytes());
        int finished = 0;
        for (int seed = 0; seed < 150; seed++) {
            String text = babble(constraint.matcher(), new Random(seed));
            if (text != null) {
                finished++;
                assertThat(parser.parse(text, FinishReason.STOP, true))
                        .as("seed %d: %s", seed, text)
                        .isInstanceOf(Answer.Valid.class);
            }
        }
        assertThat(finished).isGreaterThan(20);
    }

    /// Null when it does not come to an end soon.
    private static @Nullable String babble(Matcher matcher, Random random) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        while (text.size() < 600) {
            if (matcher.isComplete()) {
                return text.toString(StandardCharsets.UTF_8);
            }
            boolean end = random.nextInt(3) == 0;
            int from = random.nextInt(95);
            boolean taken = false;
            for (int i = 0; i < (end ? 4 : 0) && !taken; i++) {
                taken = take(matcher, text, "\"}],".charAt(i));
            }
            for (int i = 0; i < 95 && !taken; i++) {
                taken = take(matcher, text, ' ' + (from + i) % 95);
            }
            for (int i = 128; i < 256 && !taken; i++) {
                taken = take(matcher, text, i);
            }
            if (!taken) {
                return null;
            }
        }
        return null;
    }

    private static boolean take(Matcher matcher, ByteArrayOutputStream text, int value) {
        if (!matcher.acceptBytes(new byte[] {(byte) value})) {
            return false;
        }
        text.write(value);
        return true;
    }

    @Test
    void tellsWhichPartsAreMarked() {
        AnswerSchema schema = AnswerSchema.parse("t", """
                {"type":"object","properties":{
                  "party":{"type":"string","x-cite":true},"note":{"type":"string","x-cite":false},
                  "parties":{"type":"array","x-cite":true,"items":{"$ref":"#/$defs/party"}},
                  "a/b":{"type":"array","items":{"anyOf":[{"type":"string","x-quote":true},{"type":"null"}]}},
                  "map":{"type":"object","additionalProperties":{"allOf":[{"type":"string","x-quote":true}]}},
                  "tree":{"$ref":"#/$defs/node"}},
                 "$defs":{"party":{"type":"object","properties":{"name":{"type":"string"}}},
                   "node":{"type":"object","properties":{"value":{"type":"string","x-cite":true},"next":{"$ref":"#/$defs/node"}}}}}""");
        assertThat(schema.cites()).isTrue();
        assertThat(schema.quotes()).isTrue();
        assertThat(schema.cited("/party")).isTrue();
        assertThat(schema.cited("/note")).isFalse();
        assertThat(schema.cited("/parties")).isTrue();
        assertThat(schema.cited("/parties/17/name")).isTrue();
        assertThat(schema.cited("/tree/next/next/value")).isTrue();
        assertThat(schema.cited("/tree/next")).isFalse();
        assertThat(schema.cited("")).isFalse();
        assertThat(schema.cited("/none/of/them")).isFalse();
        assertThat(schema.quoted("/a~1b/0")).isTrue();
        assertThat(schema.quoted("/a~1b")).isFalse();
        assertThat(schema.quoted("/map/any name")).isTrue();
        assertThat(schema.quoted("/party")).isFalse();
        assertThat(schema.citedParts()).containsExactly("/party", "/parties", "/tree/value");
        assertThat(schema.quotedParts()).containsExactly("/a~1b/*", "/map/*");
        assertThat(schema("\"x\":{\"type\":\"string\"}").cites()).isFalse();
    }
}
