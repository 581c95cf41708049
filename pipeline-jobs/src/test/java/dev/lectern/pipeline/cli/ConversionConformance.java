package dev.lectern.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lectern.engine.Engine;
import dev.lectern.engine.EngineConfig;
import dev.lectern.engine.EngineException;
import dev.lectern.engine.ModelConverter;
import dev.lectern.engine.ReferenceLogits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// `bin/lectern convert` of every reference model, of either format, to BF16, which holds its weights exactly: the
/// new file gives the reference logits. `bin/conformance DIR` runs it with DIR/golden.
final class ConversionConformance {
    private static final double TOLERANCE = 2e-3;
    private static final Path FIGURES = Path.of("target", "conformance", "ConversionConformance.txt");

    @TempDir
    private Path folder;

    @BeforeAll
    static void newFigures() throws IOException {
        Files.createDirectories(FIGURES.getParent());
        Files.deleteIfExists(FIGURES);
    }

    static Stream<Arguments> models() throws IOException {
        Path golden =
                Path.of(System.getProperty("lectern.conformance.dir", "missing: run bin/conformance DIR"), "golden");
        List<Arguments> models = new ArrayList<>();
        for (String format : List.of("hf", "gguf")) {
            Path parent = golden.resolve(format);
            if (Files.isDirectory(parent)) {
                try (Stream<Path> children = Files.list(parent)) {
                    children.filter(child -> Files.exists(child.resolve("golden.safetensors")))
                            .sorted()
                            .forEach(child -> models.add(Arguments.of(format + "/" + child.getFileName(), child)));
                }
            }
        }
        return models.stream();
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("models")
    void theConvertedModelIsTheSame(String name, Path model) throws IOException {
        Path file = folder.resolve("converted.gguf");
        ReferenceLogits reference = ReferenceLogits.read(model.resolve("golden.safetensors"));
        try {
            ModelConverter.Summary summary = ModelConverter.convert(
                    model,
                    file,
                    new ModelConverter.Options("BF16", Optional.empty(), 0, false),
                    ModelConverter.Progress.NONE);
            try (Engine engine = Engine.open(EngineConfig.of(file))) {
                Verification verification = Verification.of(engine, reference, 0, TOLERANCE);
                record(name, summary, verification);
                assertThat(verification.passed())
                        .as(String.join("; ", verification.lines()))
                        .isTrue();
            }
        } catch (EngineException.ModelUnsupported e) {
            // Of the published models GGUF can describe all; of tiny ones like them not each.
            noteSkipped(name, e, "cannot describe this model");
            assumeThat(e).as("%s", e.getMessage()).hasMessageNotContaining("cannot describe this model");
            throw e;
        } catch (EngineException.ModelCorrupt e) {
            // A reference file without its embedding (gguf/gemma3).
            noteSkipped(name, e, "has no rows");
            assumeThat(e).as("%s", e.getMessage()).hasMessageNotContaining("has no rows");
            throw e;
        }
    }

    private static void noteSkipped(String name, EngineException e, String reason) throws IOException {
        if (String.valueOf(e.getMessage()).contains(reason)) {
            note(String.format(Locale.ROOT, "%-22s to BF16: skipped, %s", name, e.getMessage()));
        }
    }

    private static void record(String name, ModelConverter.Summary summary, Verification figures) throws IOException {
        String line = String.format(
                Locale.ROOT,
                "%-22s to BF16: %d tensors, RMS error %.2e; max difference %.2e, argmax %d/%d, greedy %d/%d, %s",
                name,
                summary.tensors(),
                summary.rmsError(),
                figures.maxDifference(),
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
