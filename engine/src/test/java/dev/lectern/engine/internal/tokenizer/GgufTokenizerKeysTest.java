package dev.lectern.engine.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.engine.EngineException.ModelUnsupported;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tokenizers written as GGUF keys and read back encode as before.
final class GgufTokenizerKeysTest {
    private static final Path SCOUT = Path.of("..", "models", "scout-nano");
    private static final Path MODELS = Path.of("src", "test", "resources", "tokenizer");

    @Test
    void byteLevelTokenizersComeBack() {
        Map<String, Object> keys = GgufTokenizerKeys.ofFolder(SCOUT, 3072);

        assertThat(keys)
                .containsEntry("tokenizer.ggml.model", "gpt2")
                .containsEntry("tokenizer.ggml.pre", "llama4")
                .containsKey("tokenizer.ggml.bos_token_id")
                .containsKey("tokenizer.ggml.eos_token_id");
        assertThat(value(keys, "tokens", List.class)).hasSize(3072);
        assertSame(TokenizerJsonReader.read(SCOUT.resolve("tokenizer.json")), keys);
    }

    @Test
    void sentencePieceTokenizersComeBack(@TempDir Path folder) throws IOException {
        Files.copy(MODELS.resolve("bpe.model"), folder.resolve("tokenizer.model"));
        Files.writeString(folder.resolve("config.json"), "{\"bos_token_id\": 1, \"eos_token_id\": [2, 5]}");
        Map<String, Object> keys = GgufTokenizerKeys.ofFolder(folder, 704);

        assertThat(keys)
                .containsEntry("tokenizer.ggml.model", "llama")
                .containsEntry("tokenizer.ggml.bos_token_id", 1)
                .containsEntry("tokenizer.ggml.eos_token_id", 2)
                .containsEntry("tokenizer.ggml.add_space_prefix", true);
        assertSame(Tokenizers.readFolder(folder), keys);
        assertSame(
                TokenizerJsonReader.read("tiny", TinyTokenizer.sentencePiece().toString()),
                GgufTokenizerKeys.of(
                        TokenizerJsonReader.read(
                                "tiny", TinyTokenizer.sentencePiece().toString()),
                        271));
    }

    @Test
    void refusesWhatGgufCannotSay() {
        assertThatThrownBy(() -> GgufTokenizerKeys.of(Tokenizers.readModel(MODELS.resolve("unigram.model")), 600))
                .isInstanceOf(ModelUnsupported.class)
                .hasMessageContaining("unigram");
        TokenizerSpec spec = TokenizerJsonReader.read(SCOUT.resolve("tokenizer.json"));
        TokenizerSpec own =
                new TokenizerSpec("own", spec.vocabulary(), spec.normaliser(), PreTokenizer.byteLevel("[a-z]+"), false);
        assertThatThrownBy(() -> GgufTokenizerKeys.of(own, 3072))
                .isInstanceOf(ModelUnsupported.class)
                .hasMessageContainingAll("[own]", "tokenizer.ggml.pre", "[a-z]+");
    }

    private static void assertSame(TokenizerSpec spec, Map<String, Object> keys) {
        float[] scores = (float[]) keys.getOrDefault("tokenizer.ggml.scores", new float[0]);
        GgufVocabulary written = new GgufVocabulary(
                "written",
                value(keys, "model", String.class),
                value(keys, "pre", String.class),
                strings(keys, "tokens"),
                Arrays.stream(value(keys, "token_type", int[].class)).boxed().toList(),
                keys.containsKey("tokenizer.ggml.merges") ? strings(keys, "merges") : List.of(),
                IntStream.range(0, scores.length).mapToObj(i -> scores[i]).toList(),
                (Boolean) keys.getOrDefault("tokenizer.ggml.add_space_prefix", false));
        SubwordTokenizer before = new SubwordTokenizer(spec);
        SubwordTokenizer after = new SubwordTokenizer(written.toSpec());
        for (long seed = 0; seed < 100; seed++) {
            String text = Texts.random(new Random(seed), 200) + " the engine runs";
            assertThat(after.encode(text).ids())
                    .as("seed " + seed)
                    .isEqualTo(before.encode(text).ids());
        }
    }

    private static List<String> strings(Map<String, Object> keys, String name) {
        List<String> strings = new ArrayList<>();
        for (Object value : value(keys, name, List.class)) {
            strings.add((String) value);
        }
        return strings;
    }

    private static <T> T value(Map<String, Object> keys, String name, Class<T> type) {
        return type.cast(Objects.requireNonNull(keys.get("tokenizer.ggml." + name), name));
    }
}
