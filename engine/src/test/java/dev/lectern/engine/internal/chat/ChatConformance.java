package dev.lectern.engine.internal.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lectern.engine.ChatFormat;
import dev.lectern.engine.ChatFormat.Message;
import dev.lectern.engine.Tokenizer;
import dev.lectern.engine.internal.tokenizer.TinyTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Published chat templates against what Jinja renders of them (`chat/*.jinja` and `chat/golden.json` of
/// `bin/conformance DIR`). Left out are templates of other layouts, and Llama 3.2's, which asks for the day's date: a
/// prompt of ours does not change from day to day.
final class ChatConformance {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Tokenizer TOKENIZER = TinyTokenizer.withControlTokens(
            "<BOS>",
            "<|header_start|>",
            "<|header_end|>",
            "<|eot|>",
            "<|start_header_id|>",
            "<|end_header_id|>",
            "<|eot_id|>",
            "<|im_start|>",
            "<|im_end|>");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "meta-llama-Llama-4",
                "meta-llama-Llama-3.1-8B-Instruct",
                "meta-llama-Llama-3.3-70B-Instruct",
                "Qwen-Qwen2.5-7B-Instruct",
                "Qwen-Qwen3-0.6B"
            })
    void conversationsAreThoseOfTheTemplate(String name) throws IOException {
        Path folder =
                Path.of(System.getProperty("lectern.conformance.dir", "missing: run bin/conformance DIR"), "chat");
        JsonNode golden = JSON.readTree(Files.readString(folder.resolve("golden.json")));
        ChatSettings settings = new ChatSettings(
                Optional.of(Files.readString(folder.resolve(name + ".jinja"))),
                TOKENIZER.controlToken("<BOS>"),
                true,
                List.of());
        ChatFormat chat = ChatFormats.of(name, settings, TOKENIZER);
        int cases = 0;
        for (JsonNode expected : golden.get("expected")) {
            if (!expected.get("template").asText().equals(name)
                    || !expected.get("add_generation_prompt").asBoolean()) {
                continue;
            }
            List<Message> messages = new ArrayList<>();
            String conversation = expected.get("conversation").asText();
            golden.get("conversations")
                    .get(conversation)
                    .forEach(message -> messages.add(new Message(
                            message.get("role").asText(), message.get("content").asText())));
            assertThat(Rendering.of(TOKENIZER, chat.encode(messages)))
                    .as(conversation)
                    .isEqualTo(expected.get("text").asText());
            cases++;
        }
        assertThat(cases).isGreaterThanOrEqualTo(4);
    }
}
