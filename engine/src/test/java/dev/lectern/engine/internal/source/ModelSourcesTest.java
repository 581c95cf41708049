package dev.lectern.engine.internal.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.internal.quant.TensorType;
import dev.lectern.engine.internal.quant.WeightDecoder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class ModelSourcesTest {
    static final List<String> HUGGING_FACE = GoldenModels.HUGGING_FACE;
    static final List<String> GGUF = GoldenModels.GGUF;

    private static final Map<String, String> HUGGING_FACE_ARCHITECTURES = Map.ofEntries(
            Map.entry("hf/llama4-scout", "llama4_text"),
            Map.entry("hf/llama4-maverick", "llama4_text"),
            Map.entry("hf/qwen2", "qwen2"),
            Map.entry("hf/qwen3-moe", "qwen3_moe"),
            Map.entry("hf/olmoe", "olmoe"),
            Map.entry("hf/granite-moe", "granitemoe"),
            Map.entry("hf/gpt-oss", "gpt_oss"),
            Map.entry("hf/gemma3", "gemma3_text"),
            Map.entry("hf/phi4-mini", "phi3"),
            Map.entry("hf/deepseek-v3", "deepseek_v3"));
    private static final Map<String, String> GGUF_ARCHITECTURES = Map.of(
            "gguf/llama4-scout", "llama4",
            "gguf/gpt-oss", "gpt-oss",
            "gguf/phi4-mini", "phi3",
            "gguf/deepseek-v3", "deepseek2");

    @ParameterizedTest
    @FieldSource("HUGGING_FACE")
    void opensHuggingFaceFolders(String name) {
        try (ModelSource source = ModelSources.open(GoldenModels.path(name))) {
            assertThat(source.format()).isEqualTo("huggingface");
            assertThat(source.architecture()).isEqualTo(HUGGING_FACE_ARCHITECTURES.getOrDefault(name, "llama"));
            assertThat(source.metadata().requireInt("vocab_size")).isEqualTo(320);
            assertThat(source.require("model.embed_tokens.weight").shape()).containsExactly(320L, 64L);
            assertThat(source.tensors())
                    .allSatisfy(tensor -> assertThat(tensor.data().byteSize())
                            .isEqualTo(tensor.type().bytes(tensor.weights())));
            assertThat(source.fileBytes()).isGreaterThan(200_000);
        }
    }

    @ParameterizedTest
    @FieldSource("GGUF")
    void opensFoldersWithOneGgufFile(String name) {
        try (ModelSource source = ModelSources.open(GoldenModels.path(name))) {
            assertThat(source.format()).isEqualTo("gguf");
            assertThat(source.architecture()).isEqualTo(GGUF_ARCHITECTURES.getOrDefault(name, "llama"));
            assertThat(source.location().getFileName()).hasToString("model.gguf");
            assertThat(source.require("token_embd.weight").shape()).containsExactly(320L, 64L);
            assertThat(source.metadata().strings("tokenizer.ggml.tokens").orElseThrow())
                    .hasSize(320);
        }
    }

    /// Weights are bfloat16 in both, so their values agree bit for bit (the embedding is stored alike).
    @Test
    void bothFormatsHoldTheSameWeights() {
        try (ModelSource hf = ModelSources.open(GoldenModels.path("hf/llama3"));
                ModelSource gguf = ModelSources.open(GoldenModels.path("gguf/llama3/model.gguf"))) {
            assertThat(decode(gguf.require("token_embd.weight")))
                    .isEqualTo(decode(hf.require("model.embed_tokens.weight")));
            // Norms are bfloat16 in one and float32 in the other.
            assertThat(gguf.require("blk.1.attn_norm.weight").type()).isEqualTo(TensorType.F32);
            assertThat(decode(gguf.require("blk.1.attn_norm.weight")))
                    .isEqualTo(decode(hf.require("model.layers.1.input_layernorm.weight")));
        }
    }

    @Test
    void missingTensorsAreNamed() {
        try (ModelSource source = ModelSources.open(GoldenModels.path("hf/llama3"))) {
            assertThat(source.find("no.such.weight")).isNull();
            assertThatThrownBy(() -> source.require("no.such.weight"))
                    .isInstanceOf(ModelCorrupt.class)
                    .hasMessageContainingAll("[llama3]", "'no.such.weight'", "missing", "'llama'");
        }
    }

    private static float[] decode(TensorData tensor) {
        float[] weights = new float[(int) tensor.weights()];
        WeightDecoder.decode(tensor.type(), tensor.data(), 0, weights, 0, weights.length);
        return weights;
    }
}
