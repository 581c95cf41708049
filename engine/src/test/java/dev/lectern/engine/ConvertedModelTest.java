package dev.lectern.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lectern.engine.ModelConverter.Options;
import dev.lectern.engine.ModelConverter.Progress;
import dev.lectern.engine.ModelConverter.Summary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Hugging Face folders as GGUF are the same models.
class ConvertedModelTest {
    private static final Path SCOUT_NANO = Path.of("..", "models", "scout-nano");
    private static final Path GOLDEN = Path.of("src", "test", "resources", "golden", "hf");
    private static final float TOLERANCE = 2e-3f;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private Path converted(Path model, String type) {
        Path file = folder.resolve(type + ".gguf");
        ModelConverter.convert(model, file, new Options(type, Optional.empty(), 0, false), Progress.NONE);
        return file;
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama4-scout", "llama3", "smollm"})
    void logitsAreTheReferences(String name) {
        ReferenceLogits reference = ReferenceLogits.read(GOLDEN.resolve(name).resolve("golden.safetensors"));
        try (Engine engine = Engine.open(EngineConfig.of(converted(GOLDEN.resolve(name), "BF16")))) {
            float[][] logits = engine.logits(reference.tokens(), 0);
            assertThat(logits)
                    .hasDimensions(reference.logits().length, reference.logits()[0].length);
            for (int row = 0; row < logits.length; row++) {
                for (int id = 0; id < logits[row].length; id++) {
                    assertThat(Math.abs(logits[row][id] - reference.logits()[row][id]))
                            .as("%s, position %d, token %d", name, row, id)
                            .isLessThan(TOLERANCE);
                }
            }
        }
    }

    /// Maverick's missing norm is not a key: llama.cpp goes by the number of experts, and this one has another.
    @Test
    void whatGgufCannotDescribeIsRefused() {
        assertThatThrownBy(() -> converted(GOLDEN.resolve("llama4-maverick"), "BF16"))
                .isInstanceOf(EngineException.ModelUnsupported.class)
                .hasMessageContaining("cannot describe this model: layer 0: norm of queries and keys");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void scoutNanoGeneratesTheSameTokensAndTokenizesTheSameText() throws IOException {
        Path file = folder.resolve("nano.gguf");
        Summary summary = ModelConverter.convert(
                SCOUT_NANO, file, new Options("BF16", Optional.empty(), 0, false), Progress.NONE);
        assertThat(summary.rmsError()).isZero();
        assertThat(summary.remarks()).anyMatch(remark -> remark.startsWith("attention chunks of 512 tokens"));
        try (Engine engine = Engine.open(EngineConfig.of(file));
                ModelFiles original = ModelFiles.open(SCOUT_NANO)) {
            for (JsonNode golden : lines("golden20.jsonl")) {
                int[] prompt = JSON.convertValue(golden.get("prompt_ids"), int[].class);
                int[] output = JSON.convertValue(golden.get("output_ids"), int[].class);
                int[] tokens = generate(engine, prompt);
                assertThat(output).as("golden %s", golden.get("id")).startsWith(tokens);
                assertThat(output.length - tokens.length).isBetween(0, 1);
            }
            String document =
                    lines("heldout200.jsonl").getFirst().get("document").asText();
            assertThat(engine.tokenizer().encode(document).ids())
                    .isEqualTo(original.tokenizer().encode(document).ids());
            List<ChatFormat.Message> chat = List.of(new ChatFormat.Message("user", "Grüße, 東京 \uD83D\uDE00?"));
            assertThat(engine.chat().encode(chat)).isEqualTo(original.chat().encode(chat));
            assertThat(engine.chat().stopTokens())
                    .containsExactlyInAnyOrder(original.chat().stopTokens());
        }
    }

    /// Rows of scout-nano are too short for blocks of 256: as Q4_K most of it is Q5_0. The whole 200 questions give
    /// what the model's card says; `lectern.heldout` asks that many instead of the first few.
    @ParameterizedTest
    @CsvSource({"Q8_0, 0.95", "Q4_K, 0.9"})
    void quantisedScoutNanoStillAnswers(String type, double accuracy) throws IOException {
        int count = Integer.getInteger("lectern.heldout", 10);
        int right = 0;
        try (Engine engine = Engine.open(EngineConfig.of(converted(SCOUT_NANO, type)))) {
            for (JsonNode question : lines("heldout200.jsonl").subList(0, count)) {
                String text = question.get("document").asText() + "\n\nQuestion: "
                        + question.get("question").asText();
                int[] prompt = engine.chat().encode(List.of(new ChatFormat.Message("user", text)));
                String answer = engine.tokenizer().decode(generate(engine, prompt));
                right += answer.equals(question.get("truth").asText()) ? 1 : 0;
            }
        }
        System.getLogger(ConvertedModelTest.class.getName())
                .log(System.Logger.Level.INFO, "{0}: {1} of {2} right", type, right, count);
        assertThat(right / (double) count).as("%d of %d right", right, count).isGreaterThanOrEqualTo(accuracy);
    }

    private static int[] generate(Engine engine, int[] prompt) {
        GenerationRequest request = new GenerationRequest(
                prompt, 64, SamplingParams.GREEDY, engine.chat().stopTokens());
        return engine.generate(null, List.of(request), Cancellation.NONE)
                .getFirst()
                .tokens();
    }

    private static List<JsonNode> lines(String file) throws IOException {
        return Files.readAllLines(SCOUT_NANO.resolve("eval").resolve(file)).stream()
                .map(line -> {
                    try {
                        return JSON.readTree(line);
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                })
                .toList();
    }
}
