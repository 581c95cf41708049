package dev.lectern.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExactDialectsTest {
    private static final SchemaRegistryConfig CONFIG =
            SchemaRegistryConfig.builder().build();

    @ParameterizedTest
    @EnumSource(SpecificationVersion.class)
    void dividesIntegersOfAnySizeExactly(SpecificationVersion version) throws Exception {
        String even = "{\"type\": \"integer\", \"multipleOf\": 2}";
        String evenByName =
                "{\"$schema\": \"" + version.getDialectId() + "\", \"type\": \"integer\", \"multipleOf\": 2}";
        for (String schema : new String[] {even, evenByName}) {
            assertThat(isValid(schema, version, "4")).isTrue();
            assertThat(isValid(schema, version, "5")).isFalse();
            assertThat(isValid(schema, version, "9007199254740992")).isTrue();
            assertThat(isValid(schema, version, "9007199254740993")).isFalse();
            assertThat(isValid(schema, version, "10000000000000000000000000000000001"))
                    .isFalse();
            assertThat(isValid(schema, version, "10000000000000000000000000000000002"))
                    .isTrue();
            assertThat(isValid(schema, version, "1" + "0".repeat(400))).isTrue();
            assertThat(isValid(schema, version, "\"x\"")).isFalse();
        }
        assertThat(isValid("{\"multipleOf\": 0.01}", version, "0.07")).isTrue();
        assertThat(isValid("{\"multipleOf\": 0.01}", version, "\"x\"")).isTrue();
    }

    @ParameterizedTest
    @EnumSource(SpecificationVersion.class)
    void takesNumbersOfOneValueForOneNumber(SpecificationVersion version) throws Exception {
        String values = "{\"enum\": [{\"a\": 1.0, \"b\": [0, 1e2]}, [2], 3.0, \"3\"]}";
        for (String valid :
                new String[] {"{\"b\": [0.0, 100], \"a\": 1}", "{\"a\": 1.00, \"b\": [0, 100.0]}", "[2.0]", "3", "\"3\""
                }) {
            assertThat(isValid(values, version, valid)).as(valid).isTrue();
        }
        for (String invalid :
                new String[] {"{\"a\": 1}", "{\"a\": \"1\", \"b\": [0, 100]}", "[2, 2]", "[\"2\"]", "4"}) {
            assertThat(isValid(values, version, invalid)).as(invalid).isFalse();
        }
        boolean hasConst = version != SpecificationVersion.DRAFT_4;
        assertThat(isValid("{\"const\": {\"a\": 0.0}}", version, "{\"a\": 0}")).isTrue();
        assertThat(isValid("{\"const\": {\"a\": 0.0}}", version, "{\"a\": 1}")).isEqualTo(!hasConst);
    }

    private static boolean isValid(String schema, SpecificationVersion version, String instance) throws Exception {
        JsonMapper json = JsonMapper.builder()
                .enable(com.fasterxml.jackson.databind.DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .build();
        return ExactDialects.registry(version, CONFIG)
                .getSchema(json.readTree(schema))
                .validate(json.readTree(instance))
                .isEmpty();
    }
}
