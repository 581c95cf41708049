package dev.lectern.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The engine with the model that ships, against the model card's reference answers and against itself.
class EngineTest {
    private static final Path MODEL = Path.of("..", "models", "scout-nano");
    private static final int[] NO_STOP = {};

    private static Engine engine;
    private static List<Golden> goldens;

    record Golden(int[] prompt, int[] output) {}

    @BeforeAll
    static void open() throws IOException {
        engine = Engine.open(EngineConfig.of(MODEL));
        ObjectMapper json = new ObjectMapper();
        goldens = Files.readAllLines(MODEL.resolve("eval/golden20.jsonl")).stream()
                .map(line -> {
                    try {
                        JsonNode node = json.readTree(line);
                        return new Golden(ints(node.get("prompt_ids")), ints(node.get("output_ids")));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .toList();
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    @Test
    void goldenGenerationsTokenForToken() {
        assertThat(goldens).hasSize(20);
        for (Golden golden : goldens) {
            Generation generation =
                    generate(null, List.of(request(golden.prompt, 64))).getFirst();
            assertThat(generation.finishReason()).isEqualTo(FinishReason.STOP);
            assertThat(generation.tokens()).isEqualTo(withoutStop(golden));
            assertThat(generation.tokensIn()).isEqualTo(golden.prompt.length);
        }
    }

    @Test
    void requestsDecodedTogetherGiveWhatEachGivesAlone() {
        List<GenerationRequest> requests =
                goldens.stream().map(golden -> request(golden.prompt, 64)).toList();
        List<Generation> together = generate(null, requests);
        for (int i = 0; i < goldens.size(); i++) {
            assertThat(together.get(i).tokens()).as("request %d", i).isEqualTo(withoutStop(goldens.get(i)));
        }
    }

    @Test
    void aContextIsSharedByItsQuestionsWhereverItIsCut() {
        Golden golden =
                goldens.stream().filter(g -> g.prompt.length > 1100).findFirst().orElseThrow();
        for (int cut : new int[] {1, 255, 256, 511, 512, 513, 1024, golden.prompt.length - 1}) {
            try (Context context = engine.prefill(head(golden.prompt, cut), PrefillOptions.DEFAULT)) {
                assertThat(context.tokenCount()).isEqualTo(cut);
                GenerationRequest request = request(tail(golden.prompt, cut), 64);
                for (Generation generation : generate(context, List.of(request, request, request))) {
                    assertThat(generation.tokens()).as("cut at %d", cut).isEqualTo(withoutStop(golden));
                    assertThat(generation.tokensIn()).isEqualTo(golden.prompt.length);
                }
            }
        }
    }

    @Test
    void streamedInAnyPartsTheContextIsTheSameToTheLastBit() {
        int[] tokens = repeated(5000);
        float[] whole = lastLogits(List.of(tokens));
        List<int[]> parts = new ArrayList<>();
        for (int from = 0, size = 1; from < tokens.length; from += size, size = size * 3 + 1) {
            parts.add(java.util.Arrays.copyOfRange(tokens, from, Math.min(tokens.length, from + size)));
        }
        assertThat(lastLogits(parts)).isEqualTo(whole);
    }

    @Test
    void threadsDoNotChangeASingleBit() {
        int[] tokens = repeated(1500);
        float[][] expected = engine.logits(tokens, 0);
        for (int threads : new int[] {1, 2, 3}) {
            try (Engine other = Engine.open(EngineConfig.of(MODEL).withThreads(threads))) {
                assertThat(other.threads()).isEqualTo(threads);
                assertThat(other.logits(tokens, 0)).as("%d threads", threads).isDeepEqualTo(expected);
            }
        }
    }

    @Test
    void theVectorBackendAgreesWithTheScalarOracle() {
        int[] tokens = repeated(1200);
        try (Engine scalar = Engine.open(new EngineConfig(MODEL, "scalar", 1, 0))) {
            float[][] expected = scalar.logits(tokens, 0);
            for (int split : new int[] {0, 1, 100}) {
                float[][] actual = engine.logits(tokens, split);
                for (int row = 0; row < tokens.length; row++) {
                    assertThat(actual[row])
                            .as("split %d, row %d", split, row)
                            .containsExactly(expected[row], org.assertj.core.data.Offset.offset(2e-3f));
                }
            }
        }
    }

    @Test
    void sampledOutputDependsOnTheSeedAlone() {
        GenerationRequest one =
                new GenerationRequest(goldens.getFirst().prompt, 20, new SamplingParams(1.5f, 0, 1f, 0f, 1), NO_STOP);
        GenerationRequest two =
                new GenerationRequest(goldens.getFirst().prompt, 20, new SamplingParams(1.5f, 0, 1f, 0f, 2), NO_STOP);
        List<Generation> alone = generate(null, List.of(one));
        List<Generation> together = generate(null, List.of(two, one, two));
        assertThat(together.get(1)).isEqualTo(alone.getFirst());
        assertThat(together.get(0)).isEqualTo(together.get(2)).isNotEqualTo(together.get(1));
        assertThat(alone.getFirst().finishReason()).isEqualTo(FinishReason.LENGTH);
    }

    @Test
    void cancellationStopsBetweenPiecesAndTokensAndFreesTheMemory() {
        int[] tokens = repeated(10_000);
        AtomicInteger asked = new AtomicInteger();
        PrefillOptions options =
                new PrefillOptions(tokens.length, PrefillListener.NONE, () -> asked.incrementAndGet() > 2);
        assertThatThrownBy(() -> engine.prefill(tokens, options)).isInstanceOf(EngineException.Cancelled.class);
        assertThat(asked).hasValue(3);

        AtomicInteger steps = new AtomicInteger();
        GenerationRequest request =
                new GenerationRequest(goldens.getFirst().prompt, 50, SamplingParams.GREEDY, NO_STOP);
        assertThatThrownBy(() -> engine.generate(null, List.of(request), () -> steps.incrementAndGet() > 5))
                .isInstanceOf(EngineException.Cancelled.class);
        assertThat(steps).hasValue(6);
        assertThat(engine.pool().usedBytes()).isZero();
    }

    @Test
    void progressIsReportedPieceByPiece() {
        AtomicLong last = new AtomicLong();
        List<Long> reports = new ArrayList<>();
        PrefillOptions options = new PrefillOptions(
                5000,
                done -> {
                    reports.add(done);
                    last.set(done);
                },
                Cancellation.NONE);
        engine.prefill(repeated(5000), options).close();
        assertThat(reports).isSorted().hasSizeGreaterThan(1);
        assertThat(last).hasValue(5000);
    }

    @Test
    void whatDoesNotFitIsRefusedWithFigures() {
        assertThatThrownBy(() -> engine.startPrefill(PrefillOptions.expecting(1_048_577)))
                .isInstanceOf(EngineException.ContextTooLong.class)
                .hasMessageContaining("1048577")
                .hasMessageContaining("1048576");
        assertThatThrownBy(() -> engine.prefill(new int[] {1, 3072}, PrefillOptions.DEFAULT))
                .isInstanceOf(EngineException.InvalidRequest.class)
                .hasMessageContaining("3072");
        try (Engine small = Engine.open(new EngineConfig(MODEL, "auto", 1, 32L << 20))) {
            assertThatThrownBy(() -> small.startPrefill(PrefillOptions.expecting(100_000)))
                    .isInstanceOf(EngineException.NotEnoughMemory.class)
                    .hasMessageContaining("100000 tokens")
                    .hasMessageContaining("of 32 MiB");
        }
        assertThatThrownBy(() -> new EngineConfig(MODEL, "tpu", 0, 0)).hasMessageContaining("tpu");
        assertThatThrownBy(() -> Engine.open(new EngineConfig(MODEL, "cuda", 0, 0)))
                .isInstanceOf(EngineException.BackendUnavailable.class);
    }

    private static List<Generation> generate(@Nullable Context context, List<GenerationRequest> requests) {
        return engine.generate(context, requests, Cancellation.NONE);
    }

    private static float[] lastLogits(List<int[]> parts) {
        try (Prefill prefill = engine.startPrefill(PrefillOptions.DEFAULT)) {
            parts.forEach(prefill::append);
            try (Context context = prefill.finish()) {
                List<float[]> rows = new ArrayList<>();
                PagedLogits.collect(engine, context, goldens.getFirst().prompt, rows);
                return rows.getLast();
            }
        }
    }

    private static GenerationRequest request(int[] prompt, int maxTokens) {
        return new GenerationRequest(
                prompt, maxTokens, SamplingParams.GREEDY, engine.chat().stopTokens());
    }

    private static int[] withoutStop(Golden golden) {
        return head(golden.output, golden.output.length - 1);
    }

    private static int[] head(int[] tokens, int count) {
        return java.util.Arrays.copyOf(tokens, count);
    }

    private static int[] tail(int[] tokens, int from) {
        return java.util.Arrays.copyOfRange(tokens, from, tokens.length);
    }

    /// Real text of any length: the golden prompts one after the other.
    private static int[] repeated(int count) {
        int[] tokens = new int[count];
        for (int filled = 0, i = 0; filled < count; i++) {
            int[] prompt = goldens.get(i % goldens.size()).prompt;
            int some = Math.min(prompt.length, count - filled);
            System.arraycopy(prompt, 0, tokens, filled, some);
            filled += some;
        }
        return tokens;
    }

    private static int[] ints(JsonNode array) {
        int[] ints = new int[array.size()];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = array.get(i).asInt();
        }
        return ints;
    }
}
