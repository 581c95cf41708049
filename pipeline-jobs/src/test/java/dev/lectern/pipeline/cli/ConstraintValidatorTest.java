package dev.lectern.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.lectern.engine.ModelFiles;
import dev.lectern.engine.Tokenizer;
import dev.lectern.engine.constraint.CompileLimits;
import dev.lectern.engine.constraint.Constraint;
import dev.lectern.engine.constraint.ConstraintVocabulary;
import dev.lectern.engine.constraint.Matcher;
import dev.lectern.engine.constraint.PropertyOrder;
import dev.lectern.engine.constraint.SchemaException;
import dev.lectern.engine.constraint.TokenMask;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Random schemas and random answers, with networknt's validator as the second opinion: every answer that is called
/// complete is valid, and of instances that nobody constrained the two admit the same.
class ConstraintValidatorTest {
    private static final Path MODEL =
            Path.of(System.getProperty("lectern.home")).resolve("models/scout-nano");
    private static final int CASES = Integer.getInteger("lectern.fuzz.cases", 200);
    private static final List<String> TYPES = List.of(
            "\"object\"",
            "\"object\"",
            "\"array\"",
            "\"string\"",
            "\"integer\"",
            "\"number\"",
            "[\"object\", \"string\"]");
    private static final List<String> NAMES = List.of("a", "b", "ab", "x");

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();
    private static final Tokenizer TOKENIZER = ModelFiles.openTokenizer(MODEL);
    private static final ConstraintVocabulary VOCABULARY = ConstraintVocabulary.of(TOKENIZER);
    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    @Test
    void agreesWithTheValidator() {
        int compiled = 0;
        int finished = 0;
        int admitted = 0;
        for (int seed = 0; seed < CASES; seed++) {
            Random random = new Random(seed);
            String schema = schema(random, 3);
            Schema validator = REGISTRY.getSchema(schema);
            Constraint constraint;
            try {
                constraint = Constraint.compile(
                        schema,
                        VOCABULARY,
                        random.nextBoolean() ? PropertyOrder.ANY : PropertyOrder.SCHEMA,
                        CompileLimits.DEFAULT);
            } catch (SchemaException refused) {
                if (refused.kind() == SchemaException.Kind.UNSATISFIABLE) {
                    for (int i = 0; i < 20; i++) {
                        String instance = value(random, 2);
                        assertThat(isValid(validator, instance))
                                .as("seed %d: %s, which was called unsatisfiable, by %s", seed, instance, schema)
                                .isFalse();
                    }
                } else {
                    assertThat(refused.kind())
                            .as("seed %d: %s", seed, schema)
                            .isNotEqualTo(SchemaException.Kind.INVALID);
                }
                continue;
            }
            compiled++;
            for (int i = 0; i < 5; i++) {
                String answer = answer(constraint, random);
                if (answer != null) {
                    finished++;
                    assertThat(isValid(validator, answer))
                            .as("seed %d: %s by %s", seed, answer, schema)
                            .isTrue();
                }
            }
            Constraint any = Constraint.compile(schema, VOCABULARY, PropertyOrder.ANY, CompileLimits.DEFAULT);
            for (int i = 0; i < 20; i++) {
                String instance = value(random, 2);
                Matcher matcher = any.matcher();
                boolean admits = matcher.acceptBytes(instance.getBytes(StandardCharsets.UTF_8)) && matcher.isComplete();
                admitted += admits ? 1 : 0;
                assertThat(admits)
                        .as("seed %d: %s by %s", seed, instance, schema)
                        .isEqualTo(isValid(validator, instance));
            }
        }
        assertThat(compiled).as("schemas that could be enforced").isGreaterThan(CASES / 2);
        assertThat(finished).as("answers that ended").isGreaterThan(CASES / 2);
        assertThat(admitted).as("instances admitted").isPositive();
    }

