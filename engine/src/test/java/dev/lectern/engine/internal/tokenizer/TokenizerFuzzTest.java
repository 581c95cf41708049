package dev.lectern.engine.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lectern.engine.internal.source.Fuzzing;
import dev.lectern.engine.internal.source.Mutations;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Damaged tokenizers of every format: each is refused by name, or opened and then encodes a text of several
/// scripts with spans that cover it, or refuses that text by name.
final class TokenizerFuzzTest {
    private static final String TEXT = "The agreement (é) 🦙\n\n42 abc  中文, aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!";
    private static final Path MODELS = Path.of("src", "test", "resources", "tokenizer");

    @Test
    void damagedTokenizerJson() throws InterruptedException {
        double read = Fuzzing.run(TokenizerFuzzTest.class, "tokenizer.json", 2000, random -> {
            ObjectNode json = random.nextInt(4) == 0 ? TinyTokenizer.sentencePiece() : TinyTokenizer.byteLevel();
            for (int i = random.nextInt(3); i >= 0; i--) {
                damage(json, random);
            }
            String text = json.toString();
            text = switch (random.nextInt(4)) {
                case 0 -> damage(text, random);
                case 1 ->
                    new String(Mutations.damage(text.getBytes(StandardCharsets.UTF_8), random), StandardCharsets.UTF_8);
                default -> text;
            };
            use(TokenizerJsonReader.read("fuzz", text));
        });
        assertThat(read).isBetween(0.01, 0.9);
    }

    @Test
    void damagedPatterns() throws InterruptedException {
        List<String> parts = List.of(
                "(",
                ")",
                "(?:",
                "(?i:",
                "(?=",
                "(?!",
                "(?<=",
                "[",
                "]",
                "[^",
                "&&",
                "{2}",
                "{1,3}",
                "{9999}",
                "*",
                "+",
                "?",
                "+?",
                "++",
                "|",
                "\\p{L}",
                "\\p{Han}",
                "\\p{^N}",
                "\\P{Lu}",
                "\\s",
                "\\S",
                "\\d",
                "\\w",
                "a",
                " ",
                "\\x{1F999}",
                "\\uD83E",
                "\\x41",
                "$",
                "^",
                ".",
                "\\1",
                "\\k<a>",
                "🦙",
                "-",
                "'s");
        double read = Fuzzing.run(TokenizerFuzzTest.class, "patterns", 2000, random -> {
            StringBuilder pattern = new StringBuilder();
            String[] steps = {WordPatterns.LLAMA4, WordPatterns.GPT2, WordPatterns.KIMI, ""};
            pattern.append(steps[random.nextInt(steps.length)]);
            for (int i = 1 + random.nextInt(8); i > 0; i--) {
                pattern.insert(random.nextInt(pattern.length() + 1), parts.get(random.nextInt(parts.size())));
            }
            ObjectNode json = TinyTokenizer.byteLevel();
            ((ObjectNode) json.at("/pre_tokenizer/pretokenizers/0/pattern")).put("Regex", pattern.toString());
            use(TokenizerJsonReader.read("fuzz", json.toString()));
        });
        assertThat(read).isBetween(0.01, 0.95);
    }

    @Test
    void damagedSentencePieceModels() throws IOException, InterruptedException {
        byte[] bpe = Files.readAllBytes(MODELS.resolve("bpe.model"));
        byte[] unigram = Files.readAllBytes(MODELS.resolve("unigram.model"));
        double read = Fuzzing.run(TokenizerFuzzTest.class, "tokenizer.model (SentencePiece)", 1000, random -> {
            byte[] damaged = Mutations.damage(random.nextBoolean() ? bpe : unigram, random);
            use(SentencePieceReader.read("fuzz", damaged, Map.of(700, "<|end|>")));
        });
        assertThat(read).isBetween(0.01, 0.95);
    }

