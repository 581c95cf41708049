package dev.lectern.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lectern.pipeline.SparkTest;
import dev.lectern.pipeline.conf.JobConfReader;
import dev.lectern.pipeline.table.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of the answers of a model that babbles (scout-nano at temperature 1.5): each is valid by its schema,
/// or its row says what was cut.
class HeldAnswersTest extends SparkTest {
    private static final Path HOME = Path.of(System.getProperty("lectern.home", ".."));
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String TEXT = """
            The harbour lies north of the old town. Agreement KX-482 with "Norvik Shipping", dated 2031-04-17, provides
            for EUR 93400. Two piers were built in 1931; a third — the long one — followed thirty years later.
            """;

    @TempDir
    Path folder;

    private void task(String name, String schema) throws IOException {
        Files.writeString(folder.resolve(name + ".json"), schema);
    }

    private Row row(String task) {
        Row row = Tables.read(spark(), folder.resolve("out").toString(), "results")
                .filter("task = '" + task + "'")
                .selectExpr("status", "text", "error", "tokens_out", "citations", "finish_reason", "doc_id")
                .collectAsList()
                .getFirst();
        return Objects.requireNonNull(row);
    }

    @Test
    void everyAnswerIsWholeOrSaysWhatWasCut() throws IOException {
        Files.writeString(Files.createDirectories(folder.resolve("in")).resolve("harbour.txt"), TEXT);
        task("list", """
                {"type": "object", "required": ["items"], "additionalProperties": false, "properties":
                  {"items": {"type": "array", "minItems": 24, "maxItems": 24, "items": {"type": "string", "pattern": "^[a-z ]*$", "maxLength": 12}}}}""");
        task("cut", """
                {"type": "object", "required": ["note", "kind"], "additionalProperties": false, "properties":
                  {"note": {"type": "string"}, "kind": {"enum": ["sale", "lease"]}}}""");
        task("quote", """
                {"type": "object", "required": ["quote"], "additionalProperties": false, "properties":
                  {"quote": {"type": "string", "x-quote": true, "minLength": 10, "maxLength": 30}}}""");
        Files.writeString(folder.resolve("job.yaml"), """
                name: held
                input: { paths: ["in"] }
                model: { path: "%s", threads: 2 }
                tasks:
                  - { name: list, schema: list.json, question: "What?", maxTokens: 100 }
                  - { name: cut, schema: cut.json, question: "What?", maxTokens: 30, cite: false }
                  - { name: quote, schema: quote.json, question: "What?", maxTokens: 64, cite: false }
                sampling: { temperature: 1.5, seed: 11 }
                output: { path: out }
                """.formatted(
                        HOME.resolve("models/scout-nano").toAbsolutePath().normalize()));
        RunReport report = RunJob.run(
                spark(), JobConfReader.read(folder.resolve("job.yaml").toString(), List.of()));

        Row list = row("list");
        assertThat(list.<String>getAs("status")).as(list.toString()).isEqualTo("OK");
        assertThat(JSON.readTree(list.<String>getAs("text")).get("items")).hasSize(24);
        assertThat(list.<Long>getAs("tokens_out"))
                .as("more than one request's tokens")
                .isGreaterThan(100);
        assertThat(report.work().schemaWork().continuations()).isPositive();

        Row cut = row("cut");
        assertThat(cut.<String>getAs("status")).isEqualTo("INCOMPLETE");
        assertThat(cut.<String>getAs("finish_reason")).isEqualTo("LENGTH");
        assertThat(cut.<Row>getAs("error").<String>getAs("message"))
                .startsWith("cut at /note after ")
                .contains("not the model's: /note, /kind");
        JsonNode closed = JSON.readTree(cut.<String>getAs("text"));
        assertThat(closed.get("kind").asText()).isIn("sale", "lease");

        Row quote = row("quote");
        assertThat(quote.<String>getAs("status")).as(quote.toString()).isEqualTo("OK");
        String quoted = JSON.readTree(quote.<String>getAs("text")).get("quote").asText();
        Row citation = quote.<Row>getList(quote.fieldIndex("citations")).getFirst();
        int start = citation.<Integer>getAs("char_start");
        int end = citation.<Integer>getAs("char_end");
        assertThat(citation.<String>getAs("field")).isEqualTo("/quote");
        assertThat(citation.<String>getAs("doc_id")).isEqualTo(quote.<String>getAs("doc_id"));
        String text = Tables.read(spark(), folder.resolve("out").toString(), "documents")
                .select("text")
                .collectAsList()
                .getFirst()
                .getString(0);
        assertThat(text.substring(start, end)).isEqualTo(quoted);
        assertThat(report.results().disagreements()).isZero();
        assertThat(report.work().compileMicros()).isPositive();
    }
}
