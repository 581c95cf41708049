package dev.lectern.engine.internal.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelNotFound;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A folder as Hugging Face's `save_pretrained` writes it: `config.json` and either `model.safetensors` or
/// `model.safetensors.index.json` with the shards that it names.
///
/// Immutable and thread-safe. The tensors belong to the arena that [#open] was given.
public final class HuggingFaceFolder {
    public static final String CONFIG = "config.json";
    public static final String WEIGHTS = "model.safetensors";
    public static final String INDEX = "model.safetensors.index.json";

    /// Real configurations have kilobytes, real indices (one line a tensor) up to ten megabytes.
    private static final long MAX_CONFIG_BYTES = 4L << 20;

    private static final long MAX_INDEX_BYTES = 64L << 20;
    private static final int MAX_NESTING = 32;

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_NESTING)
                            .build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            // Python's json module writes these words.
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private final JsonNode config;
    private final byte[] configBytes;
    private final List<SafetensorsFile> shards;
    private final Map<String, SafetensorsTensor> tensors;

    private HuggingFaceFolder(JsonNode config, byte[] configBytes, List<SafetensorsFile> shards) {
        this.config = config;
        this.configBytes = configBytes;
        this.shards = List.copyOf(shards);
        Map<String, SafetensorsTensor> all = new LinkedHashMap<>();
        shards.forEach(shard -> all.putAll(shard.tensors()));
        this.tensors = Collections.unmodifiableMap(all);
    }

    /// Maps and reads a folder's configuration and weights.
    ///
    /// @param arena owns the mappings; shared when several threads read
    /// @throws ModelNotFound when a file is missing
    /// @throws ModelCorrupt  when bytes contradict the format, or index and shards each other
    public static HuggingFaceFolder open(Path folder, Arena arena) {
        byte[] configBytes = readJson(folder, CONFIG, MAX_CONFIG_BYTES);
        JsonNode config = parse(CONFIG, configBytes);
        if (Files.exists(folder.resolve(WEIGHTS))) {
            return new HuggingFaceFolder(
                    config, configBytes, List.of(SafetensorsFile.open(folder.resolve(WEIGHTS), arena)));
        }
        if (!Files.exists(folder.resolve(INDEX))) {
            throw new ModelNotFound("[" + folder + "] has " + CONFIG + " but no weights; expected " + WEIGHTS + " or "
                    + INDEX + " with its shards. Other formats (.bin, .pth) have to be saved as safetensors first");
        }
        return new HuggingFaceFolder(config, configBytes, openShards(folder, arena));
    }

    /// The configuration, a JSON object.
    public JsonNode config() {
        return config;
    }

    /// config.json as stored, for fingerprints.
    public byte[] configBytes() {
        return configBytes.clone();
    }

    /// All shards' tensors by name.
    public Map<String, SafetensorsTensor> tensors() {
        return tensors;
    }

    /// The name of the file that holds a tensor, for messages.
    ///
    /// @param tensor a key of [#tensors]
    public String fileOf(String tensor) {
        return shards.stream()
                .filter(shard -> shard.find(tensor) != null)
                .map(SafetensorsFile::name)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(tensor));
    }

    /// The weight files; each one's name is its path in the folder.
    public List<SafetensorsFile> shards() {
        return shards;
    }

    private static List<SafetensorsFile> openShards(Path folder, Arena arena) {
        Map<String, String> shardOfTensor = readIndex(folder);
        Map<String, SafetensorsFile> shards = new TreeMap<>();
        for (String shard : shardOfTensor.values()) {
            if (!shards.containsKey(shard)) {
                Path file = folder.resolve(shard);
                if (!Files.isRegularFile(file)) {
                    throw new ModelNotFound("[" + file + "] not found; " + INDEX
                            + " names it as a shard. Fetch the missing part of the model");
                }
                shards.put(shard, SafetensorsFile.open(file, arena));
            }
        }
        shardOfTensor.forEach((tensor, shard) -> {
            if (shards.get(shard) instanceof SafetensorsFile file && file.find(tensor) == null) {
                throw new ModelCorrupt("[" + INDEX + "] tensor '" + tensor + "' is to be in " + shard
                        + ", which does not have it; index and shards are of different models");
            }
        });
        shards.forEach((shard, file) -> {
            for (String tensor : file.tensors().keySet()) {
                if (!shard.equals(shardOfTensor.get(tensor))) {
                    throw new ModelCorrupt("[" + shard + "] tensor '" + tensor + "' is in this file, but " + INDEX
                            + " says " + shardOfTensor.getOrDefault(tensor, "nothing about it")
                            + "; index and shards are of different models");
                }
            }
        });
        return new ArrayList<>(shards.values());
    }

    private static Map<String, String> readIndex(Path folder) {
        JsonNode weightMap =
                parse(INDEX, readJson(folder, INDEX, MAX_INDEX_BYTES)).path("weight_map");
        if (!weightMap.isObject() || weightMap.isEmpty()) {
            throw new ModelCorrupt("[" + INDEX + "] weight_map is missing or empty; expected {tensor: file, ...}");
        }
        Map<String, String> shardOfTensor = new LinkedHashMap<>();
        weightMap.properties().forEach(entry -> {
            String shard = entry.getValue().isTextual() ? entry.getValue().textValue() : "";
            // A name from outside becomes a path here: nothing but a plain file name may pass.
            if (!shard.matches("[A-Za-z0-9_][A-Za-z0-9._-]*\\.safetensors")) {
                throw new ModelCorrupt("[" + INDEX + "] weight_map '" + entry.getKey() + "': " + entry.getValue()
                        + "; expected the name of a .safetensors file in the same folder");
            }
            shardOfTensor.put(entry.getKey(), shard);
        });
        return shardOfTensor;
    }

    private static byte[] readJson(Path folder, String name, long maximumBytes) {
        Path file = folder.resolve(name);
        try {
            long size = Files.size(file);
            if (size > maximumBytes) {
                throw new ModelCorrupt("[" + name + "] has " + size + " bytes; expected at most " + maximumBytes);
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new ModelNotFound("[" + file + "] cannot be read: " + e);
        }
    }

    private static JsonNode parse(String name, byte[] json) {
        try {
            JsonNode root = JSON.readTree(json);
            if (!root.isObject()) {
                throw new ModelCorrupt("[" + name + "] is a JSON " + root.getNodeType() + "; expected an object");
            }
            return root;
        } catch (JsonProcessingException e) {
            throw new ModelCorrupt("[" + name + "] is not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new ModelCorrupt("[" + name + "] is not JSON: " + e.getMessage(), e);
        }
    }
}
