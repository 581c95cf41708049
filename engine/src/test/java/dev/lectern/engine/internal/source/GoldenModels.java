package dev.lectern.engine.internal.source;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;

/// The tiny models of `src/test/resources/golden`, with random weights and the logits that transformers gets from
/// them.
public final class GoldenModels {
    public static final List<String> HUGGING_FACE = List.of(
            "hf/llama4-scout",
            "hf/llama4-maverick",
            "hf/llama3",
            "hf/smollm",
            "hf/qwen2",
            "hf/qwen3-moe",
            "hf/olmoe",
            "hf/granite-moe",
            "hf/gpt-oss",
            "hf/gemma3",
            "hf/phi4-mini",
            "hf/deepseek-v3");
    public static final List<String> GGUF = List.of(
            "gguf/llama4-scout", "gguf/llama3", "gguf/smollm", "gguf/gpt-oss", "gguf/phi4-mini", "gguf/deepseek-v3");

    private GoldenModels() {}

    /// A file or folder below `golden`, for example `hf/llama3` or `gguf/llama3/golden.safetensors`. Missing
    /// ones fail.
    public static Path path(String name) {
        URL resource = GoldenModels.class.getResource("/golden/" + name);
        if (resource == null) {
            throw new AssertionError("test resource golden/" + name + " is missing");
        }
        try {
            return Path.of(resource.toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
