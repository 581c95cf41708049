package dev.lectern.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `bin/bench-peers` between programs that print fixed figures.
class BenchPeersTest {
    private static final Path HOME = Path.of(System.getProperty("lectern.home"));

    /// Rates of 100, 300 and 200 tokens a second in turns, so that only the median is 200.
    private static final String LECTERN = """
            echo "$*" >>CALLS
            n=$(wc -l <CALLS)
            case $* in
                version) echo fake ;;
                *--questions*) echo '{"n_prompt":64,"n_gen":4,"avg_ns":2000000000,"avg_ts":40.0}' ;;
                *)
                    rate=$(echo 100 300 200 | cut -d ' ' -f $((n % 3 + 1)))
                    echo '{"n_prompt":512,"n_gen":0,"avg_ns":1,"avg_ts":'$rate'.5}'
                    echo '{"n_prompt":0,"n_gen":32,"avg_ns":1,"avg_ts":30.0}'
                    ;;
            esac
            """;

    private static final String LLAMA_BENCH = """
            echo '{"build_commit": "b", "n_prompt": 512, "n_gen": 0, "avg_ns": 1, "avg_ts": 100.25, "stddev_ts": 0.0}'
            echo '{"build_commit": "b", "n_prompt": 0, "n_gen": 32, "avg_ns": 1, "avg_ts": 60.0, "stddev_ts": 0.0}'
            """;

    private static final String BATCHED_BENCH = """
            echo '{"n_kv_max": 1, "pp": 64, "tg": 4, "pl": 2, "t_pp": 1.0, "t_tg": 4.0, "t": 5.0, "speed": 1.0}'
            """;

    @TempDir
    private Path folder;

    @BeforeEach
    void makePrograms() throws IOException {
        for (String script : List.of("bench-peers", "setup.sh")) {
            program("bin/" + script, Files.readString(HOME.resolve("bin").resolve(script)));
        }
        program("bin/lectern", LECTERN.replace("CALLS", folder.resolve("calls").toString()));
        program("peer/llama-bench", LLAMA_BENCH);
        program("peer/llama-batched-bench", BATCHED_BENCH);
        Files.writeString(folder.resolve("toy.gguf"), "");
    }

    private void program(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text.startsWith("#!") ? text : "#!/bin/sh\n" + text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private record Outcome(int exitCode, String output) {}

    private Outcome benchPeers(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("bin/bench-peers"));
        command.addAll(List.of(arguments));
        command.set(0, folder.resolve("bin/bench-peers").toString());
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Outcome(process.exitValue(), output);
    }

    @Test
    void printsMediansAndRatios() throws Exception {
        Outcome outcome = benchPeers("-a", "3", "-p", "512", "-q", "0", "-t", "2", "peer", "toy.gguf");
        assertThat(outcome.exitCode()).as(outcome.output()).isZero();
        assertThat(outcome.output())
                .contains("2 threads of ")
                .contains("flags: ")
                .contains("| toy | pp512, tokens/s | 200.50 (100.50 to 300.50) | 100.25 (100.25 to 100.25) | 2.00 x |")
                .contains("| toy | tg32, tokens/s | 30.00 (30.00 to 30.00) | 60.00 (60.00 to 60.00) | 0.50 x |")
                .doesNotContain("seconds |");
        assertThat(Files.readAllLines(folder.resolve("calls")))
                .hasSize(4)
                .last()
                .asString()
                .contains("-r 1 -o jsonl");
    }

    @Test
    void continuationsAreComparedByTheirTime() throws Exception {
        Outcome outcome = benchPeers("-a", "2", "-q", "2", "-P", "64", "-N", "4", "peer", "toy.gguf");
        assertThat(outcome.exitCode()).as(outcome.output()).isZero();
        assertThat(outcome.output())
                .contains("| toy | pp64+2xtg4, seconds | 2.00 (2.00 to 2.00) | 5.00 (5.00 to 5.00) | 2.50 x |");
    }

    @Test
    void whatIsMissingIsSaid() throws Exception {
        assertThat(benchPeers("peer").exitCode()).isEqualTo(64);
        assertThat(benchPeers("-a", "x", "peer", "toy.gguf").exitCode()).isEqualTo(64);
        assertThat(benchPeers("bin", "toy.gguf").output()).contains("llama-bench: no such program");
        assertThat(benchPeers("peer", "none.gguf").output()).contains("none.gguf: no such file");
        Files.delete(folder.resolve("peer/llama-batched-bench"));
        assertThat(benchPeers("-a", "1", "peer", "toy.gguf").output()).contains("are left out");
        program("peer/llama-bench", "echo broken >&2; exit 3");
        Outcome outcome = benchPeers("-a", "1", "peer", "toy.gguf");
        assertThat(outcome.exitCode()).isEqualTo(70);
        assertThat(outcome.output()).contains("llama-bench failed", "broken");
    }
}
