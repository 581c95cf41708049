package dev.lectern.engine.internal.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// Reads [ChatSettings] from a Hugging Face folder: chat_template.jinja, tokenizer_config.json,
/// generation_config.json and config.json, as far as they are there.
final class FolderChatSettings {
    private static final ObjectMapper JSON = new ObjectMapper();

    private FolderChatSettings() {}

    static ChatSettings read(Path folder, Tokenizer tokenizer) {
        JsonNode tokenizerConfig = read(folder.resolve("tokenizer_config.json"));
        JsonNode generationConfig = read(folder.resolve("generation_config.json"));
        JsonNode config = read(folder.resolve("config.json"));
        JsonNode textConfig = config.path("text_config");
        OptionalInt begin = firstPresent(
                controlToken(tokenizerConfig.path("bos_token"), tokenizer),
                id(generationConfig.path("bos_token_id")),
                id(config.path("bos_token_id")),
                id(textConfig.path("bos_token_id")));
        Set<Integer> ends = new LinkedHashSet<>();
        for (JsonNode node : new JsonNode[] {generationConfig, config, textConfig}) {
            addIds(node.path("eos_token_id"), ends);
        }
        controlToken(tokenizerConfig.path("eos_token"), tokenizer).ifPresent(ends::add);
        return new ChatSettings(
                template(folder, tokenizerConfig),
                specials(tokenizerConfig, begin, tokenizer),
                begin,
                addsBegin(folder, tokenizerConfig),
                ends.stream().toList());
    }

    /// `bos_token` and whatever else the configuration names so; the begin-of-text token also where only its id is
    /// known.
    private static Map<String, String> specials(JsonNode tokenizerConfig, OptionalInt begin, Tokenizer tokenizer) {
        Map<String, String> specials = new LinkedHashMap<>();
        tokenizerConfig.properties().forEach(entry -> {
            JsonNode token = entry.getValue();
            String spelling = token.isObject() ? token.path("content").asText() : token.asText();
            if (entry.getKey().endsWith("_token") && !spelling.isEmpty() && !token.isBoolean()) {
                specials.put(entry.getKey(), spelling);
            }
        });
        if (begin.isPresent() && begin.getAsInt() >= 0 && begin.getAsInt() < tokenizer.vocabSize()) {
            specials.putIfAbsent("bos_token", tokenizer.piece(begin.getAsInt()));
        }
        return specials;
    }

    /// The file wins over the configuration, as in transformers. Of several named templates the default one.
    private static Optional<String> template(Path folder, JsonNode tokenizerConfig) {
        Path file = folder.resolve("chat_template.jinja");
        try {
            if (Files.exists(file)) {
                return Optional.of(Files.readString(file));
            }
        } catch (IOException e) {
            throw new ModelCorrupt("[" + file + "] cannot be read: " + e.getMessage(), e);
        }
        JsonNode template = tokenizerConfig.path("chat_template");
        if (template.isArray()) {
            for (JsonNode named : template) {
                if (named.path("name").asText().equals("default")) {
                    return Optional.of(named.path("template").asText());
                }
            }
        }
        return template.isTextual() ? Optional.of(template.asText()) : Optional.empty();
    }

    /// The post-processor of tokenizer.json decides, in a slow tokenizer's folder `add_bos_token`.
    private static boolean addsBegin(Path folder, JsonNode tokenizerConfig) {
        JsonNode flag = tokenizerConfig.path("add_bos_token");
        return flag.isBoolean()
                ? flag.booleanValue()
                : PostProcessor.beginsWithControlToken(folder.resolve("tokenizer.json"));
    }

    private static OptionalInt controlToken(JsonNode token, Tokenizer tokenizer) {
        String content = token.isObject() ? token.path("content").asText() : token.asText();
        return content.isEmpty() ? OptionalInt.empty() : tokenizer.controlToken(content);
    }

    private static OptionalInt id(JsonNode node) {
        return node.isInt() ? OptionalInt.of(node.intValue()) : OptionalInt.empty();
    }

    private static void addIds(JsonNode node, Set<Integer> ids) {
        if (node.isInt()) {
            ids.add(node.intValue());
        }
        node.forEach(element -> addIds(element, ids));
    }

    private static OptionalInt firstPresent(OptionalInt... candidates) {
        for (OptionalInt candidate : candidates) {
            if (candidate.isPresent()) {
                return candidate;
            }
        }
        return OptionalInt.empty();
    }

    private static JsonNode read(Path file) {
        if (!Files.exists(file)) {
            return MissingNode.getInstance();
        }
        try {
            return JSON.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new ModelCorrupt("[" + file + "] is no JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new ModelCorrupt("[" + file + "] cannot be read: " + e.getMessage(), e);
        }
    }
}
