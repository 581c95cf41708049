package dev.lectern.pipeline.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import dev.lectern.pipeline.SparkTest;
import dev.lectern.pipeline.table.Tables;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SqlJobTest extends SparkTest {
    private static final Timestamp AT = Timestamp.from(Instant.parse("2026-11-21T10:00:00Z"));

    @TempDir
    private static Path out;

    @BeforeAll
    static void writeTables() {
        List<Row> rejects = List.of(
                RowFactory.create("file:/a", null, "ingest", "EMPTY", "no bytes", 0L, null, AT),
                RowFactory.create("file:/b", null, "ingest", "TIMEOUT", "x".repeat(100) + "\nlast", 5L, null, AT));
        Tables.write(
                spark().createDataFrame(rejects, Tables.structType("rejects")), out.toString(), "rejects", "ingest");
        results(
                "agreement",
                new StructType().add("amount", "bigint").add("party", "string"),
                RowFactory.create(5L, null));
        results("yes-no", new StructType().add("answer", "boolean"), RowFactory.create(true));
    }

    @Test
    void rowsAsATable() {
        assertThat(table("SELECT code, byte_size, message FROM rejects ORDER BY code"))
                .isEqualTo("""
                        code     byte_size  message
                        ───────  ─────────  %s
                        EMPTY            0  no bytes
                        TIMEOUT          5  %s…
                        (2 rows)
                        """.formatted("─".repeat(80), "x".repeat(79)));
    }

    @Test
    void rowsAsJsonHoldNullsAndWholeValues() {
        assertThat(json("SELECT uri, doc_id, message, rejected_at FROM rejects WHERE code = 'TIMEOUT'"))
                .isEqualTo("{\"uri\":\"file:/b\",\"doc_id\":null,\"message\":\"" + "x".repeat(100)
                        + "\\nlast\",\"rejected_at\":\"2026-11-21T10:00:00.000Z\"}\n");
        assertThat(json("SELECT 1 AS a, 2 AS a")).isEqualTo("{\"a\":1,\"a\":2}\n");
    }

    @Test
    void resultsOfATaskAreTypedAndThoseOfAllAreJson() {
        assertThat(json("SELECT output.amount + 1 AS more, output FROM results_agreement"))
                .isEqualTo("{\"more\":6,\"output\":{\"amount\":5,\"party\":null}}\n");
        assertThat(json("SELECT task, output FROM results ORDER BY task"))
                .isEqualTo("{\"task\":\"agreement\",\"output\":\"{\\\"amount\\\":5,\\\"party\\\":null}\"}\n"
                        + "{\"task\":\"yes-no\",\"output\":\"{\\\"answer\\\":true}\"}\n");
        assertThat(json("SELECT output.answer FROM results_yes_no")).isEqualTo("{\"answer\":true}\n");
        assertThat(table("SELECT output, fingerprints.model FROM results_agreement"))
                .contains("{\"amount\":5,\"party\":null}  m");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "SELCT 1|Syntax error at or near 'SELCT'",
                "SELECT nothing FROM rejects|`nothing` cannot be resolved",
                "SELECT * FROM documents|Views here: rejects, results_agreement, results_yes_no, results.",
                "SELECT int('x') FROM rejects|cannot be cast to \"INT\"",
                "SELECT assert_true(false)|is not true",
                "DROP VIEW rejects|sql only reads",
                "CREATE TABLE t AS SELECT 1|sql only reads",
                "WITH a AS (SELECT 1) INSERT INTO rejects SELECT * FROM a|sql only reads",
                "~~|Syntax error"
            })
    void aWrongQueryIsOneLine(String query, String message) {
        assertThatThrownBy(() -> table(query)).isInstanceOfSatisfying(JobException.class, e -> {
            assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(e.getMessage()).contains(message).doesNotContain("\n");
        });
    }

    @Test
    void aFolderWithoutTablesIsNamed() {
        assertThatThrownBy(
                        () -> SqlJob.run(spark(), out + "/none", "SELECT 1", SqlJob.Format.TABLE, new StringBuilder()))
                .isInstanceOf(JobException.class)
                .hasMessageContaining("no tables in 'file:" + out + "/none'");
    }

    @Test
    void describingIsReading() {
        assertThat(table("DESCRIBE rejects")).contains("rejected_at");
        assertThat(table("SHOW VIEWS")).contains("results_agreement");
    }

    private static String table(String query) {
        StringBuilder sink = new StringBuilder();
        SqlJob.run(spark(), out.toString(), query, SqlJob.Format.TABLE, sink);
        return sink.toString();
    }

    private static String json(String query) {
        StringBuilder sink = new StringBuilder();
        SqlJob.run(spark(), out.toString(), query, SqlJob.Format.JSON_LINES, sink);
        return sink.toString();
    }

    private static void results(String task, StructType output, Row answer) {
        List<Object> values = new ArrayList<>();
        StructType type = Tables.resultsType(output);
        for (StructField field : type.fields()) {
            values.add(
                    switch (field.name()) {
                        case "output" -> answer;
                        case "task" -> task;
                        case "fingerprints" -> RowFactory.create("m", "t", "p", "s", "g");
                        case "citations" -> List.of();
                        default -> value(field);
                    });
        }
        values.replaceAll(v -> v == NULL ? null : v);
        Row row = RowFactory.create(Objects.requireNonNull(values.toArray()));
        Tables.write(spark().createDataFrame(List.of(row), type), out.toString(), "results", task);
    }

    private static final Object NULL = new Object();

    private static Object value(StructField field) {
        if (field.nullable()) {
            return NULL;
        }
        return switch (field.dataType().simpleString()) {
            case "string" -> field.name();
            case "bigint" -> 1L;
            case "int" -> 1;
            case "boolean" -> false;
            case "timestamp" -> AT;
            default -> throw new IllegalStateException(field.toString());
        };
    }
}
