package dev.lectern.engine.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lectern.engine.Tokenizer;
import dev.lectern.engine.internal.source.ModelSource;
import dev.lectern.engine.internal.source.ModelSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Real vocabularies against the ids that their own tokenizers give. They are too large, and not ours, to be bundled:
/// `bin/conformance DIR` runs this on a folder that has them.
///
/// - `tokenizers/gguf`: llama.cpp's `models/ggml-vocab-*.gguf`, with texts (`.inp`) and expected ids (`.out`);
/// - `tokenizers/llama4`: Llama 4's tokenizer.json, with ids by tiktoken and tokenizer.model (`golden.json`).
final class TokenizerConformance {
    private static final String AFTER_CASE = "\n__ggml_vocab_test__\n";

    @ParameterizedTest
    @ValueSource(strings = {"llama-bpe", "gpt-2", "qwen2", "llama-spm", "phi-3"})
    void ggufVocabularyEncodesAsLlamaCpp(String name) throws IOException {
        Path file = reference("tokenizers/gguf/ggml-vocab-" + name + ".gguf");
        String input = Files.readString(Path.of(file + ".inp"));
        assertThat(input).endsWith(AFTER_CASE);
        String[] texts =
                input.substring(0, input.length() - AFTER_CASE.length()).split(AFTER_CASE, -1);
        List<String> expected = Files.readAllLines(Path.of(file + ".out"));
        try (ModelSource source = ModelSources.open(file)) {
            TokenizerSpec spec = GgufVocabulary.from(source.metadata()).toSpec();
            Tokenizer tokenizer = new BpeTokenizer(spec);
            List<String> wrong = new ArrayList<>();
            for (int i = 0; i < texts.length; i++) {
                int[] ids = tokenizer.encode(texts[i]).ids();
                String actual = String.join(
                        " ", IntStream.of(ids).mapToObj(Integer::toString).toList());
                if (!actual.equals(expected.get(i).strip())) {
                    wrong.add("'" + texts[i] + "': " + actual + ", expected "
                            + expected.get(i).strip());
                }
                assertThat(tokenizer.decode(ids)).isEqualTo(texts[i]);
                Spans.assertCover(tokenizer, texts[i]);
            }
            assertThat(wrong).as("of " + texts.length + " cases").isEmpty();
            assertThat(texts).hasSize(expected.size());
            assertWindowsGiveTheWhole(spec);
        }
    }

    @Test
    void llama4EncodesAsItsReference() throws IOException {
        TokenizerSpec spec = TokenizerJsonReader.read(reference("tokenizers/llama4/tokenizer.json"));
        Tokenizer tokenizer = new BpeTokenizer(spec);
        JsonNode cases = new ObjectMapper()
                .readTree(reference("tokenizers/llama4/golden.json").toFile());
        for (JsonNode one : cases) {
            String text = one.get("text").asText();
            int[] expected = Stream.of(one.get("ids"))
                    .flatMapToInt(ids ->
                            IntStream.range(0, ids.size()).map(i -> ids.get(i).asInt()))
                    .toArray();
            assertThat(tokenizer.encode(text).ids()).as(text).isEqualTo(expected);
            assertThat(tokenizer.decode(expected)).isEqualTo(text);
            Spans.assertCover(tokenizer, text);
        }
        assertThat(cases).isNotEmpty();
        assertWindowsGiveTheWhole(spec);
    }

    private static void assertWindowsGiveTheWhole(TokenizerSpec spec) {
        Tokenizer whole = new BpeTokenizer(spec, Integer.MAX_VALUE);
        Tokenizer windowed = new BpeTokenizer(spec, 5);
        for (long seed = 0; seed < 300; seed++) {
            String text = Texts.random(new Random(seed), 300);
            assertThat(windowed.encode(text).ids())
                    .as("seed %d, %s", seed, text)
                    .isEqualTo(whole.encode(text).ids());
        }
    }

    private static Path reference(String name) {
        Path path = Path.of(System.getProperty("lectern.conformance.dir", "missing: run bin/conformance DIR"), name);
        assertThat(path).exists();
        return path;
    }
}
