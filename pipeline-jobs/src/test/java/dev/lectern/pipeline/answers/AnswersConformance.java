package dev.lectern.pipeline.answers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lectern.engine.Engine;
import dev.lectern.engine.EngineConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whole answers by the first schemas of `DIR/json-schema` that can be enforced, from the bundled model and from one
/// that babbles: all of them are valid, those that the models finish and those that are closed for want of tokens.
final class AnswersConformance {
    private static final int SCHEMAS = 500;
    private static final int ANSWERS_EACH = 3;
    private static final int BUDGET_TOKENS = 200;
    private static final float TEMPERATURE = 1.5f;
    private static final Path FIGURES = Path.of("target", "conformance", "AnswersConformance.txt");
    private static final Path MODEL =
            Path.of(System.getProperty("lectern.home")).resolve("models/scout-nano");

    @BeforeAll
    static void newFigures() throws IOException {
        Files.createDirectories(FIGURES.getParent());
        Files.deleteIfExists(FIGURES);
    }

    @Test
    void ofTheBundledModel() throws IOException {
        answersAreValid("scout-nano", MODEL);
    }

    @Test
    void ofAModelThatBabbles(@TempDir Path folder) throws IOException {
        answersAreValid("random weights", RandomModel.write(folder.resolve("model"), MODEL, 1));
    }

    private static void answersAreValid(String model, Path path) throws IOException {
        List<Path> files = files();
        assumeThat(files).isNotEmpty();
        try (Engine engine = Engine.open(EngineConfig.of(path))) {
            AnswersTrial trial = new AnswersTrial(engine, ANSWERS_EACH, BUDGET_TOKENS, TEMPERATURE);
            for (Path file : files) {
                take(file, trial);
            }
            trial.finish();
            Files.writeString(
                    FIGURES,
                    "answers " + model + ": " + trial.figures() + System.lineSeparator(),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
            assertThat(trial.unparsed()).as("answers that are no JSON").isEmpty();
            assertThat(trial.invalid()).as("answers that are invalid").isEmpty();
        }
    }

    private static List<Path> files() throws IOException {
        Path folder = Path.of(System.getProperty("lectern.conformance.dir", "missing: run bin/conformance DIR"))
                .resolve("json-schema");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".jsonl"))
                    .sorted()
                    .toList();
        }
    }

    private static void take(Path file, AnswersTrial trial) throws IOException {
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            for (String line = lines.readLine(); line != null && trial.schemas() < SCHEMAS; line = lines.readLine()) {
                if (!line.isBlank()) {
                    trial.take(SchemaLine.read(line));
                }
            }
        }
    }
}
