package dev.lectern.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import dev.lectern.pipeline.SparkTest;
import dev.lectern.pipeline.conf.JobConf;
import dev.lectern.pipeline.conf.JobConfReader;
import dev.lectern.pipeline.table.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The pipeline from files to rows with the bundled model.
class RunJobModelTest extends SparkTest {
    private static final Path HOME = Path.of(System.getProperty("lectern.home", ".."));

    @TempDir
    Path folder;

    @BeforeEach
    void writeJob() throws IOException {
        Path documents = Files.createDirectories(folder.resolve("in"));
        Files.writeString(
                documents.resolve("one.txt"),
                filler(20) + " Agreement KX-482 with Norvik Shipping, dated 2031-04-17, provides for EUR 93400. "
                        + filler(20));
        Files.writeString(
                documents.resolve("two.txt"), filler(10) + " Agreement BW-269 is worth CAD 8872. " + filler(30));
        Files.write(documents.resolve("broken.pdf"), new byte[] {'%', 'P', 'D', 'F', '-', 1, 2, 3});
        Files.copy(HOME.resolve("conf/demo/agreement.schema.json"), folder.resolve("agreement.schema.json"));
        Files.writeString(folder.resolve("questions.csv"), """
                question_id,document,question
                full,one.txt,What are the details of agreement KX-482?
                sum,two.txt,How much is due under BW-269?
                absent,*.txt,Who is the other party to ZZ-100?
                """);
        Files.writeString(folder.resolve("job.yaml"), """
                name: test
                input: { paths: ["in"] }
                model: { path: "%s", threads: 2 }
                context: { maxTokens: 8192 }
                tasks:
                  - { name: agreement, schema: agreement.schema.json, questions: questions.csv, question: "{question}", maxTokens: 64 }
                output: { path: out }
                """.formatted(
                        HOME.resolve("models/scout-nano").toAbsolutePath().normalize()));
    }

    @Test
    void aRunAnswersAndTheSameRunAgainFindsNothingToDo() throws IOException {
        RunReport report = RunJob.run(spark(), conf());
        assertThat(report.documents().files()).isEqualTo(3);
        assertThat(report.documents().documents()).isEqualTo(2);
        assertThat(report.documents().rejects()).isEqualTo(1);
        assertThat(report.tokens().imbalance()).isEmpty();
        assertThat(report.tokens().contexts()).isEqualTo(2);
        assertThat(report.results().questions()).isEqualTo(4);
        assertThat(report.results().byStatus()).containsEntry("OK", 4L);
        assertThat(report.work().contextTokens()).isEqualTo(report.tokens().contextTokens());
        assertThat(report.work().tokensReused()).isPositive();
        assertThat(report.work().prefillTokensPerSecond()).isPositive();
        assertThat(report.identity().backend()).isNotNull();
        assertThat(report.peakMemoryBytes()).isNotNull().isGreaterThan(100L << 20);
        List<Row> answers = Tables.read(spark(), out(), "results")
                .selectExpr("question_id", "text", "run_id")
                .orderBy("question_id", "text")
                .collectAsList();
        assertThat(answers)
                .extracting(row -> row.getString(1))
                .containsExactly(
                        "{\"found\":false}",
                        "{\"found\":false}",
                        "{\"agreement\":\"KX-482\",\"amount\":93400,\"currency\":\"EUR\",\"date\":\"2031-04-17\",\"party\":\"Norvik Shipping\"}",
                        "{\"amount\":8872}");
        assertThat(answers).extracting(row -> row.getString(2)).containsOnly(report.runId());

        RunReport again = RunJob.run(spark(), conf());
        assertThat(again.results().answeredBefore()).isEqualTo(4);
        assertThat(again.results().byStatus().values()).containsOnly(0L);
        assertThat(again.work().tokensPrefilled()).isZero();
        assertThat(again.work().prefillTokensPerSecond()).isNull();
        assertThat(Tables.read(spark(), out(), "runs").count()).isEqualTo(2);
        assertThat(json().get("run_id").asText()).isEqualTo(again.runId());
    }

    @Test
    void aTokenLimitStopsAndALargerOneGoesOn() throws IOException {
        assertThatThrownBy(() -> RunJob.run(spark(), conf("limits.tokens=1300")))
                .isInstanceOfSatisfying(
                        JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.STOPPED));
        assertThat(json().get("exit_code").asInt()).isEqualTo(75);
        long done = Tables.read(spark(), out(), "results").count();
        assertThat(done).isBetween(1L, 3L);
        RunReport rest = RunJob.run(spark(), conf());
        assertThat(rest.results().answeredBefore()).isEqualTo(done);
        assertThat(Tables.read(spark(), out(), "results").count()).isEqualTo(4);
    }

    @Test
    void aMissingModelIsSaidAndRecorded() throws IOException {
        assertThatThrownBy(() -> RunJob.run(spark(), conf("model.path=nowhere")))
                .hasMessageContaining("nowhere");
        assertThat(json().get("exit_code").asInt()).isEqualTo(65);
        assertThat(json().get("message").asText()).contains("nowhere");
        assertThat(json().at("/documents/documents").asInt()).isEqualTo(2);
    }

    private static String filler(int sentences) {
        return "The captain moved the cargo in the cold store. Wind from the north at 7 knots, sea dry. "
                .repeat(sentences)
                .strip();
    }

    private JobConf conf(String... overrides) {
        return JobConfReader.read(folder.resolve("job.yaml").toString(), List.of(overrides));
    }

    private String out() {
        return folder.resolve("out").toString();
    }

    private JsonNode json() throws IOException {
        return new JsonMapper().readTree(folder.resolve("out/run.json").toFile());
    }
}
