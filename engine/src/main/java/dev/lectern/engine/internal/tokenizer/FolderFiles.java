package dev.lectern.engine.internal.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelUnsupported;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// The small files beside a tokenizer.
final class FolderFiles {
    /// The largest tokenizer.model known, Gemma's, has 4.7 MB.
    private static final long MOST_BYTES = 256L << 20;

    private static final ObjectMapper TREES = new ObjectMapper(TokenizerJsonReader.JSON);

    private FolderFiles() {}

    /// A whole file of bounded size.
    static byte[] bytes(Path file) {
        try {
            long size = Files.size(file);
            if (size > MOST_BYTES) {
                throw new ModelUnsupported(
                        "[" + file + "] has " + size + " bytes; a tokenizer has at most " + MOST_BYTES);
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new ModelCorrupt("[" + file + "] cannot be read: " + e.getMessage(), e);
        }
    }

    /// A JSON file, or a missing node when it is not there.
    static JsonNode json(Path file) {
        if (!Files.exists(file)) {
            return MissingNode.getInstance();
        }
        try {
            return TREES.readTree(bytes(file));
        } catch (JsonProcessingException e) {
            throw new ModelCorrupt("[" + file + "] is no JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new ModelCorrupt("[" + file + "] cannot be read: " + e.getMessage(), e);
        }
    }

    /// Contents by id of `added_tokens_decoder` in tokenizer_config.json.
    static Map<Integer, String> addedTokens(Path folder) {
        Map<Integer, String> added = new HashMap<>();
        json(folder.resolve("tokenizer_config.json"))
                .path("added_tokens_decoder")
                .properties()
                .forEach(entry -> {
                    String content = entry.getValue().path("content").asText("");
                    if (entry.getKey().matches("[0-9]{1,8}") && !content.isEmpty()) {
                        added.put(Integer.valueOf(entry.getKey()), content);
                    }
                });
        return added;
    }
}
