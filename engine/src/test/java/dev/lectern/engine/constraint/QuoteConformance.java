package dev.lectern.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lectern.engine.ModelFiles;
import dev.lectern.engine.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Quotes with real vocabularies: whatever is drawn by the masks, every quote is verbatim and found where it is.
/// Run by `bin/conformance DIR` with each tokenizer of `DIR/tokenizers`, on the texts that `DIR` has. Times are of
/// the processor.
final class QuoteConformance {
    private static final Path FIGURES = Path.of("target", "conformance", "QuoteConformance.txt");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int MAX_CHARACTERS = 4_000_000;
    private static final int ANSWERS = 200;
    private static final int ROUNDS = 2;
    private static final int MAX_TOKENS = 60;
    private static final String SCHEMA = """
            {"type": "array", "minItems": 1,
             "items": {"anyOf": [{"type": "string", "x-quote": true},
                                 {"type": "string", "x-quote": true, "minLength": 20, "maxLength": 200}]}}""";

    @BeforeAll
    static void newFigures() throws IOException {
        Files.createDirectories(FIGURES.getParent());
        Files.deleteIfExists(FIGURES);
    }

    @TestFactory
    Stream<DynamicTest> quotesAreVerbatim() throws IOException {
        Path reference = Path.of(System.getProperty("lectern.conformance.dir", "missing: run bin/conformance DIR"));
        Path folder = reference.resolve("tokenizers");
        List<String> texts = texts(reference);
        if (!Files.isDirectory(folder) || texts.isEmpty()) {
            return Stream.of(DynamicTest.dynamicTest(
                    "quotes", () -> assumeTrue(false, "no tokenizers, or no texts: nothing to quote with")));
        }
        List<Path> tokenizers;
        try (Stream<Path> found = Files.walk(folder, 3)) {
            tokenizers = found.filter(path -> path.getFileName().toString().equals("tokenizer.json"))
                    .map(Path::getParent)
                    .sorted()
                    .toList();
        }
        return tokenizers.stream()
                .map(path -> DynamicTest.dynamicTest(folder.relativize(path).toString(), () -> quote(path, texts)));
    }

    /// What is text in the reference data, up to some megabytes.
    private static List<String> texts(Path reference) throws IOException {
        List<String> texts = new ArrayList<>();
        int left = MAX_CHARACTERS;
        List<Path> files;
        try (Stream<Path> found = Files.walk(reference, 4)) {
            files = found.filter(path -> path.toString().matches(".*\\.(txt|md|inp|jsonl|jinja)"))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            texts.add(text.substring(0, Math.min(left, text.length())));
            left -= texts.getLast().length();
        }
        return texts;
    }

    private static void quote(Path folder, List<String> texts) throws IOException {
        Tokenizer tokenizer = ModelFiles.openTokenizer(folder);
        ConstraintVocabulary vocabulary = ConstraintVocabulary.of(tokenizer);
        long characters = texts.stream().mapToLong(String::length).sum();
        long begin = THREADS.getCurrentThreadCpuTime();
        QuoteSource source = QuoteSource.of(texts);
        double built = (THREADS.getCurrentThreadCpuTime() - begin) / 1e9;
        Constraint constraint = Constraint.compile(SCHEMA, vocabulary).quoting(source);
        int quotes = 0;
        int verbatim = 0;
        List<Long> nanos = new ArrayList<>();
        // The first round is for warming up.
        for (int round = 0; round < ROUNDS; round++) {
            Random random = new Random(round);
            nanos.clear();
            for (int answer = 0; answer < ANSWERS; answer++) {
                for (JsonNode quote : JSON.readTree(babble(constraint.matcher(), vocabulary, random, nanos))) {
                    QuoteSource.Place place = source.find(quote.textValue());
                    verbatim += place != null
                                    && texts.get(place.text())
                                            .substring(place.start(), place.end())
                                            .equals(quote.textValue())
                            ? 1
                            : 0;
                    quotes++;
                }
            }
        }
        long[] times = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
        Files.writeString(
                FIGURES,
                String.format(
                        Locale.ROOT,
                        "quotes by %s: %d of %d verbatim; %.3f s and %.1f MB for a million characters (of %.1f);"
                                + " %d masks p50 %.1f us, p99 %.1f us, p99.9 %.1f us%n",
                        folder.getFileName(),
                        verbatim,
                        quotes,
                        built * 1e6 / characters,
                        (double) source.memoryBytes() / characters,
                        characters / 1e6,
                        times.length,
                        quantile(times, 0.5),
                        quantile(times, 0.99),
                        quantile(times, 0.999)),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        assertThat(quotes).isGreaterThan(ANSWERS);
        assertThat(verbatim).isEqualTo(quotes);
        assertThat(Arrays.stream(times).max()).isPresent();
    }

    private static byte[] babble(Matcher matcher, ConstraintVocabulary vocabulary, Random random, List<Long> nanos) {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        TokenMask mask = new TokenMask(vocabulary.size());
        for (int step = 0; step < MAX_TOKENS && !matcher.isComplete(); step++) {
            long begin = THREADS.getCurrentThreadCpuTime();
            matcher.mask(mask);
            nanos.add(THREADS.getCurrentThreadCpuTime() - begin);
            int token = drawn(mask, random);
            assertThat(matcher.accept(token)).isTrue();
            answer.writeBytes(vocabulary.spelling(token));
        }
        for (int token : matcher.closing()) {
            assertThat(matcher.accept(token)).isTrue();
            answer.writeBytes(vocabulary.spelling(token));
        }
        return answer.toByteArray();
    }

    private static int drawn(TokenMask mask, Random random) {
        int skip = random.nextInt(mask.count());
        int token = mask.next(0);
        for (int i = 0; i < skip; i++) {
            token = mask.next(token + 1);
        }
        return token;
    }

    private static double quantile(long[] sorted, double share) {
        return sorted[Math.min(sorted.length - 1, (int) (share * sorted.length))] / 1e3;
    }
}
