package dev.lectern.pipeline.answers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lectern.engine.Engine;
import dev.lectern.engine.EngineConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whole answers by schemas of all kinds: every one is valid, whether the model finishes it or its tokens run out.
class AnswersTest {
    private static final int ANSWERS_EACH = 3;
    private static final float TEMPERATURE = 1.5f;
    private static final Path MODEL =
            Path.of(System.getProperty("lectern.home")).resolve("models/scout-nano");

    @Test
    void ofTheBundledModelAreValid() throws IOException {
        try (Engine engine = Engine.open(EngineConfig.of(MODEL))) {
            AnswersTrial trial = trial(engine, 120);
            assertThat(trial.finished()).as("finished: %s", trial.figures()).isPositive();
        }
    }

    @Test
    void ofAModelThatBabblesAreValid(@TempDir Path folder) throws IOException {
        try (Engine engine = Engine.open(EngineConfig.of(RandomModel.write(folder.resolve("model"), MODEL, 1)))) {
            AnswersTrial trial = trial(engine, 120);
            assertThat(trial.closed()).as("closed: %s", trial.figures()).isPositive();
            trial(engine, 200);
        }
    }

    private static AnswersTrial trial(Engine engine, int budgetTokens) throws IOException {
        AnswersTrial trial = new AnswersTrial(engine, ANSWERS_EACH, budgetTokens, TEMPERATURE);
        try (InputStream file =
                        Objects.requireNonNull(AnswersTest.class.getResourceAsStream("/answers/schemas.jsonl"));
                BufferedReader lines = new BufferedReader(new InputStreamReader(file, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                SchemaLine schema = SchemaLine.read(line);
                assertThat(trial.take(schema)).as(schema.name()).isTrue();
            }
        }
        trial.finish();
        assertThat(trial.tooLong()).as("without an answer in the budget").isEmpty();
        assertThat(trial.deadEnds()).as("dead ends").isZero();
        assertThat(trial.unparsed()).as("no JSON").isEmpty();
        assertThat(trial.invalid()).as("invalid").isEmpty();
        assertThat(trial.unjudged()).as("not judged").isEmpty();
        return trial;
    }
}
