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
