package dev.lectern.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// `lectern schema`: what it prints, and its exit codes.
class SchemaCommandTest {
    private static final String NANO = Path.of(System.getProperty("lectern.home"))
            .resolve("models/scout-nano")
            .toString();

    @TempDir
    private Path folder;

    private record Outcome(int exitCode, String out, String err) {}

    private static Outcome lectern(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine = Main.commandLine();
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        int exitCode = commandLine.execute(arguments);
        return new Outcome(exitCode, out.toString(), err.toString());
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    @Test
    void countsWhatPassesAndWhatIsRefused() throws IOException {
        String instances = file("cases.jsonl", """
                {"name": "good", "schema": {"type": "integer"}, "tests": [{"data": 12, "valid": true}, {"data": "x", "valid": false}]}
                {"name": "refused", "schema": {"unevaluatedItems": false}, "tests": []}

                {"name": "mistaken", "schema": {"type": "string"}, "tests": [{"data": ["a", 1.0, {"é": null}], "valid": true}]}
                """);
        Outcome outcome = lectern("schema", "accepts", "--tokenizer", NANO, "--instances", instances, "--json");
        assertThat(outcome.exitCode()).isZero();
        JsonNode report = Json.MAPPER.readTree(outcome.out());
        assertThat(report.get("schemas").intValue()).isEqualTo(3);
        assertThat(report.get("passing").intValue()).isEqualTo(1);
        assertThat(report.get("refused").intValue()).isEqualTo(1);
        assertThat(report.get("over_accepted").intValue()).isZero();
        assertThat(report.get("under_accepted").intValue()).isEqualTo(1);
        assertThat(report.get("tokens").intValue()).isPositive();
        assertThat(report.get("mask_micros").has("p999")).isTrue();
        assertThat(report.get("compile_micros").has("p99")).isTrue();

        Outcome listed = lectern("schema", "accepts", "--model", NANO, "--instances", instances, "--list");
        assertThat(listed.out())
                .contains(
                        "refused  refused",
                        "under-accepted  mistaken",
                        "1 of 3 schemas pass",
                        "unsupported (unevaluatedItems)");
    }

    @Test
    void failsWhereAnInvalidInstanceIsAdmitted() throws IOException {
        String instances = file("cases.jsonl", "{\"schema\": {}, \"tests\": [{\"data\": 1, \"valid\": false}]}");
        assertThat(lectern("schema", "accepts", "--tokenizer", NANO, "--instances", instances)
                        .exitCode())
                .isEqualTo(65);
    }

    @Test
    void saysWhichLineIsNone() throws IOException {
        String instances = file("cases.jsonl", "{\"schema\": {}}\n[]\n");
        Outcome outcome = lectern("schema", "accepts", "--tokenizer", NANO, "--instances", instances);
        assertThat(outcome.exitCode()).isEqualTo(65);
        assertThat(outcome.err()).contains("cases.jsonl] line 2");
    }

    @Test
    void explainsASchema() throws IOException {
        String schema = file("task.json", """
                {"type": "object", "properties": {"party": {"type": "string", "minLength": 1}, "amount": {"type": "integer", "minimum": 5}},
                 "required": ["party", "amount"], "additionalProperties": false}
                """);
        Outcome outcome = lectern("schema", "explain", schema);
        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.out()).contains("example:  {\"party\": \"", "\"amount\": ", "party ", "amount ", "BIGINT");
    }

    @Test
    void givesAnExampleOfAQuote() throws IOException {
        String schema = file("task.json", """
                {"type": "object", "properties": {"proof": {"type": "string", "x-quote": true}},
                 "required": ["proof"], "additionalProperties": false}
                """);
        Outcome outcome = lectern("schema", "explain", schema);
        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.out()).contains("example:  {\"proof\": \"");
    }

    @Test
    void explainsColumnsAndMarks() throws IOException {
        String schema = file("task.json", """
                {"type": "object", "additionalProperties": false, "properties": {
                  "signed": {"type": "string", "format": "date"}, "seen": {"type": ["string", "null"], "format": "date-time"},
                  "price": {"type": "number", "multipleOf": 0.01, "minimum": 0, "maximum": 1000000},
                  "rates": {"type": "object", "additionalProperties": {"type": "number"}},
                  "parties": {"type": "array", "items": {"type": "string", "x-cite": true}}, "extra": {}}}
                """);
        assertThat(lectern("schema", "explain", schema).out().replaceAll(" +", " "))
                .contains(
                        "signed DATE",
                        "seen TIMESTAMP",
                        "price DECIMAL(18,2)",
                        "rates MAP<STRING, DOUBLE>",
                        "parties ARRAY<STRING>",
                        "extra STRING",
                        "cited (x-cite): /parties/*",
                        "note: '/properties/extra' has no 'type' that maps to a column: stored as a string of JSON",
                        "parse_json(output.NAME)",
                        "held to what these columns can store");
    }

    @Test
    void explainsWhyASchemaIsRefused() throws IOException {
        Outcome outcome =
                lectern("schema", "explain", file("task.json", "{\"properties\": {\"a\": {\"pattern\": \"(?=a)\"}}}"));
        assertThat(outcome.exitCode()).isEqualTo(65);
        assertThat(outcome.out()).startsWith("refused: [schema#/properties/a/pattern]");
    }
}
