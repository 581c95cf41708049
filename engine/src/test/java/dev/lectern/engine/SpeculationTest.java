package dev.lectern.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lectern.engine.constraint.Constraint;
import dev.lectern.engine.constraint.QuoteSource;
import dev.lectern.engine.internal.source.GoldenModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Guessing tokens changes no answer: every test asks one engine that guesses and one that does not.
class SpeculationTest {
    private static final Path MODEL = Path.of("..", "models", "scout-nano");
    private static final SamplingParams WARM = new SamplingParams(0.8f, 40, 0.95f, 0.01f, 5);
    private static final SamplingParams HOT = new SamplingParams(1.5f, 0, 1f, 0f, 7);

    private static Engine guessing;
    private static Engine plain;
    private static int[] document;
    private static int[][] questions;

    @BeforeAll
    static void open() throws IOException {
        guessing = Engine.open(EngineConfig.of(MODEL).withThreads(2));
        plain = Engine.open(EngineConfig.of(MODEL).withThreads(2).withSpeculation(false));
        List<int[]> prompts = new ArrayList<>();
        for (String line : Files.readAllLines(MODEL.resolve("eval/golden20.jsonl"))) {
            JsonNode ids = new ObjectMapper().readTree(line).get("prompt_ids");
            int[] prompt = new int[ids.size()];
            Arrays.setAll(prompt, i -> ids.get(i).asInt());
            prompts.add(prompt);
        }
        prompts.sort((a, b) -> Integer.compare(b.length, a.length));
        // The longest documents, one after the other, and the last one's question.
        document = concat(prompts.get(0), prompts.get(1), prompts.get(2));
        questions = new int[8][];
        for (int i = 0; i < questions.length; i++) {
            int[] prompt = prompts.get(i);
            questions[i] = Arrays.copyOfRange(prompt, prompt.length - 24, prompt.length);
        }
    }

    @AfterAll
    static void close() {
        guessing.close();
        plain.close();
    }

    @Test
    void questionsAboutOneContextGetTheSameAnswers() {
        for (SamplingParams sampling : List.of(SamplingParams.GREEDY, WARM, HOT)) {
            List<GenerationRequest> requests = new ArrayList<>();
            for (int[] question : questions) {
                requests.add(new GenerationRequest(
                        question, 60, sampling, guessing.chat().stopTokens()));
            }
            compare(document, requests);
            if (sampling.greedy()) {
                assertThat(compare(document, requests.subList(0, 1))).isPositive();
            }
        }
    }

    /// A chunk of 512 tokens ends somewhere in the answer.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 9, 17, 30})
    void answersThatCrossTheBorderOfAChunk(int before) {
        int[] context = Arrays.copyOf(document, 1536 - before - questions[0].length);
        List<GenerationRequest> requests = new ArrayList<>();
        // Without stop tokens the model goes on and repeats itself.
        for (int i = 0; i < 3; i++) {
            requests.add(new GenerationRequest(questions[i], 70, SamplingParams.GREEDY, new int[0]));
        }
        assertThat(compare(context, requests)).isPositive();
    }

    @Test
    void answersToOneRequestWithoutContext() {
        GenerationRequest request = new GenerationRequest(document, 100, SamplingParams.GREEDY, new int[0]);
        assertThat(compare(null, List.of(request))).isPositive();
        for (int limit = 1; limit < 12; limit++) {
            compare(null, List.of(new GenerationRequest(questions[0], limit, WARM, new int[0])));
        }
    }

    @Test
    void answersHeldToASchema() {
        String schema = """
                {"type": "object", "additionalProperties": false, "required": ["agreement", "proofs", "kind"],
                 "properties": {"agreement": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3}$"},
                                "proofs": {"type": "array", "minItems": 1, "maxItems": 3,
                                           "items": {"type": "string", "x-quote": true, "maxLength": 160}},
                                "kind": {"enum": ["sale", "lease", null]}}}""";
        String text = plain.tokenizer().decode(document);
        QuoteSource source = QuoteSource.of(text);
        for (SamplingParams sampling : List.of(SamplingParams.GREEDY, WARM, HOT)) {
            for (int maxTokens : new int[] {30, 120}) {
                List<List<Generation>> answers = new ArrayList<>();
                for (Engine engine : List.of(plain, guessing)) {
                    Constraint constraint = engine.constraint(schema).quoting(source);
                    List<GenerationRequest> requests = new ArrayList<>();
                    for (int[] question : questions) {
                        requests.add(new GenerationRequest(
                                question, maxTokens, sampling, engine.chat().stopTokens(), constraint));
                    }
                    answers.add(generate(engine, document, requests));
                }
                check(answers.get(0), answers.get(1), sampling + ", " + maxTokens);
                assertThat(accepted(answers.get(1))).isPositive();
            }
        }
    }

    static List<String> models() {
        return List.of(
                "hf/llama4-scout", "hf/qwen3-moe", "hf/gpt-oss", "hf/gemma3", "hf/deepseek-v3", "gguf/phi4-mini");
    }

    /// Random weights soon repeat themselves or write nonsense: guesses are right and wrong in every way.
    @ParameterizedTest
    @MethodSource("models")
    void randomModelsOfAllFamilies(String name) {
        Path folder = GoldenModels.path(name);
        EngineConfig config = new EngineConfig(folder, "cpu", 2, 0);
        Random random = new Random(17);
        try (Engine with = Engine.open(config);
                Engine without = Engine.open(config.withSpeculation(false))) {
            int vocabulary = Math.min(40, with.info().vocabSize());
            int[] context = random.ints(50, 0, vocabulary).toArray();
            List<GenerationRequest> requests = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                int[] prompt = random.ints(1 + i, 0, vocabulary).toArray();
                SamplingParams sampling = i % 2 == 0 ? SamplingParams.GREEDY : new SamplingParams(0.3f, 4, 1f, 0f, i);
                requests.add(new GenerationRequest(prompt, 40, sampling, new int[0]));
            }
            List<Generation> answers = generate(with, context, requests);
            check(generate(without, context, requests), answers, name);
            assertThat(answers.stream().mapToInt(Generation::proposedTokens).sum())
                    .as(name)
                    .isPositive();
        }
    }

    /// @return how many guesses were right
    private static int compare(int @Nullable [] context, List<GenerationRequest> requests) {
        List<Generation> answers = generate(guessing, context, requests);
        check(generate(plain, context, requests), answers, "context of " + (context == null ? 0 : context.length));
        return accepted(answers);
    }

    private static void check(List<Generation> expected, List<Generation> actual, String what) {
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.get(i).tokens())
                    .as("%s, request %d", what, i)
                    .isEqualTo(expected.get(i).tokens());
            assertThat(actual.get(i)).as("%s, request %d", what, i).isEqualTo(expected.get(i));
            assertThat(expected.get(i).proposedTokens()).isZero();
            assertThat(actual.get(i).acceptedTokens())
                    .isLessThanOrEqualTo(actual.get(i).proposedTokens());
        }
    }

    private static int accepted(List<Generation> answers) {
        return answers.stream().mapToInt(Generation::acceptedTokens).sum();
    }

    private static List<Generation> generate(Engine engine, int @Nullable [] tokens, List<GenerationRequest> requests) {
        if (tokens == null) {
            return engine.generate(null, requests, Cancellation.NONE);
        }
        try (Context context = engine.prefill(tokens, PrefillOptions.DEFAULT)) {
            return engine.generate(context, requests, Cancellation.NONE);
        }
    }

    private static int[] concat(int[]... parts) {
        return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
    }
}
