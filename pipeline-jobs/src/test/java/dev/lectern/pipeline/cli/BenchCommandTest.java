package dev.lectern.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/// `lectern bench` on a tiny model: what it prints, not how fast it is.
class BenchCommandTest {
    private static final Path HOME = Path.of(System.getProperty("lectern.home"));
    private static final String TINY =
            HOME.resolve("engine/src/test/resources/golden/hf/llama4-scout").toString();

    private record Outcome(int exitCode, String out, String err) {}

    private static Outcome bench(String... arguments) {
        List<String> all = new ArrayList<>(List.of("bench", "--model", TINY, "-t", "2"));
        all.addAll(List.of(arguments));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine = Main.commandLine();
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        int exitCode = commandLine.execute(all.toArray(String[]::new));
        return new Outcome(exitCode, out.toString(), err.toString());
    }

    @Test
    void jsonHasTheNamesOfLlamaBench() throws IOException {
        Outcome outcome = bench("-p", "16", "-n", "4", "-r", "3", "-o", "json");
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        JsonNode records = Json.MAPPER.readTree(outcome.out());
        assertThat(records).hasSize(2);
        JsonNode prompt = records.get(0);
        assertThat(prompt.get("n_prompt").intValue()).isEqualTo(16);
        assertThat(prompt.get("n_gen").intValue()).isZero();
        assertThat(prompt.get("n_threads").intValue()).isEqualTo(2);
        assertThat(prompt.get("samples_ns")).hasSize(3);
        assertThat(prompt.get("samples_ts")).hasSize(3);
        assertThat(prompt.get("avg_ts").doubleValue()).isPositive();
        assertThat(prompt.get("model_type").textValue()).startsWith("llama4");
        for (String name : List.of(
                "build_commit",
                "cpu_info",
                "backends",
                "model_filename",
                "model_size",
                "model_n_params",
                "test_time",
                "avg_ns",
                "stddev_ns",
                "stddev_ts",
                "n_depth")) {
            assertThat(prompt.has(name)).as(name).isTrue();
        }
        assertThat(records.get(1).get("n_gen").intValue()).isEqualTo(4);
        assertThat(records.get(1).has("limit_gflops")).isFalse();
    }

    @Test
    void aProfileNamesOperationsAndTheirShareOfTheLimits() throws IOException {
        Outcome outcome = bench("-p", "16,24", "-n", "0", "-r", "1", "--profile", "--growth");
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        assertThat(outcome.out())
                .contains("pp16", "pp24", "limits of this machine", "quadratic part")
                .contains("attention projections", "experts down", "norm", "between operations");
        Outcome json = bench("-p", "16", "-n", "0", "-r", "2", "--profile", "-o", "json");
        JsonNode prompt = Json.MAPPER.readTree(json.out()).get(0);
        assertThat(prompt.get("limit_gflops").doubleValue()).isPositive();
        assertThat(prompt.get("prefill_gflops").doubleValue()).isPositive();
        assertThat(prompt.get("prefill_profile")).anySatisfy(operation -> {
            assertThat(operation.get("operation").textValue()).isEqualTo("norm");
            assertThat(operation.get("calls").doubleValue()).isGreaterThan(1);
        });
    }

    @Test
    void questionsShareThePrompt() {
        Outcome outcome = bench("-p", "16", "-n", "3", "--questions", "4", "-r", "1");
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("pp16+4xtg3 prefill", "pp16+4xtg3 decode");
        Outcome csv = bench("-p", "0", "-n", "3", "-d", "8", "-r", "2", "-o", "csv");
        assertThat(csv.exitCode()).as(csv.err()).isZero();
        assertThat(csv.out().lines()).hasSize(2);
        assertThat(csv.out()).startsWith("build_commit,").contains("n_depth", "\"8\"");
    }

    @Test
    void wrongUsageIsExplained() {
        assertThat(bench("-p", "0", "-n", "0").exitCode()).isEqualTo(64);
        assertThat(bench("-p", "0", "-n", "0").err()).contains("nothing to measure");
        assertThat(bench("-r", "0").err()).contains("--repetitions 0");
        assertThat(bench("-p", "-4").exitCode()).isEqualTo(64);
        assertThat(bench("-p", "16", "-n", "0", "--questions", "2").exitCode()).isEqualTo(64);
        assertThat(bench("-o", "xml").exitCode()).isEqualTo(64);
    }
}
