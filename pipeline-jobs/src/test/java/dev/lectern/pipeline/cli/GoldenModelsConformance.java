package dev.lectern.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lectern.engine.Engine;
import dev.lectern.engine.EngineConfig;
import dev.lectern.engine.EngineException;
import dev.lectern.engine.ReferenceLogits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
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

    static Stream<Arguments> models() throws IOException {
        return folders().stream()
                .flatMap(folder -> Stream.of(1, 2)
                        .flatMap(threads -> Stream.of(0, 1, 7, 16)
                                .map(split -> Arguments.of(name(folder), folder, threads, split))));
    }

    /// Every folder of either format with logits of text: whatever the reference data holds.
    private static List<Path> folders() throws IOException {
        Path golden =
                Path.of(System.getProperty("lectern.conformance.dir", "missing: run bin/conformance DIR"), "golden");
        List<Path> folders = new ArrayList<>();
        for (String format : List.of("hf", "gguf")) {
            Path parent = golden.resolve(format);
            if (Files.isDirectory(parent)) {
                try (Stream<Path> models = Files.list(parent)) {
                    models.filter(folder -> Files.exists(folder.resolve("golden.safetensors")))
                            .sorted()
                            .forEach(folders::add);
                }
            }
        }
        return folders;
    }

    private static String name(Path folder) {
        return folder.subpath(folder.getNameCount() - 2, folder.getNameCount()).toString();
    }

    @ParameterizedTest(name = "{0} threads {2} split {3}", allowZeroInvocations = true)
    @MethodSource("models")
    void verifies(String model, Path folder, int threads, int split) throws IOException {
        ReferenceLogits reference = ReferenceLogits.read(folder.resolve("golden.safetensors"));
        try (Engine engine = Engine.open(new EngineConfig(folder, "auto", threads, 0))) {
            Verification verification = Verification.of(engine, reference, split, TOLERANCE);
            record(model, verification);
            assertThat(verification.passed())
                    .as(String.join("; ", verification.lines()))
                    .isTrue();
        } catch (EngineException.ModelCorrupt e) {
            // Nothing can be computed from a file without its embedding (the reference data's gguf/gemma3): said, and
            // counted as skipped.
            if (String.valueOf(e.getMessage()).contains("has no rows")) {
                note(String.format(
                        Locale.ROOT,
                        "%-22s threads %d, split %2d: skipped, %s",
                        model,
                        threads,
                        split,
                        e.getMessage()));
            }
            assumeThat(e).as("%s", e.getMessage()).hasMessageNotContaining("has no rows");
            throw e;
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
        note(line);
    }

    private static void note(String line) throws IOException {
        Files.write(FIGURES, List.of(line), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
