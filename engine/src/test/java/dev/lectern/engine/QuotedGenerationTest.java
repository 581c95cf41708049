package dev.lectern.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lectern.engine.constraint.Constraint;
import dev.lectern.engine.constraint.QuoteSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// A model that babbles cannot invent a quotation.
class QuotedGenerationTest {
    private static final Path MODEL = Path.of("..", "models", "scout-nano");
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void quotesAreVerbatim() throws IOException {
        List<String> texts =
                List.of(Files.readString(Path.of("..", "README.md")), Files.readString(Path.of("..", "LICENSE")));
        QuoteSource source = QuoteSource.of(texts);
        String schema = """
                {"type": "object", "additionalProperties": false, "required": ["claim", "proofs"],
                 "properties": {"claim": {"type": "string", "maxLength": 10},
                                "proofs": {"type": "array", "minItems": 1, "maxItems": 3,
                                           "items": {"type": "string", "x-quote": true, "maxLength": 60}}}}""";
        try (Engine engine = Engine.open(EngineConfig.of(MODEL))) {
            Constraint constraint = engine.constraint(schema).quoting(source);
            List<GenerationRequest> requests = new ArrayList<>();
            for (int seed = 0; seed < 12; seed++) {
                SamplingParams babble = new SamplingParams(1.5f, 0, 1, 0, seed);
                requests.add(new GenerationRequest(
                        engine.tokenizer().encode("Agreement").ids(),
                        200,
                        babble,
                        engine.chat().stopTokens(),
                        constraint));
            }
            int quotes = 0;
            for (Generation generation : engine.generate(null, requests, Cancellation.NONE)) {
                JsonNode answer = JSON.readTree(engine.tokenizer().decode(generation.tokens()));
                for (JsonNode quote : answer.get("proofs")) {
                    QuoteSource.Place place = Objects.requireNonNull(source.find(quote.textValue()));
                    assertThat(texts.get(place.text()).substring(place.start(), place.end()))
                            .isEqualTo(quote.textValue());
                    quotes++;
                }
            }
            assertThat(quotes).isGreaterThanOrEqualTo(12);
        }
    }
}
