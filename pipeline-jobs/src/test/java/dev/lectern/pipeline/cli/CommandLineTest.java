package dev.lectern.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// The commands as scripts see them: output, error stream, exit code.
class CommandLineTest {
    private static final Path HOME = Path.of(System.getProperty("lectern.home"));
    private static final String NANO = HOME.resolve("models/scout-nano").toString();
    private static final Path GOLDEN = HOME.resolve("engine/src/test/resources/golden/hf");

    private record Outcome(int exitCode, String out, String err) {
        JsonNode json() throws JsonProcessingException {
            assertThat(out.lines()).hasSize(1);
            return Json.MAPPER.readTree(out);
        }
    }

    private static Outcome lectern(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine = Main.commandLine();
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        int exitCode = commandLine.execute(arguments);
        return new Outcome(exitCode, out.toString(), err.toString());
    }

    @TestFactory
    Stream<DynamicTest> everyCommandExplainsItself() {
        return commands(Main.commandLine())
                .map(command -> DynamicTest.dynamicTest("lectern " + command, () -> {
                    Outcome outcome = lectern((command + " --help").strip().split(" "));
                    assertThat(outcome.exitCode()).isZero();
                    assertThat(outcome.out()).startsWith("Usage: lectern");
                    assertThat(outcome.err()).isEmpty();
                }));
    }

    private static Stream<String> commands(CommandLine root) {
        return Stream.concat(
                Stream.of(""),
                root.getSubcommands().entrySet().stream()
                        .flatMap(entry ->
                                commands(entry.getValue()).map(below -> (entry.getKey() + " " + below).strip())));
    }

    @TestFactory
    Stream<DynamicTest> everyOptionIsDescribed() {
        return allBelow(Main.commandLine())
                .map(command -> DynamicTest.dynamicTest(command.qualifiedName(), () -> {
                    assertThat(command.usageMessage().description()).isNotEmpty();
                    assertThat(command.args())
                            .allSatisfy(
                                    option -> assertThat(option.description()).isNotEmpty());
                }));
    }

    private static Stream<CommandLine.Model.CommandSpec> allBelow(CommandLine root) {
        return Stream.concat(
                Stream.of(root.getCommandSpec()),
                root.getSubcommands().values().stream().flatMap(CommandLineTest::allBelow));
    }

    @Test
    void wrongUsageEndsWith64AndSaysWhereHelpIs() {
        assertThat(lectern("infre"))
                .satisfies(outcome -> assertThat(outcome.exitCode()).isEqualTo(64))
                .satisfies(outcome ->
                        assertThat(outcome.err()).contains("infre", "--help").doesNotContain("Exception"));
        assertThat(lectern("generate", "--model", NANO).exitCode()).isEqualTo(64);
        assertThat(lectern("generate", "--model", NANO, "--prompt", "a", "--tokens", "b.json")
                        .exitCode())
                .isEqualTo(64);
        assertThat(lectern("generate", "--model", NANO, "--prompt", "a", "--temperature", "-1")
                        .exitCode())
                .isEqualTo(64);
        assertThat(lectern("model", "verify", NANO).exitCode()).isEqualTo(64);
        assertThat(lectern().exitCode()).isEqualTo(64);
    }

    @Test
    void missingModelEndsWith65AndNamesIt(@TempDir Path empty) {
        Outcome outcome =
                lectern("model", "info", empty.resolve("no-such-model").toString());
        assertThat(outcome.exitCode()).isEqualTo(65);
        assertThat(outcome.err())
                .startsWith("lectern: ")
                .contains("no-such-model")
                .hasLineCount(1);
        assertThat(lectern("generate", "--model", empty.toString(), "--prompt", "a")
                        .exitCode())
                .isEqualTo(65);
    }

    @Test
    void truncatedModelEndsWith65(@TempDir Path folder) throws IOException {
        Path smollm = GOLDEN.resolve("smollm");
        Files.copy(smollm.resolve("config.json"), folder.resolve("config.json"));
        byte[] weights = Files.readAllBytes(smollm.resolve("model.safetensors"));
        Files.write(folder.resolve("model.safetensors"), java.util.Arrays.copyOf(weights, weights.length - 1000));
        Outcome outcome = lectern("model", "info", folder.toString());
        assertThat(outcome.exitCode()).isEqualTo(65);
        assertThat(outcome.err()).contains("model.safetensors");
    }

    @Test
    void modelInfoNamesWhatTheFolderHolds() throws IOException {
        JsonNode info = lectern("model", "info", NANO, "--json").json();
        assertThat(info.get("architecture").asText()).isEqualTo("llama4_text");
        assertThat(info.get("parameters").asLong()).isEqualTo(7_683_264);
        assertThat(info.get("file_bytes").asLong()).isEqualTo(15_378_024);
        assertThat(info.get("attention_chunk").asInt()).isEqualTo(512);
        assertThat(lectern("model", "info", NANO).out()).contains("7,683,264", "BF16");
    }

