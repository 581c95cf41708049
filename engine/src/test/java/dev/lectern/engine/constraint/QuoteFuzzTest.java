package dev.lectern.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Whatever the texts are and whatever is drawn: quotes are verbatim, found where they are, as long as they have to be,
/// and every answer can be ended.
class QuoteFuzzTest {
    private static final int CASES = Integer.getInteger("lectern.fuzz.cases", 400);
    private static final long FIRST_SEED = Long.getLong("lectern.fuzz.seed", 1);
    private static final long MAX_NANOS = 1_000_000_000;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ConstraintVocabulary VOCABULARY = ConstraintVocabulary.of(new ByteVocabulary());

    private static final String[] ALPHABETS = {
        "ab ",
        "a",
        "name, \"",
        "é€🙂 x",
        "条文は。",
        "\\\n\t\u0001 ab",
        "a\uD800b\uDC00 ",
        " \n-.",
        "name abc 10",
        "a1/ ,\u007Fe\u0301\u30AB\uFFFD\u2028  "
    };

    @Test
    void quotesAreVerbatim() throws Exception {
        quote(new Random(0)); // So that the first case does not load the classes.
        for (long seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed++) {
            Random random = new Random(seed);
            long begin = THREADS.getCurrentThreadCpuTime();
            try {
                quote(random);
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed, e);
            }
            assertThat(THREADS.getCurrentThreadCpuTime() - begin)
                    .as("nanoseconds for seed %d", seed)
                    .isLessThan(MAX_NANOS);
        }
    }

    private static void quote(Random random) throws Exception {
        List<String> texts = texts(random);
        int min = random.nextInt(3) == 0 ? random.nextInt(12) : 0;
        int max = random.nextInt(3) == 0 ? min + random.nextInt(12) : Integer.MAX_VALUE;
        boolean unique = random.nextInt(3) == 0;
        String schema =
                "{\"type\": \"array\", \"items\": {\"type\": [\"string\", \"null\"], \"x-quote\": true, \"minLength\": "
                        + min + ", \"maxLength\": " + max + "}, \"minItems\": 1, \"maxItems\": 3, \"uniqueItems\": "
                        + unique + "}";
        QuoteSource source = QuoteSource.of(texts);
        Matcher matcher = Constraint.compile(schema, VOCABULARY).quoting(source).matcher();
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        TokenMask mask = new TokenMask(VOCABULARY.size());
        for (int step = random.nextInt(60); step > 0 && !matcher.isComplete(); step--) {
            matcher.mask(mask);
            int any = random.nextInt(VOCABULARY.size());
            assertThat(mask.allows(any)).isEqualTo(matcher.copy().accept(any));
            int token = mask.next(any);
            token = token < 0 ? mask.next(0) : token;
            assertThat(matcher.accept(token)).isTrue();
            answer.writeBytes(VOCABULARY.spelling(token));
        }
        for (int token : matcher.closing()) {
            assertThat(matcher.accept(token)).isTrue();
            answer.writeBytes(VOCABULARY.spelling(token));
        }
        assertThat(matcher.isComplete()).isTrue();
        Set<JsonNode> items = new HashSet<>();
        for (JsonNode item : JSON.readTree(answer.toByteArray())) {
            assertThat(items.add(item) || !unique).isTrue();
            if (!item.isNull()) {
                check(item.textValue(), texts, source, min, max);
            }
        }
    }

    private static void check(String quote, List<String> texts, QuoteSource source, int min, int max) {
        assertThat(quote.codePointCount(0, quote.length())).isBetween(min, max);
        QuoteSource.Place place = source.find(quote);
        if (place == null) {
            assertThat(quote).isEmpty();
            assertThat(source.isEmpty()).isTrue();
        } else {
            assertThat(texts.get(place.text()).substring(place.start(), place.end()))
                    .isEqualTo(quote);
        }
    }

    private static List<String> texts(Random random) {
        List<String> texts = new ArrayList<>();
        for (int count = random.nextInt(5); count > 0; count--) {
            String alphabet = ALPHABETS[random.nextInt(ALPHABETS.length)];
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(random.nextBoolean() ? 8 : 300); length > 0; length--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            texts.add(text.toString());
            if (random.nextInt(4) == 0) {
                texts.add(text.substring(random.nextInt(text.length() + 1)));
            }
        }
        return texts;
    }
}
