package dev.lectern.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lectern.engine.EngineException;
import dev.lectern.inference.GuessedTokens;
import dev.lectern.inference.SchemaWork;
import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import dev.lectern.pipeline.SparkTest;
import dev.lectern.pipeline.conf.JobConf;
import dev.lectern.pipeline.pack.PackReport;
import dev.lectern.pipeline.pack.TokenAccount;
import dev.lectern.pipeline.table.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunJobTest extends SparkTest {
    private static final TokenAccount BALANCED = new TokenAccount(100, 90, 10, 5, 1, 3, 1, 100, 4, 1, 3, 2);

    @TempDir
    Path out;

    @Test
    void aRunIsRecordedInItsFileAndItsRow() throws IOException {
        RunReport report = RunJob.run(spark(), conf(0), new FakeStages());
        assertThat(report.succeeded()).isTrue();
        JsonNode json = json();
        assertThat(json.get("status").asText()).isEqualTo("SUCCEEDED");
        assertThat(json.get("exit_code").asInt()).isZero();
        assertThat(json.get("message").isNull()).isTrue();
        assertThat(json.at("/documents/rejects_by_code").toString()).isEqualTo("{\"CORRUPT\":2,\"TOO_LONG\":1}");
        assertThat(json.at("/tokens/document_tokens_in").asLong()).isEqualTo(100);
        assertThat(json.at("/tokens/balanced").asBoolean()).isTrue();
        assertThat(json.at("/engine/prefill_tokens_per_second").asDouble()).isEqualTo(250);
        assertThat(json.at("/results/by_status/OK").asLong()).isEqualTo(7);
        assertThat(json.at("/config/limits/tokens").asLong()).isEqualTo(12);
        assertThat(json.get("stage_millis").fieldNames()).toIterable().containsExactly("ingest", "pack", "infer");
        RunJob.run(spark(), conf(0), new FakeStages());
        List<Row> rows = Tables.read(spark(), out.toString(), "runs").collectAsList();
        assertThat(rows).hasSize(2);
        Row row = rows.getFirst();
        assertThat(row.<Long>getAs("padding_tokens")).isEqualTo(4);
        assertThat(row.<Long>getAs("contexts")).isEqualTo(3);
        assertThat(row.<Long>getAs("rejects")).isEqualTo(3);
        assertThat(row.<String>getAs("backend")).isEqualTo("cpu");
        assertThat(row.<String, Long>getJavaMap(row.fieldIndex("results_by_status")))
                .isEqualTo(Map.of("OK", 7L, "FAILED", 1L));
        try (Stream<Path> files = Files.list(out)) {
            assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.startsWith(".tmp"));
        }
    }

    @Test
    void aFailureIsRecordedWithItsExitCodeAndThrown() throws IOException {
        FakeStages stages = new FakeStages();
        stages.failure = new JobException(ExitCode.INPUT, "no such folder: data");
        assertThatThrownBy(() -> RunJob.run(spark(), conf(0), stages)).isSameAs(stages.failure);
        assertThat(json().get("status").asText()).isEqualTo("FAILED");
        assertThat(json().get("exit_code").asInt()).isEqualTo(65);
        assertThat(json().get("message").asText()).isEqualTo("no such folder: data");
        assertThat(json().at("/documents/files").asLong()).isEqualTo(6);
        Row row = Tables.read(spark(), out.toString(), "runs").first();
        assertThat(row.<Integer>getAs("exit_code")).isEqualTo(65);
    }

    @Test
    void anAccountThatDoesNotBalanceFailsTheRun() throws IOException {
        FakeStages stages = new FakeStages();
        stages.account = new TokenAccount(100, 90, 9, 5, 1, 3, 1, 100, 4, 1, 3, 2);
        assertThatThrownBy(() -> RunJob.run(spark(), conf(0), stages))
                .isInstanceOf(JobException.class)
                .hasMessageContaining("100 in, but 90 packed + 9 rejected = 99");
        assertThat(json().get("exit_code").asInt()).isEqualTo(78);
        assertThat(json().at("/tokens/balanced").asBoolean()).isFalse();
    }

    @Test
    void aLimitStopsTheRunSoThatItCanGoOn() throws IOException {
        FakeStages stages = new FakeStages();
        stages.left = 3;
        assertThatThrownBy(() -> RunJob.run(spark(), conf(0), stages))
                .isInstanceOfSatisfying(
                        JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.STOPPED));
        assertThat(json().get("status").asText()).isEqualTo("STOPPED");
        assertThat(json().get("exit_code").asInt()).isEqualTo(75);
        assertThat(json().get("message").asText()).startsWith("3 of 8 questions are left");
        assertThatThrownBy(() -> RunJob.run(spark(), conf(1), new FakeStages()))
                .isInstanceOf(JobException.class)
                .hasMessageContaining("limits.wallClock");
        assertThat(json().get("exit_code").asInt()).isEqualTo(75);
    }

    @Test
    void answersThatTheValidatorRefusesFailTheRun() throws IOException {
        FakeStages stages = new FakeStages();
        stages.left = 3;
        stages.disagreements = 2;
        assertThatThrownBy(() -> RunJob.run(spark(), conf(0), stages))
                .isInstanceOfSatisfying(
                        JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.QUALITY))
                .hasMessageStartingWith("2 answers held to the schema to the end, yet refused");
        assertThat(json().get("exit_code").asInt()).isEqualTo(78);
        assertThat(json().at("/results/disagreements").asLong()).isEqualTo(2);
    }

    @Test
    void failuresAreToldInTheUsersWords() {
        Throwable wrapped = new RuntimeException(
                "Job aborted",
                new IllegalStateException(new EngineException.NotEnoughMemory("needs 9 GiB, has 4\n\tat x")));
        assertThat(RunFailure.of(wrapped)).isEqualTo(new RunFailure(ExitCode.ENGINE, "needs 9 GiB, has 4"));
        assertThat(RunFailure.of(new EngineException.ModelNotFound("none")).exitCode())
                .isEqualTo(ExitCode.INPUT);
        assertThat(RunFailure.of(new RuntimeException("x", new java.io.EOFException())))
                .isEqualTo(new RunFailure(ExitCode.ENGINE, "EOFException: no message"));
    }

    private JsonNode json() throws IOException {
        return new JsonMapper().readTree(out.resolve("run.json").toFile());
    }

    private JobConf conf(long wallClockMillis) {
        return new JobConf(
                "test",
                new JobConf.Input(List.of("file:/in"), List.of()),
                new JobConf.Model("file:/model", "auto", 0),
                new JobConf.Context(JobConf.Grouping.DOCUMENT, 1000, JobConf.Overflow.SPLIT, true, true, 3),
                List.of(),
                new JobConf.Sampling(0, 0, 1, 0, 0),
                new JobConf.Limits(12, wallClockMillis),
                new JobConf.Output(out.toString()));
    }

    private static final class FakeStages implements RunStages {
        @Nullable
        JobException failure;

        TokenAccount account = BALANCED;

        long left;

        long disagreements;

        @Override
        public RunReport.Documents ingest(SparkSession spark, JobConf conf) {
            if (conf.limits().wallClockMillis() == 1) {
                long start = System.currentTimeMillis();
                while (System.currentTimeMillis() <= start + 1) {
                    Thread.onSpinWait();
                }
            }
            return new RunReport.Documents(6, 4, Map.of("CORRUPT", 2L));
        }

        @Override
        public PackReport pack(SparkSession spark, JobConf conf) {
            if (failure != null) {
                throw failure;
            }
            return new PackReport(account, Map.of("TOO_LONG", 1L), "model", "tokenizer", "recipe", List.of());
        }

        @Override
        public Inferred infer(SparkSession spark, JobConf conf, String runId) {
            return new Inferred(
                    new RunReport.Work(500, 60, 100, 40, 2000, 1000, SchemaWork.NONE, GuessedTokens.NONE, 0),
                    new RunReport.Results(
                            8, 0, left, disagreements, Map.of("OK", 7L, "FAILED", 1L), Map.of("SCHEMA", 1L)),
                    "cpu",
                    2,
                    List.of());
        }
    }
}