    @Test
    void verifyPassesOnTheModelsOwnReferenceAlone() throws IOException {
        String reference = GOLDEN.resolve("smollm/golden.safetensors").toString();
        String model = GOLDEN.resolve("smollm").toString();
        JsonNode figures = lectern("model", "verify", model, reference, "--split", "7", "--threads", "2", "--json")
                .json();
        assertThat(figures.get("passed").asBoolean()).isTrue();
        assertThat(figures.get("max_difference").asDouble()).isLessThan(2e-3);
        assertThat(figures.get("argmax_equal").asInt())
                .isEqualTo(figures.get("tokens").asInt());
        assertThat(figures.get("first_differing_position").asInt()).isEqualTo(-1);

        Outcome strict = lectern("model", "verify", model, reference, "--tolerance", "0");
        assertThat(strict.exitCode()).isEqualTo(65);
        assertThat(strict.out()).contains("FAILED", "position ");

        Outcome other = lectern("model", "verify", GOLDEN.resolve("llama3").toString(), reference);
        assertThat(other.exitCode()).isEqualTo(65);
        Outcome otherVocabulary = lectern("model", "verify", NANO, reference);
        assertThat(otherVocabulary.exitCode()).isEqualTo(65);
        assertThat(otherVocabulary.err()).contains("320", "3072");
    }

    @Test
    void generateAnswersInChatLayout() throws IOException {
        JsonNode answer = lectern(
                        "generate",
                        "--model",
                        NANO,
                        "--chat",
                        "--json",
                        "--prompt",
                        "Agreement KX-482 is worth EUR 93400.\n\nQuestion: How much is due under KX-482?")
                .json();
        assertThat(answer.get("text").asText()).isEqualTo("{\"amount\":93400}");
        assertThat(answer.get("finish_reason").asText()).isEqualTo("stop");
        assertThat(answer.get("tokens_in").asInt()).isGreaterThan(30);
        assertThat(answer.get("tokens_out").asInt())
                .isEqualTo(answer.get("tokens").size());
        assertThat(answer.has("prefill_millis") && answer.has("decode_millis")).isTrue();
    }

    @Test
    void generateTakesTokenIdsAsTheyAre(@TempDir Path folder) throws IOException {
        Path object = Files.writeString(folder.resolve("object.json"), "{\"tokens\": [3056, 2189, 220, 1583]}");
        Path array = Files.writeString(folder.resolve("array.json"), "[3056, 2189, 220, 1583]");
        JsonNode first = lectern(
                        "generate", "--model", NANO, "--tokens", object.toString(), "--max-tokens", "5", "--json")
                .json();
        JsonNode second = lectern(
                        "generate", "--model", NANO, "--tokens", array.toString(), "--max-tokens", "5", "--json")
                .json();
        assertThat(first.get("tokens")).isEqualTo(second.get("tokens"));
        assertThat(first.get("tokens_in").asInt()).isEqualTo(4);
        // A model without a tokenizer takes ids and gives ids.
        JsonNode bare = lectern(
                        "generate",
                        "--model",
                        GOLDEN.resolve("llama3").toString(),
                        "--max-tokens",
                        "3",
                        "--json",
                        "--tokens",
                        Files.writeString(folder.resolve("small.json"), "[1, 2, 3]")
                                .toString())
                .json();
        assertThat(bare.get("tokens").size()).isEqualTo(3);
        assertThat(bare.get("text").isNull()).isTrue();

        Path text = Files.writeString(folder.resolve("text.json"), "[\"a\"]");
        Outcome outcome = lectern("generate", "--model", NANO, "--tokens", text.toString());
        assertThat(outcome.exitCode()).isEqualTo(65);
        assertThat(outcome.err()).contains("text.json", "expected");
        Path foreign = Files.writeString(folder.resolve("foreign.json"), "[1, 999999]");
        assertThat(lectern("generate", "--model", NANO, "--tokens", foreign.toString())
                        .exitCode())
                .isEqualTo(64);
    }

    @Test
    void samplingWithASeedRepeats() throws IOException {
        String[] command = {
            "generate",
            "--model",
            NANO,
            "--prompt",
            "Laboratory report",
            "--temperature",
            "1.5",
            "--seed",
            "7",
            "--max-tokens",
            "12",
            "--json"
        };
        assertThat(lectern(command).json().get("tokens"))
                .isEqualTo(lectern(command).json().get("tokens"));
    }

    @Test
    void generationIsHeldToASchema(@TempDir Path folder) throws IOException {
        Path schema = Files.writeString(folder.resolve("s.json"), """
                {"type": "object", "properties": {"n": {"type": "integer", "maximum": 9, "minimum": 1}},
                 "required": ["n"], "additionalProperties": false}""");
        JsonNode generation = lectern(
                        "generate", "--model", NANO, "--prompt", "Agreement", "--schema", schema.toString(), "--json")
                .json();
        JsonNode answer = Json.MAPPER.readTree(generation.get("text").textValue());
        assertThat(answer.get("n").intValue()).isBetween(1, 9);
        assertThat(answer.size()).isEqualTo(1);

        Path refused = Files.writeString(folder.resolve("r.json"), "{\"pattern\": \"(a)\\\\1\"}");
        Outcome outcome = lectern("generate", "--model", NANO, "--prompt", "a", "--schema", refused.toString());
        assertThat(outcome.exitCode()).isEqualTo(65);
        assertThat(outcome.err()).contains("r.json").contains("pattern");
    }

