package dev.lectern.engine.internal.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lectern.engine.ChatFormat;
import dev.lectern.engine.ChatFormat.Message;
import dev.lectern.engine.Tokenizer;
import dev.lectern.engine.internal.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The bundled model's prompts, as transformers encoded them when the model was made.
final class ScoutNanoChatTest {
    private static final Path MODEL = Path.of("..", "models", "scout-nano");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Tokenizer tokenizer = Tokenizers.openFolder(MODEL);
    private final ChatFormat chat = ChatFormats.ofFolder(MODEL, tokenizer);

    @Test
    void promptsAreThoseOfTheReference() throws IOException {
        Map<Integer, JsonNode> documents = new HashMap<>();
        lines("eval/heldout200.jsonl")
                .forEach(line -> documents.put(line.get("id").asInt(), line));
        List<JsonNode> golden = lines("eval/golden20.jsonl");
        assertThat(golden).hasSize(20);
        for (JsonNode line : golden) {
            JsonNode document =
                    Objects.requireNonNull(documents.get(line.get("id").asInt()));
            String content = document.get("document").asText() + "\n\nQuestion: "
                    + document.get("question").asText();
            int[] expected = ids(line.get("prompt_ids"));

            assertThat(chat.encode(List.of(new Message("user", content))))
                    .as("id " + line.get("id"))
                    .isEqualTo(expected);
            int[] parts = Stream.of(chat.userPrefix(), tokenizer.encode(content).ids(), chat.userSuffix())
                    .flatMapToInt(IntStream::of)
                    .toArray();
            assertThat(parts).as("in parts, id " + line.get("id")).isEqualTo(expected);
            int[] answer = ids(line.get("output_ids"));
            assertThat(tokenizer.decode(answer)).isEqualTo(line.get("answer").asText());
            assertThat(chat.stopTokens()).contains(answer[answer.length - 1]);
        }
    }

    @Test
    void speaksItsOwnTemplate() {
        assertThat(chat.name()).isEqualTo("template");
        assertThat(chat.warning()).isEmpty();
        assertThat(chat.stopTokens()).containsExactlyInAnyOrder(3057, 3060, 3061);
        assertThat(chat.userPrefix()).containsExactly(3056, 3058, 2112, 3059, 2111);
    }

    private static List<JsonNode> lines(String name) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(MODEL.resolve(name))) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }

    private static int[] ids(JsonNode array) {
        return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
    }
}
