package dev.lectern.pipeline.answers;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import dev.lectern.inference.ExactDialects;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// networknt's validator on an answer's text, formats asserted, as rows are validated.
final class SecondOpinion {
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNumberLength(100_000)
                            .build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
            .build();
    private static final SchemaRegistryConfig CONFIG = SchemaRegistryConfig.builder()
            .formatAssertionsEnabled(true)
            .locale(Locale.ENGLISH)
            .build();

    /// Keywords whose members are schemas under names.
    private static final Set<String> BY_NAME =
            Set.of("properties", "patternProperties", "definitions", "$defs", "dependentSchemas");

    private final Schema schema;

    private SecondOpinion(Schema schema) {
        this.schema = schema;
    }

    /// By the dialect that `$schema` names, 2020-12 where it names none.
    static SecondOpinion on(JsonNode schema) {
        String dialect = schema.path("$schema").asText("");
        SpecificationVersion version = Optional.of(dialect)
                .flatMap(id -> SpecificationVersion.fromDialectId(id)
                        .or(() -> SpecificationVersion.fromDialectId(id + "#"))
                        .or(() -> SpecificationVersion.fromDialectId(id.replaceFirst("#$", ""))))
                .orElse(SpecificationVersion.DRAFT_2020_12);
        SchemaRegistry registry = ExactDialects.registry(version, CONFIG);
        try {
            return new SecondOpinion(registry.getSchema(schema));
        } catch (RuntimeException e) {
            // Schemas in the wild have identifiers that are none, which asserts nothing.
            return new SecondOpinion(registry.getSchema(withoutIdentifiers(schema.deepCopy(), false)));
        }
    }

    private static JsonNode withoutIdentifiers(JsonNode node, boolean byName) {
        if (node instanceof ObjectNode object && !byName) {
            for (String keyword : List.of("id", "$id")) {
                if (object.path(keyword).isTextual()) {
                    object.remove(keyword);
                }
            }
        }
        node.properties()
                .forEach(member -> withoutIdentifiers(member.getValue(), !byName && BY_NAME.contains(member.getKey())));
        node.elements().forEachRemaining(element -> withoutIdentifiers(element, false));
        return node;
    }

    /// Whether a text is one JSON value, in which no object has a name twice.
    static boolean parses(String text) {
        try {
            return !JSON.readTree(text).isMissingNode();
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    /// What is wrong with an answer that parses; empty if it is valid.
    List<String> violations(String text) throws JsonProcessingException {
        return schema.validate(JSON.readTree(text)).stream()
                .map(Error::toString)
                .toList();
    }
}