    @Test
    void quotesAreTakenFromThePrompt(@TempDir Path folder) throws IOException {
        Path schema = Files.writeString(
                folder.resolve("q.json"), "{\"type\": \"string\", \"x-quote\": true, \"minLength\": 9}");
        String prompt = "The \"Agreement\" of Acme,\nsigned in May, is void.";
        JsonNode generation = lectern(
                        "generate", "--model", NANO, "--prompt", prompt, "--schema", schema.toString(), "--json")
                .json();
        String quote = Json.MAPPER.readTree(generation.get("text").textValue()).textValue();
        assertThat(quote.length()).isGreaterThanOrEqualTo(9);
        assertThat(prompt).contains(quote);

        Outcome tooShort = lectern("generate", "--model", NANO, "--prompt", "May", "--schema", schema.toString());
        assertThat(tooShort.exitCode()).isEqualTo(65);
    }

    @Test
    void tokenizeGivesIdsAndOffsets() throws IOException {
        String text = "Agreement KX-482 <|eot|> ☃";
        JsonNode tokens =
                lectern("tokenize", "--model", NANO, "--json", "--text", text).json();
        assertThat(tokens.get("ids").size()).isEqualTo(tokens.get("offsets").size());
        int end = 0;
        for (JsonNode span : tokens.get("offsets")) {
            assertThat(span.get(0).asInt()).isEqualTo(end);
            end = span.get(1).asInt();
        }
        assertThat(end).isEqualTo(text.length());
        // Control tokens begin at 3056: text never becomes one.
        assertThat(tokens.get("ids")).allSatisfy(id -> assertThat(id.asInt()).isLessThan(3056));
    }

    @Test
    void filesThatAreNotTextAreRefused(@TempDir Path folder) throws IOException {
        Path bytes = Files.write(folder.resolve("bytes"), new byte[] {(byte) 0xC3, (byte) 0x28});
        Outcome outcome = lectern("tokenize", "--model", NANO, "--file", bytes.toString());
        assertThat(outcome.exitCode()).isEqualTo(65);
        assertThat(outcome.err()).contains("UTF-8");
        assertThat(lectern(
                                "tokenize",
                                "--model",
                                NANO,
                                "--file",
                                folder.resolve("none").toString())
                        .err())
                .contains("no such file");
    }

    @Test
    void doctorNamesEveryBackendWithItsReason() throws IOException {
        JsonNode findings = lectern("doctor", "--json").json();
        assertThat(findings.get("backend_cpu").asText()).startsWith("available: ");
        assertThat(findings.get("backend_scalar").asText()).startsWith("available: ");
        assertThat(findings.get("backend_cuda").asText()).contains(": ");
        assertThat(findings.get("jdk").asText()).startsWith("25.");
    }

    @Test
    void completionAndVersionPrint() {
        assertThat(lectern("completion").out())
                .startsWith("#!/usr/bin/env bash")
                .contains("verify");
        assertThat(lectern("version").out()).startsWith("lectern ").contains("Spark 4.2.0");
        assertThat(lectern("--version").out()).isEqualTo(lectern("version").out());
    }

    @Test
    void convertsAModelAndSaysWhatItDid(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("llama3.gguf");
        String model = GOLDEN.resolve("llama3").toString();
        Outcome outcome = lectern("convert", model, file.toString(), "--type", "q8_0", "--json");
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        assertThat(outcome.json().get("types").get("Q8_0").intValue()).isPositive();
        assertThat(outcome.json().get("bytes").longValue()).isEqualTo(Files.size(file));
        assertThat(outcome.json().get("worst").get("type").textValue()).isEqualTo("Q8_0");
        assertThat(lectern("model", "info", file.toString()).exitCode()).isZero();

        Outcome again = lectern("convert", model, file.toString(), "--type", "Q8_0");
        assertThat(again.exitCode()).isEqualTo(64);
        assertThat(again.err()).contains("is there already").contains("--force");
        Outcome forced = lectern("convert", model, file.toString(), "--type", "Q4_K", "--force");
        assertThat(forced.exitCode()).isZero();
        assertThat(forced.out()).contains("RMS error").contains("became Q5_0: rows of 64 weights");
        Outcome unknown = lectern("convert", model, file.toString(), "--type", "Q9_K", "--force");
        assertThat(unknown.exitCode()).isEqualTo(64);
        assertThat(unknown.err()).contains("Q9_K").contains("Q4_K");
    }
}
