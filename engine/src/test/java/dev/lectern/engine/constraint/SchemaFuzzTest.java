package dev.lectern.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Damaged schemas are refused or mean something; they never fail otherwise, never take long, and answers by them
/// can be made whole from wherever a babbling model has come to.
class SchemaFuzzTest {
    private static final int CASES = Integer.getInteger("lectern.fuzz.cases", 1_500);
    private static final long FIRST_SEED = Long.getLong("lectern.fuzz.seed", 1);
    private static final int MAX_CLOSING = 1 << 20;
    private static final long MAX_NANOS = 1_000_000_000;
    private static final CompileLimits LIMITS = new CompileLimits(1 << 16, 500, 100, 5_000, 5_000);
    private static final ConstraintVocabulary VOCABULARY = ConstraintVocabulary.of(new ByteVocabulary());

    private static final QuoteSource SOURCE =
            QuoteSource.of(List.of("the quick brown fox, 12 \"a\"", "\u4E2D\u6587 ab"));

    private static final List<String> SCHEMAS = Stream.concat(
                    ConstraintTest.keywords()
                            .map(arguments -> (String) arguments.get()[0]),
                    Stream.of(
                            "{\"type\": \"string\", \"x-quote\": true, \"minLength\": 3}",
                            "{\"items\": {\"type\": [\"string\", \"null\"], \"x-quote\": true}, \"minItems\": 2}",
                            "{\"properties\": {\"a\": {\"x-quote\": true, \"maxLength\": 9}}, \"required\": [\"a\"]}",
                            "{\"anyOf\": [{\"x-quote\": true, \"x-cite\": true}, {\"type\": \"integer\"}]}"))
            .toList();
    private static final List<String> PIECES = List.of(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "true",
            "false",
            "null",
            "-1",
            "1e400",
            "0.1",
            "{}",
            "[]",
            "\"#\"",
            "\"a\"",
            "\"$ref\"",
            "\"not\"",
            "\"oneOf\"",
            "\"pattern\"",
            "\"enum\"",
            "\"items\"",
            "\"type\"",
            "\"$id\"",
            "\"(a|b)*\"",
            "\"required\"",
            "\"contains\"",
            "\"minItems\"",
            "\"x-quote\"",
            "\"uniqueItems\"",
            "99999999999");

    @Test
    void refusesOrCompilesWhateverComes() {
        Constraint.compile("{\"pattern\": \"a\"}", VOCABULARY); // So that the first case does not load the classes.
        int compiled = 0;
        int closed = 0;
        for (long seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed++) {
            Random random = new Random(seed);
            String schema = damaged(SCHEMAS.get(random.nextInt(SCHEMAS.size())), random);
            long begin = System.nanoTime();
            try {
                Matcher matcher = Constraint.compile(schema, VOCABULARY, PropertyOrder.ANY, LIMITS)
                        .quoting(SOURCE)
                        .matcher();
                babble(matcher, random);
                compiled++;
                closed += closes(matcher) ? 1 : 0;
            } catch (SchemaException refused) {
                assertThat(refused.getMessage()).as("seed %d", seed).startsWith("[schema#");
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + ": " + schema, e);
            }
            assertThat(System.nanoTime() - begin)
                    .as("nanoseconds for seed %d: %s", seed, schema)
                    .isLessThan(MAX_NANOS);
        }
        assertThat(compiled).isPositive();
        assertThat(closed).as("of %d answers, made whole", compiled).isGreaterThanOrEqualTo(compiled * 99 / 100);
    }

    private static void babble(Matcher matcher, Random random) {
        TokenMask mask = new TokenMask(VOCABULARY.size());
        for (int step = 0; step < 10; step++) {
            matcher.mask(mask);
            int token = mask.next(random.nextInt(VOCABULARY.size()));
            token = token < 0 ? mask.next(0) : token;
            if (token < 0) {
                assertThat(matcher.isComplete()).isTrue();
                return;
            }
            byte[] forced = matcher.forced();
            assertThat(matcher.copy().acceptBytes(forced)).as("what is forced").isTrue();
            assertThat(matcher.accept(token)).isTrue();
        }
    }

    /// Whether an answer can be made whole; if it is said so, it has to be true.
    private static boolean closes(Matcher matcher) {
        if (!matcher.closesWithin(MAX_CLOSING)) {
            return false;
        }
        int[] closing = matcher.closing();
        assertThat(closing).hasSizeLessThanOrEqualTo(MAX_CLOSING);
        for (int token : closing) {
            assertThat(matcher.accept(token)).isTrue();
        }
        assertThat(matcher.isComplete()).isTrue();
        assertThat(matcher.closing()).isEmpty();
        return true;
    }

    private static String damaged(String schema, Random random) {
        StringBuilder text = new StringBuilder(schema);
        for (int injuries = 1 + random.nextInt(3); injuries > 0; injuries--) {
            int at = random.nextInt(text.length());
            int end = Math.min(text.length(), at + 1 + random.nextInt(12));
            switch (random.nextInt(4)) {
                case 0 -> text.delete(at, end);
                case 1 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
                case 2 -> text.insert(at, text.substring(at, end));
                default -> {
                    String piece = PIECES.get(random.nextInt(PIECES.size()));
                    int quote = text.indexOf("\"", at);
                    int next = quote < 0 ? -1 : text.indexOf("\"", quote + 1);
                    if (next > 0) {
                        text.replace(quote, next + 1, piece);
                    }
                }
            }
            if (text.isEmpty()) {
                return "";
            }
        }
        return text.toString();
    }

    @Test
    void boundsNesting() {
        String deep = "{\"items\":".repeat(400) + "{}" + "}".repeat(400);
        Matcher matcher = Constraint.compile(deep, VOCABULARY).matcher();
        assertThat(matcher.acceptBytes("[".repeat(399).getBytes(StandardCharsets.US_ASCII)))
                .isTrue();
        String deeper = "{\"not\":".repeat(5_000) + "{}" + "}".repeat(5_000);
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> Constraint.compile(deeper, VOCABULARY)))
                .isInstanceOf(SchemaException.class);
    }
}
