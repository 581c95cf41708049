package dev.lectern.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lectern.engine.Engine;
import dev.lectern.engine.EngineConfig;
import dev.lectern.engine.ReferenceLogits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// `bin/lectern model verify` over all reference models: both formats, one and two threads, one prefill and small
/// pieces. `bin/conformance DIR` runs it with DIR/golden (made by the scripts there with transformers 5.23.0 and
/// torch 2.15.0).
final class GoldenModelsConformance {
    private static final double TOLERANCE = 2e-3;
    private static final Path FIGURES = Path.of("target", "conformance", "GoldenModelsConformance.txt");

    @BeforeAll
    static void newFigures() throws IOException {
        Files.createDirectories(FIGURES.getParent());
        Files.deleteIfExists(FIGURES);
    }

    static Stream<Arguments> models() {
        return Stream.of("hf", "gguf")
                .flatMap(format -> Stream.of("llama4-scout", "llama4-maverick", "llama3", "smollm")
                        .map(name -> format + "/" + name))
                .flatMap(model -> Stream.of(1, 2)
                        .flatMap(threads -> Stream.of(0, 1, 7, 16).map(split -> Arguments.of(model, threads, split))));
    }

    @ParameterizedTest(name = "{0} threads {1} split {2}")
    @MethodSource("models")
    void verifies(String model, int threads, int split) throws IOException {
        Path folder = Path.of(
                        System.getProperty("lectern.conformance.dir", "missing: run bin/conformance DIR"), "golden")
                .resolve(model);
        assertThat(folder).isDirectory();
        ReferenceLogits reference = ReferenceLogits.read(folder.resolve("golden.safetensors"));
        try (Engine engine = Engine.open(new EngineConfig(folder, "auto", threads, 0))) {
            Verification verification = Verification.of(engine, reference, split, TOLERANCE);
            record(model, verification);
            assertThat(verification.passed())
                    .as(String.join("; ", verification.lines()))
                    .isTrue();
        }
    }

    private static void record(String model, Verification figures) throws IOException {
        String line = String.format(
                Locale.ROOT,
                "%-22s %s, threads %d, split %2d: max difference %.2e, median %.2e, argmax %d/%d, greedy %d/%d, %s",
                model,
                figures.backend(),
                figures.threads(),
                figures.split(),
                figures.maxDifference(),
                figures.medianDifference(),
                figures.argmaxEqual(),
                figures.tokens(),
                figures.greedyEqual(),
                figures.greedyTokens(),
                figures.passed() ? "passed" : "FAILED");
        Files.write(FIGURES, List.of(line), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
