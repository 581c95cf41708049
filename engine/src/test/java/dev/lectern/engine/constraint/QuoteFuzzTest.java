package dev.lectern.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Quotes of random texts by a model that babbles: all verbatim, all found where they stand, however they end.
class QuoteFuzzTest {
    private static final int CASES = Integer.getInteger("lectern.fuzz.cases", 400);
    private static final long FIRST_SEED = Long.getLong("lectern.fuzz.seed", 1);
    private static final JsonMapper JSON = new JsonMapper();
    private static final ConstraintVocabulary VOCABULARY = ConstraintVocabulary.of(new ByteVocabulary());

    /// Letters that repeat, what JSON escapes, scripts with and without spaces, marks, and halves of surrogate
    /// pairs.
    private static final List<String> PIECES = List.of(
            "a",
            "b",
            "ab",
            " ",
            " ",
            "  ",
            "\n",
            "\t",
            "\"",
            "\\",
            "/",
            "\u0001",
            "\u007F",
            ".",
            ", ",
            "1",
            "\u00E9",
            "e\u0301",
            "\u4E2D",
            "\u6587",
            "\u30AB",
            "\uD83D\uDE00",
            "\uD83D",
            "\uDE00",
            "\uFFFD",
            "\u2028");

    @Test
    void quotesAreVerbatim() throws Exception {
        int quotes = 0;
        for (long seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed++) {
            Random random = new Random(seed);
            List<String> texts = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                texts.add(text(random));
            }
            QuoteSource source = QuoteSource.of(texts);
            int min = random.nextInt(4);
            String schema =
                    "{\"type\": \"array\", \"minItems\": 1, \"items\": {\"type\": \"string\", \"x-quote\": true,"
                            + " \"minLength\": " + min + ", \"maxLength\": " + (min + random.nextInt(9)) + "}}";
            Constraint constraint;
            try {
                constraint = Constraint.compile(schema, VOCABULARY).quoting(source);
            } catch (SchemaException none) {
                // No quote of such a length, which is to be said then only.
                assertThat(none.kind()).as("seed %d", seed).isEqualTo(SchemaException.Kind.UNSATISFIABLE);
                continue;
            }
            String answer = answer(constraint, random);
            for (JsonNode item : JSON.readTree(answer)) {
                String quote = item.textValue();
                if (quote.isEmpty()) {
                    assertThat(source.isEmpty() || min == 0).as("seed %d", seed).isTrue();
                    continue;
                }
                quotes++;
                QuoteSource.Place place = Objects.requireNonNull(source.find(quote), "seed " + seed + ": " + quote);
                assertThat(texts.get(place.text()).substring(place.start(), place.end()))
                        .as("seed %d", seed)
                        .isEqualTo(quote);
                assertThat(place.occurrences()).as("seed %d", seed).isPositive();
            }
        }
        assertThat(quotes).isPositive();
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(60); i > 0; i--) {
            text.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        return text.toString();
    }

    /// Some tokens at random, then the closing.
    private static String answer(Constraint constraint, Random random) {
        Matcher matcher = constraint.matcher();
        TokenMask mask = new TokenMask(VOCABULARY.size());
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (int steps = random.nextInt(80); steps > 0; steps--) {
            matcher.mask(mask);
            int token = mask.next(random.nextInt(VOCABULARY.size()));
            token = token < 0 ? mask.next(0) : token;
            if (token < 0) {
                break;
            }
            assertThat(matcher.accept(token)).isTrue();
            text.writeBytes(VOCABULARY.spelling(token));
        }
        for (int token : matcher.closing()) {
            assertThat(matcher.accept(token)).isTrue();
            text.writeBytes(VOCABULARY.spelling(token));
        }
        assertThat(matcher.isComplete()).isTrue();
        return text.toString(StandardCharsets.UTF_8);
    }
}