    @Test
    void damagedTiktokenModels() throws InterruptedException {
        StringBuilder lines = new StringBuilder();
        for (int rank = 0; rank < 64; rank++) {
            lines.append(Base64.getEncoder().encodeToString(new byte[] {(byte) rank, 'a'}))
                    .append(' ')
                    .append(rank)
                    .append('\n');
        }
        byte[] file = lines.toString().getBytes(StandardCharsets.US_ASCII);
        // No model has so few tokens, so every case ends in a message.
        double read = Fuzzing.run(TokenizerFuzzTest.class, "tokenizer.model (tiktoken)", 5000, random -> {
            byte[] damaged = Mutations.damage(file, random);
            TiktokenReader.recognises(damaged);
            use(TiktokenReader.read("fuzz", damaged, Map.of(3, "<|end|>")));
        });
        assertThat(read).isZero();
    }

    @Test
    void damagedGgufVocabularies() throws InterruptedException {
        double read = Fuzzing.run(TokenizerFuzzTest.class, "GGUF vocabulary", 2000, random -> {
            GgufVocabulary good = random.nextBoolean()
                    ? GgufVocabularyTest.byteLevel(random.nextBoolean() ? "llama-bpe" : "deepseek-llm")
                    : GgufVocabularyTest.sentencePiece();
            List<String> tokens = new ArrayList<>(good.tokens());
            List<Integer> types = new ArrayList<>(good.types());
            List<String> merges = new ArrayList<>(good.merges());
            List<Float> scores = new ArrayList<>(good.scores());
            for (int i = random.nextInt(3); i >= 0; i--) {
                switch (random.nextInt(9)) {
                    case 0 -> tokens.set(random.nextInt(tokens.size()), Texts.random(random, 3));
                    case 1 -> types.set(random.nextInt(types.size()), random.nextInt(9) - 1);
                    case 2 -> merges.add(Texts.random(random, 3));
                    case 3 -> Collections.shuffle(tokens, random);
                    case 4 -> scores.replaceAll(score -> random.nextBoolean() ? Float.NaN : -score);
                    case 5 -> tokens.removeLast();
                    case 6 -> tokens.set(random.nextInt(tokens.size()), random.nextBoolean() ? "" : "a".repeat(5000));
                    case 7 -> merges.add("t h");
                    default -> types.replaceAll(type -> random.nextInt(8) == 0 ? random.nextInt(7) : type);
                }
            }
            use(new GgufVocabulary("fuzz", good.model(), good.pre(), tokens, types, merges, scores, good.spacePrefix())
                    .toSpec());
        });
        assertThat(read).isBetween(0.01, 0.95);
    }

    private static void use(TokenizerSpec spec) {
        Spans.assertCover(new SubwordTokenizer(spec, 16), TEXT);
    }

    private static void damage(ObjectNode json, Random random) {
        List<ObjectNode> objects = new ArrayList<>();
        collect(json, objects);
        ObjectNode object = objects.get(random.nextInt(objects.size()));
        List<String> keys = new ArrayList<>();
        object.fieldNames().forEachRemaining(keys::add);
        if (keys.isEmpty()) {
            return;
        }
        String key = keys.get(random.nextInt(keys.size()));
        switch (random.nextInt(9)) {
            case 0 -> object.remove(key);
            case 1 -> object.putNull(key);
            case 2 -> object.put(key, random.nextInt());
            case 3 -> object.put(key, "x");
            case 4 -> object.put(key, random.nextBoolean());
            case 5 -> object.putArray(key).add("x");
            case 6 -> object.putObject(key).put("type", "ByteLevel");
            case 7 -> nest(object.putObject(key), IntStream.range(0, random.nextInt(200)));
            default -> object.set(Texts.random(random, 3), object.get(key));
        }
    }

    /// Sequences within sequences.
    private static void nest(ObjectNode object, IntStream levels) {
        ObjectNode[] inner = {object};
        levels.forEach(level -> inner[0] = inner[0].put("type", "Sequence")
                .putArray(level % 2 == 0 ? "pretokenizers" : "normalizers")
                .addObject());
    }

    private static void collect(JsonNode node, List<ObjectNode> objects) {
        if (node instanceof ObjectNode object) {
            objects.add(object);
        }
        node.forEach(child -> collect(child, objects));
    }

    private static String damage(String text, Random random) {
        int from = random.nextInt(text.length());
        int to = Math.min(text.length(), from + random.nextInt(20));
        return text.substring(0, from) + Texts.random(random, random.nextInt(4)) + text.substring(to);
    }
}
