package dev.lectern.pipeline.answers;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;

/// A line `{"name", "schema", …}` of a file of schemas.
///
/// @param schema numbers exactly as they are written
record SchemaLine(String name, JsonNode schema) {
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(100_000_000)
                            .build())
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
            .build();

    static SchemaLine read(String line) throws IOException {
        JsonNode item = JSON.readTree(line);
        return new SchemaLine(item.path("name").asText(), item.required("schema"));
    }
}
