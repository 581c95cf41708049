package dev.lectern.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tiny models of each family against logits of transformers (made by the reference data's `make_golden.py`, torch
/// 2.15.0, transformers 5.23.0, float32): the bundled ones; the larger set runs in `bin/conformance`.
class GoldenLogitsTest {
    private static final float TOLERANCE = 2e-3f;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hf/llama4-scout",
                "hf/llama4-maverick",
                "hf/llama3",
                "hf/smollm",
                "gguf/llama4-scout",
                "gguf/llama3",
                "gguf/smollm"
            })
    void logitsAndGreedyTokensAreTheReferences(String name) {
        Path folder = Path.of("src", "test", "resources", "golden").resolve(name);
        ReferenceLogits reference = ReferenceLogits.read(folder.resolve("golden.safetensors"));
        for (String backend : new String[] {"scalar", "cpu"}) {
            for (int threads : backend.equals("cpu") ? new int[] {1, 2} : new int[] {1}) {
                try (Engine engine = Engine.open(new EngineConfig(folder, backend, threads, 0))) {
                    for (int split : new int[] {0, 1, 7, 16}) {
                        check(
                                reference,
                                engine.logits(reference.tokens(), split),
                                name + " " + backend + " split " + split);
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
