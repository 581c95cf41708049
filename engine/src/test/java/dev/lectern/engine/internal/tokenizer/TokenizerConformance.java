package dev.lectern.engine.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lectern.engine.EngineException;
import dev.lectern.engine.Tokenizer;
import dev.lectern.engine.internal.source.ModelSource;
import dev.lectern.engine.internal.source.ModelSources;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Real vocabularies against the ids that their own tokenizers give. They are too large, and not ours, to be
/// bundled: `bin/conformance DIR` runs this on every vocabulary that it finds below `DIR/tokenizers`:
///
/// - `NAME.gguf` with texts (`NAME.gguf.inp`) and expected ids (`NAME.gguf.out`), as llama.cpp's `models` has
///   them;
/// - folders with `golden.json` (texts and ids by the model's own tokenizer) and a tokenizer.json,
///   tokenizer.model or tiktoken.model: each of these files.
final class TokenizerConformance {
    private static final String AFTER_CASE = "\n__ggml_vocab_test__\n";
    private static final Path FIGURES = Path.of("target", "conformance", "TokenizerConformance.txt");
    private static final List<String> FOLDER_FILES = List.of("tokenizer.json", "tokenizer.model", "tiktoken.model");

    private record Case(String text, int[] ids) {}

    @BeforeAll
    static void newFigures() throws IOException {
        Files.createDirectories(FIGURES.getParent());
        Files.deleteIfExists(FIGURES);
    }

    @TestFactory
    Stream<DynamicTest> vocabularies() throws IOException {
        Path folder = Path.of(System.getProperty("lectern.conformance.dir", "missing: run bin/conformance DIR"))
                .resolve("tokenizers");
        if (!Files.isDirectory(folder)) {
            return Stream.of(DynamicTest.dynamicTest(
                    "tokenizers", () -> assumeTrue(false, "no folder tokenizers: nothing to compare with")));
        }
        List<Path> vocabularies;
        try (Stream<Path> files = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            vocabularies =
                    files.filter(TokenizerConformance::isVocabulary).sorted().toList();
        }
        assertThat(vocabularies).as("vocabularies below " + folder).isNotEmpty();
        return vocabularies.stream()
                .map(file -> DynamicTest.dynamicTest(folder.relativize(file).toString(), () -> compare(folder, file)));
    }

    private static boolean isVocabulary(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".gguf") || FOLDER_FILES.contains(name);
    }

    private static void compare(Path folder, Path file) throws IOException {
        String name = folder.relativize(file).toString();
        List<Case> cases = cases(file);
        if (cases.isEmpty()) {
            record(name + ": skipped, no expected ids beside it");
        }
        assumeTrue(!cases.isEmpty(), "no expected ids");
        TokenizerSpec spec;
        try {
            spec = read(file);
        } catch (EngineException e) {
            record(name + ": FAILED, " + e.getMessage());
            throw e;
        }
        Tokenizer tokenizer = new SubwordTokenizer(spec);
        List<String> wrong = new ArrayList<>();
        int equal = 0;
        int roundTrips = 0;
        int offsets = 0;
        for (Case one : cases) {
            int[] ids = tokenizer.encode(one.text).ids();
            if (Arrays.equals(ids, one.ids)) {
                equal++;
            } else {
                wrong.add("'" + one.text + "': " + Arrays.toString(ids) + ", expected " + Arrays.toString(one.ids));
            }
            String expected =
                    spec.normaliser().composed() ? Normalizer.normalize(one.text, Normalizer.Form.NFC) : one.text;
            roundTrips += tokenizer.decode(ids).equals(expected) ? 1 : 0;
            try {
                Spans.assertCover(tokenizer, one.text);
                offsets++;
            } catch (AssertionError e) {
                wrong.add(e.getMessage());
            }
        }
        int streams = streams(spec);
        record("%s: %d cases, %d ids equal, %d round trips, %d offsets right, %d of 300 streams as the whole"
                .formatted(name, cases.size(), equal, roundTrips, offsets, streams));
        assertThat(wrong).as(name).isEmpty();
        assertThat(roundTrips).isEqualTo(cases.size());
        assertThat(streams).isEqualTo(300);
    }

    private static TokenizerSpec read(Path file) {
        String name = file.getFileName().toString();
        if (name.equals("tokenizer.json")) {
            return TokenizerJsonReader.read(file);
        }
        if (name.endsWith(".model")) {
            return Tokenizers.readModel(file);
        }
        try (ModelSource source = ModelSources.open(file)) {
            return GgufVocabulary.from(source.metadata()).toSpec();
        }
    }

    private static List<Case> cases(Path file) throws IOException {
        List<Case> cases = new ArrayList<>();
        Path golden = file.resolveSibling("golden.json");
        if (FOLDER_FILES.contains(file.getFileName().toString())) {
            if (!Files.exists(golden)) {
                return cases;
            }
            for (JsonNode one : new ObjectMapper().readTree(golden.toFile())) {
                JsonNode ids = one.get("ids");
                cases.add(new Case(
                        one.get("text").asText(),
                        IntStream.range(0, ids.size())
                                .map(i -> ids.get(i).asInt())
                                .toArray()));
            }
            return cases;
        }
        Path inputs = Path.of(file + ".inp");
        Path outputs = Path.of(file + ".out");
        if (!Files.exists(inputs) || !Files.exists(outputs)) {
            return cases;
        }
        String input = Files.readString(inputs);
        String[] texts = input.split(AFTER_CASE, -1);
        List<String> expected = Files.readAllLines(outputs);
        if (texts.length == expected.size() + 1) {
            assertThat(texts[texts.length - 1].strip())
                    .as("after the last case")
                    .isEmpty();
            texts = Arrays.copyOf(texts, expected.size());
        }
        assertThat(texts).hasSize(expected.size());
        for (int i = 0; i < texts.length; i++) {
            int[] ids = Stream.of(expected.get(i).strip().split("\\s+"))
                    .filter(id -> !id.isEmpty())
                    .mapToInt(Integer::parseInt)
                    .toArray();
            cases.add(new Case(texts[i], ids));
        }
        return cases;
    }

    /// How many of 300 random texts have the same tokens when they come in small parts.
    private static int streams(TokenizerSpec spec) {
        Tokenizer whole = new SubwordTokenizer(spec, Integer.MAX_VALUE);
        Tokenizer windowed = new SubwordTokenizer(spec, 5);
        int same = 0;
        for (long seed = 0; seed < 300; seed++) {
            String text = Texts.random(new Random(seed), 300);
            same += outcome(whole, text).equals(outcome(windowed, text)) ? 1 : 0;
        }
        return same;
    }

    /// Tokens with their spans, or why the vocabulary cannot express the text.
    private static String outcome(Tokenizer tokenizer, String text) {
        try {
            Tokenizer.Encoding encoding = tokenizer.encode(text);
            return Arrays.toString(encoding.ids())
                    + Arrays.toString(encoding.starts())
                    + Arrays.toString(encoding.ends());
        } catch (EngineException.InvalidRequest e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static void record(String line) throws IOException {
        Files.writeString(FIGURES, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
