package dev.lectern.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Tiny models of each family against logits of transformers (made by the reference data's `make_golden.py`, torch
/// 2.15.0, transformers 5.23.0, float32): the bundled ones; the larger set runs in `bin/conformance`.
class GoldenLogitsTest {
    private static final float TOLERANCE = 2e-3f;
    private static final Path GOLDEN = Path.of("src", "test", "resources", "golden");

    static List<String> models() throws IOException {
        List<String> models = new ArrayList<>();
        for (String format : List.of("hf", "gguf")) {
            try (Stream<Path> folders = Files.list(GOLDEN.resolve(format))) {
                folders.map(folder -> format + "/" + folder.getFileName())
                        .sorted()
                        .forEach(models::add);
            }
        }
        return models;
    }

    @ParameterizedTest
    @MethodSource("models")
    void logitsAndGreedyTokensAreTheReferences(String name) {
        verify(name, "cpu", 2, 0, 1, 7, 16);
        verify(name, "scalar", 1, 0);
    }

    @Test
    void oneThreadGivesTheSameBitsAsThree() {
        Path folder = GOLDEN.resolve("hf/deepseek-v3");
        int[] tokens =
                ReferenceLogits.read(folder.resolve("golden.safetensors")).tokens();
        try (Engine one = Engine.open(new EngineConfig(folder, "cpu", 1, 0));
                Engine three = Engine.open(new EngineConfig(folder, "cpu", 3, 0))) {
            assertThat(one.logits(tokens, 0)).isDeepEqualTo(three.logits(tokens, 5));
        }
    }

    private static void verify(String name, String backend, int threads, int... splits) {
        Path folder = GOLDEN.resolve(name);
        ReferenceLogits reference = ReferenceLogits.read(folder.resolve("golden.safetensors"));
        try (Engine engine = Engine.open(new EngineConfig(folder, backend, threads, 0))) {
            for (int split : splits) {
                check(reference, engine.logits(reference.tokens(), split), name + " " + backend + " split " + split);
            }
            GenerationRequest request = new GenerationRequest(
                    reference.tokens(), reference.greedy().length, SamplingParams.GREEDY, new int[0]);
            assertThat(engine.generate(null, List.of(request), Cancellation.NONE)
                            .getFirst()
                            .tokens())
                    .as(name)
                    .isEqualTo(reference.greedy());
        }
    }

    private static void check(ReferenceLogits reference, float[][] logits, String what) {
        assertThat(logits).hasDimensions(reference.logits().length, reference.logits()[0].length);
        for (int row = 0; row < logits.length; row++) {
            float[] expected = reference.logits()[row];
            int argmax = 0;
            int expectedArgmax = 0;
            for (int id = 0; id < expected.length; id++) {
                assertThat(Math.abs(logits[row][id] - expected[id]))
                        .as("%s, position %d, token %d", what, row, id)
                        .isLessThan(TOLERANCE);
                argmax = logits[row][id] > logits[row][argmax] ? id : argmax;
                expectedArgmax = expected[id] > expected[expectedArgmax] ? id : expectedArgmax;
            }
            assertThat(argmax).as("%s, position %d", what, row).isEqualTo(expectedArgmax);
        }
    }
}
