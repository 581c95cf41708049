package dev.lectern.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The model card's held-out questions (`eval/heldout200.jsonl`), text in and text out: tokenizer, chat layout and
/// engine together give the answers that transformers gave, right and wrong ones alike.
class HeldoutAccuracyTest {
    private static final Path MODEL = Path.of("..", "models", "scout-nano");
    private static final int RIGHT_ON_THE_CARD = 197;

    @Test
    void answersAreThoseOfTheModelCard() throws IOException {
        ObjectMapper json = new ObjectMapper();
        List<JsonNode> questions = new ArrayList<>();
        for (String line : Files.readAllLines(MODEL.resolve("eval/heldout200.jsonl"))) {
            questions.add(json.readTree(line));
        }
        int right = 0;
        List<String> differing = new ArrayList<>();
        try (Engine engine = Engine.open(EngineConfig.of(MODEL))) {
            for (JsonNode question : questions) {
                String answer = answer(
                        engine,
                        question.get("document").asText() + "\n\nQuestion: "
                                + question.get("question").asText());
                right += answer.equals(question.get("truth").asText()) ? 1 : 0;
                if (!answer.equals(question.get("answer").asText())) {
                    differing.add(question.get("id") + ": " + answer + ", card " + question.get("answer"));
                }
            }
        }
        assertThat(questions).hasSize(200);
        assertThat(differing).isEmpty();
        assertThat(right).isGreaterThanOrEqualTo(RIGHT_ON_THE_CARD);
    }

    private static String answer(Engine engine, String content) {
        ChatFormat chat = engine.chat();
        int[] prompt = chat.encode(List.of(new ChatFormat.Message("user", content)));
        GenerationRequest request = new GenerationRequest(prompt, 64, SamplingParams.GREEDY, chat.stopTokens());
        Generation generation =
                engine.generate(null, List.of(request), Cancellation.NONE).getFirst();
        return engine.tokenizer().decode(generation.tokens());
    }
}
