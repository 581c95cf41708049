package dev.lectern.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lectern.engine.ModelFiles;
import dev.lectern.engine.constraint.PropertyOrder;
import dev.lectern.pipeline.cli.SchemaAcceptance.Outcome;
import dev.lectern.pipeline.cli.SchemaAcceptance.Report;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every `json-schema/*.jsonl` of `bin/conformance DIR` with the first tokenizer of `DIR/tokenizers` that opens: no
/// invalid instance is admitted, and hardly a valid one is stopped. Schemas that cannot be enforced may be refused;
/// the figures say how many.
final class SchemaConformance {
    private static final Path FIGURES = Path.of("target", "conformance", "SchemaConformance.txt");
    private static final Path REFERENCE =
            Path.of(System.getProperty("lectern.conformance.dir", "missing: run bin/conformance DIR"));

    @BeforeAll
    static void newFigures() throws IOException {
        Files.createDirectories(FIGURES.getParent());
        Files.deleteIfExists(FIGURES);
    }

    static List<Path> files() throws IOException {
        Path folder = REFERENCE.resolve("json-schema");
        if (!Files.isDirectory(folder)) {
            return List.of(folder.resolve("none.jsonl"));
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> found = files.filter(file -> file.toString().endsWith(".jsonl"))
                    .sorted()
                    .toList();
            return found.isEmpty() ? List.of(folder.resolve("none.jsonl")) : found;
        }
    }

    private static List<Path> tokenizers() throws IOException {
        Path folder = REFERENCE.resolve("tokenizers");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(folder)) {
            return found.filter(path -> Files.exists(path.resolve("tokenizer.json")))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void admitsWhatIsValid(Path file) throws IOException {
        assumeThat(file).exists();
        assumeThat(tokenizers()).isNotEmpty();
        SchemaAcceptance acceptance =
                new SchemaAcceptance(ModelFiles.openTokenizer(tokenizers().getFirst()), PropertyOrder.ANY);
        List<String> over = new ArrayList<>();
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank()) {
                    Outcome outcome = acceptance.check(line);
                    if (outcome.verdict().equals("over-accepted")) {
                        over.add(outcome.name());
                    }
                }
            }
        }
        Report report = acceptance.report();
        Files.writeString(
                FIGURES,
                String.format(
                        Locale.ROOT,
                        "schemas %s: %d of %d pass, %d over-accepted, %d under-accepted, %d refused %s; mask p50 %.1f us, p99 %.1f us,"
                                + " p99.9 %.1f us; compiling p50 %.1f us, p99 %.1f us%n",
                        file.getFileName(),
                        report.passing(),
                        report.schemas(),
                        report.overAccepted(),
                        report.underAccepted(),
                        report.refused(),
                        acceptance.reasons(),
                        report.maskMicros().p50(),
                        report.maskMicros().p99(),
                        report.maskMicros().p999(),
                        report.compileMicros().p50(),
                        report.compileMicros().p99()),
                Files.exists(FIGURES)
                        ? java.nio.file.StandardOpenOption.APPEND
                        : java.nio.file.StandardOpenOption.CREATE);
        assertThat(over).as("schemas that admitted an invalid instance").isEmpty();
        // A few schemas list the same property twice in ways that the bench reads otherwise.
        assertThat(report.underAccepted())
                .as("schemas that stopped a valid instance")
                .isLessThanOrEqualTo(5);
    }
}
