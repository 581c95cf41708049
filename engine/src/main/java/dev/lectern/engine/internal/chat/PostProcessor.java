package dev.lectern.engine.internal.chat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.lectern.engine.EngineException.ModelCorrupt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The `post_processor` of a tokenizer.json, which adds control tokens around encoded text.
final class PostProcessor {
    private static final ObjectMapper TREES = new ObjectMapper();

    private PostProcessor() {}

    /// Whether a `TemplateProcessing` puts a control token before the text.
    static boolean beginsWithControlToken(Path tokenizerJson) {
        return Files.exists(tokenizerJson) && beginsWithControlToken(find(tokenizerJson));
    }

    private static boolean beginsWithControlToken(JsonNode processor) {
        return switch (processor.path("type").asText()) {
            case "Sequence" -> {
                for (JsonNode part : processor.path("processors")) {
                    if (beginsWithControlToken(part)) {
                        yield true;
                    }
                }
                yield false;
            }
            case "TemplateProcessing" -> processor.path("single").path(0).has("SpecialToken");
            default -> false;
        };
    }

    /// Skips the rest of the file, which is large.
    private static JsonNode find(Path file) {
        try (JsonParser json = new JsonFactory(TREES).createParser(Files.newInputStream(file))) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return NullNode.getInstance();
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String key = json.currentName();
                json.nextToken();
                if (key.equals("post_processor")) {
                    return TREES.readTree(json);
                }
                json.skipChildren();
            }
            return NullNode.getInstance();
        } catch (JsonProcessingException e) {
            throw new ModelCorrupt("[" + file + "] is no JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new ModelCorrupt("[" + file + "] cannot be read: " + e.getMessage(), e);
        }
    }
}