    /// Read as rows are: exact decimals, no name twice.
    private static boolean isValid(Schema validator, String instance) {
        try {
            return validator.validate(JSON.readTree(instance)).isEmpty();
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    /// A babbling model's answer; null if it has not ended within a budget.
    private static @org.jspecify.annotations.Nullable String answer(Constraint constraint, Random random) {
        Matcher matcher = constraint.matcher();
        TokenMask mask = new TokenMask(VOCABULARY.size());
        java.io.ByteArrayOutputStream text = new java.io.ByteArrayOutputStream();
        for (int step = 0; step < 60; step++) {
            if (matcher.isComplete() && random.nextInt(3) > 0) {
                return text.toString(StandardCharsets.UTF_8);
            }
            matcher.mask(mask);
            assertThat(mask.count() > 0 || matcher.isComplete())
                    .as("a way on after %s", text)
                    .isTrue();
            if (mask.count() == 0) {
                return text.toString(StandardCharsets.UTF_8);
            }
            int token = drawn(mask, random);
            assertThat(matcher.accept(token)).isTrue();
            text.writeBytes(TOKENIZER.textBytes(token));
        }
        return matcher.isComplete() ? text.toString(StandardCharsets.UTF_8) : null;
    }

    /// Quotes and brackets that close more often than chance would have it, so that answers end.
    private static int drawn(TokenMask mask, Random random) {
        if (random.nextInt(3) == 0) {
            for (String closing : List.of("\"", "}", "]", ":", ",")) {
                int token = TOKENIZER.encode(closing).ids()[0];
                if (mask.allows(token)) {
                    return token;
                }
            }
        }
        int skip = random.nextInt(mask.count());
        int token = mask.next(0);
        for (int i = 0; i < skip; i++) {
            token = mask.next(token + 1);
        }
        return token;
    }

    private static String name(Random random) {
        return NAMES.get(random.nextInt(NAMES.size()));
    }

    private static String schema(Random random, int depth) {
        StringBuilder schema = new StringBuilder("{");
        int keywords = 1 + random.nextInt(3);
        java.util.Set<Integer> used = new java.util.HashSet<>();
        String separator = "";
        for (int i = 0; i < keywords; i++) {
            int kind = random.nextInt(depth > 0 ? 24 : 12);
            kind = kind == 1 ? 0 : kind == 13 || kind == 14 ? 12 : kind;
            if (!used.add(kind)) {
                continue;
            }
            schema.append(separator).append(keyword(kind, random, depth - 1));
            separator = ", ";
        }
        return schema.append("}").toString();
    }

    private static String keyword(int kind, Random random, int depth) {
        return switch (kind) {
            case 0 -> "\"type\": " + TYPES.get(random.nextInt(TYPES.size()));
            case 2 -> "\"enum\": [" + value(random, 1) + ", " + value(random, 0) + "]";
            case 3 -> "\"const\": " + value(random, 1);
            case 4 -> "\"minLength\": " + random.nextInt(3);
            case 5 -> "\"maxLength\": " + random.nextInt(3);
            case 6 -> "\"minimum\": " + (random.nextInt(9) - 4);
            case 7 -> "\"exclusiveMaximum\": " + (random.nextInt(9) - 4);
            case 8 -> "\"required\": [\"" + name(random) + "\"]";
            case 9 -> "\"maxItems\": " + random.nextInt(3);
            case 10 -> "\"minProperties\": " + random.nextInt(3);
            case 11 -> "\"maxProperties\": " + random.nextInt(3);
            case 12 -> "\"properties\": {\"a\": " + schema(random, depth) + ", \"b\": " + schema(random, depth) + "}";
            case 15 -> "\"additionalProperties\": " + (random.nextBoolean() ? "false" : schema(random, depth));
            case 16 -> "\"items\": " + schema(random, depth);
            case 17 -> "\"anyOf\": [" + schema(random, depth) + ", " + schema(random, depth) + "]";
            case 18 -> "\"oneOf\": [" + schema(random, depth) + ", " + schema(random, depth) + "]";
            case 19 -> "\"allOf\": [" + schema(random, depth) + ", " + schema(random, depth) + "]";
            case 20 -> "\"not\": " + schema(random, depth);
            case 21 -> "\"if\": " + schema(random, depth) + ", \"then\": " + schema(random, depth);
            case 22 -> "\"patternProperties\": {\"^a\": " + schema(random, depth) + "}";
            default -> "\"contains\": " + schema(random, depth);
        };
    }

    /// An instance in the layout of `json.dumps`.
    private static String value(Random random, int depth) {
        switch (random.nextInt(depth > 0 ? 9 : 5)) {
            case 0 -> {
                return List.of("null", "true", "false").get(random.nextInt(3));
            }
            case 1, 2 -> {
                return String.valueOf(random.nextInt(9) - 4);
            }
            case 3, 4 -> {
                return "\"" + List.of("", "a", "ab", "abc").get(random.nextInt(4)) + "\"";
            }
            case 5 -> {
                String separator = "";
                StringBuilder list = new StringBuilder("[");
                for (int i = random.nextInt(3); i > 0; i--) {
                    list.append(separator).append(value(random, depth - 1));
                    separator = ", ";
                }
                return list.append("]").toString();
            }
            default -> {
                StringBuilder object = new StringBuilder("{");
                String separator = "";
                for (String name : NAMES) {
                    if (random.nextBoolean()) {
                        object.append(separator)
                                .append('"')
                                .append(name)
                                .append("\": ")
                                .append(value(random, depth - 1));
                        separator = ", ";
                    }
                }
                return object.append("}").toString();
            }
        }
    }
}
