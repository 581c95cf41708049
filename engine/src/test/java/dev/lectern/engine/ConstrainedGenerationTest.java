package dev.lectern.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lectern.engine.constraint.Constraint;
import dev.lectern.engine.constraint.SchemaException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Answers of a model that babbles: whatever it prefers, what comes out is what the schema asks for.
class ConstrainedGenerationTest {
    private static final Path MODEL = Path.of("..", "models", "scout-nano");
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void whatEndsIsValid() throws Exception {
        String schema = """
                {"type": "object", "additionalProperties": false, "required": ["party", "amount", "kind"],
                 "properties": {"party": {"type": "string", "maxLength": 6},
                                "amount": {"type": "integer", "minimum": 10, "maximum": 999},
                                "kind": {"enum": ["sale", "lease", null]}}}""";
        try (Engine engine = Engine.open(EngineConfig.of(MODEL))) {
            Constraint constraint = engine.constraint(schema);
            List<GenerationRequest> requests = new ArrayList<>();
            for (int seed = 0; seed < 8; seed++) {
                SamplingParams babble = new SamplingParams(1.5f, 0, 1, 0, seed);
                requests.add(new GenerationRequest(
                        engine.tokenizer().encode("Agreement").ids(),
                        200,
                        babble,
                        engine.chat().stopTokens(),
                        constraint));
            }
            int ended = 0;
            for (Generation generation : engine.generate(null, requests, Cancellation.NONE)) {
                if (generation.finishReason() == FinishReason.STOP) {
                    String text = engine.tokenizer().decode(generation.tokens());
                    JsonNode answer = JSON.readTree(text);
                    assertThat(answer.size()).as(text).isEqualTo(3);
                    assertThat(answer.get("party")
                                    .textValue()
                                    .codePointCount(
                                            0, answer.get("party").textValue().length()))
                            .as(text)
                            .isLessThanOrEqualTo(6);
                    assertThat(answer.get("amount").isIntegralNumber()).as(text).isTrue();
                    assertThat(answer.get("amount").intValue()).as(text).isBetween(10, 999);
                    assertThat(answer.get("kind").asText()).as(text).isIn("sale", "lease", "null");
                    ended++;
                }
            }
            assertThat(ended).isGreaterThan(4);
            assertThatThrownBy(() -> engine.constraint("{\"type\": \"integer\", \"minimum\": 2, \"maximum\": 1}"))
                    .isInstanceOf(SchemaException.class);
        }
    }
}
