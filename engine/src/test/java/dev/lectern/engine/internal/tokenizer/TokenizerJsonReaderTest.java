package dev.lectern.engine.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lectern.engine.EngineException;
import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelNotFound;
import dev.lectern.engine.EngineException.ModelUnsupported;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What tokenizer.json files are refused, and how.
final class TokenizerJsonReaderTest {
    @Test
    void namesWhatItDoesNotSupport() {
        ObjectNode unigram = TinyTokenizer.byteLevel();
        ((ObjectNode) unigram.get("model")).put("type", "Unigram");
        assertRefused(unigram, ModelUnsupported.class, "model type 'Unigram'", "supported: BPE");

        ObjectNode normalizer = TinyTokenizer.byteLevel();
        normalizer.putObject("normalizer").put("type", "BertNormalizer");
        assertRefused(normalizer, ModelUnsupported.class, "normalizer 'BertNormalizer'", "NFC");

        ObjectNode whitespace = TinyTokenizer.byteLevel();
        whitespace.putObject("pre_tokenizer").put("type", "Whitespace");
        assertRefused(whitespace, ModelUnsupported.class, "pre_tokenizer 'Whitespace'", "ByteLevel");

        ObjectNode pattern = TinyTokenizer.byteLevel();
        ((ObjectNode) pattern.at("/pre_tokenizer/pretokenizers/0/pattern")).put("Regex", "(unclosed");
        assertRefused(pattern, ModelUnsupported.class, "Unclosed group");

        ObjectNode bytes = TinyTokenizer.byteLevel();
        ((ObjectNode) bytes.at("/model/vocab")).remove("a");
        ((ObjectNode) bytes.get("model")).putArray("merges");
        assertRefused(bytes, ModelUnsupported.class, "no token for 1 of the 243 bytes");
    }

    @Test
    void namesWhatIsWrong() {
        ObjectNode twice = TinyTokenizer.byteLevel();
        ((ObjectNode) twice.at("/model/vocab")).put("xyz", 7);
        assertRefused(twice, ModelCorrupt.class, "id 7 has two tokens");

        ObjectNode merge = TinyTokenizer.byteLevel();
        ((ArrayNode) merge.at("/model/merges")).add("x y");
        assertRefused(merge, ModelCorrupt.class, "merge 13", "'xy' is not in the vocabulary");

        ObjectNode id = TinyTokenizer.byteLevel();
        ((ObjectNode) id.at("/model/vocab")).put("xyz", -1);
        assertRefused(id, ModelCorrupt.class, "id -1");

        ObjectNode added = TinyTokenizer.byteLevel();
        TinyTokenizer.addToken(added, 'x', "<|x|>", true);
        assertRefused(added, ModelCorrupt.class, "'<|x|>' has id 120");

        assertThatThrownBy(() -> TokenizerJsonReader.read("file", "{\"model\": {\"vocab\": {\"a\": 0,"))
                .isInstanceOf(ModelCorrupt.class)
                .hasMessageContaining("[file]");
        assertThatThrownBy(() -> TokenizerJsonReader.read("file", "[]")).isInstanceOf(ModelCorrupt.class);
        assertThatThrownBy(() -> TokenizerJsonReader.read("file", "")).isInstanceOf(ModelCorrupt.class);
        assertThatThrownBy(() -> TokenizerJsonReader.read("file", "{}"))
                .isInstanceOf(ModelCorrupt.class)
                .hasMessageContaining("no 'model'");
    }

    @Test
    void saysWhichFileIsMissing(@TempDir Path folder) throws IOException {
        assertThatThrownBy(() -> Tokenizers.openFolder(folder))
                .isInstanceOf(ModelNotFound.class)
                .hasMessageContaining("tokenizer.json");
        Files.writeString(folder.resolve("tokenizer.model"), "");
        assertThatThrownBy(() -> Tokenizers.openFolder(folder))
                .isInstanceOf(ModelCorrupt.class)
                .hasMessageContaining("tokenizer.model");
    }

    /// Every damaged file is either refused by name or opened, and then encodes every text.
    @Test
    void damagedFilesNeverReachNativeCode() {
        for (long seed = 0; seed < 1500; seed++) {
            Random random = new Random(seed);
            ObjectNode json = random.nextInt(4) == 0 ? TinyTokenizer.sentencePiece() : TinyTokenizer.byteLevel();
            for (int i = random.nextInt(3); i >= 0; i--) {
                damage(json, random);
            }
            String text = json.toString();
            if (random.nextInt(3) == 0) {
                text = damage(text, random);
            }
            try {
                SubwordTokenizer tokenizer = new SubwordTokenizer(TokenizerJsonReader.read("seed " + seed, text));
                Spans.assertCover(tokenizer, "The agreement (é) 🦙\n\n42");
            } catch (EngineException e) {
                assertThat(e).hasMessageStartingWith("[seed " + seed);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + text, e);
            }
        }
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
        switch (random.nextInt(8)) {
            case 0 -> object.remove(key);
            case 1 -> object.putNull(key);
            case 2 -> object.put(key, random.nextInt());
            case 3 -> object.put(key, "x");
            case 4 -> object.put(key, random.nextBoolean());
            case 5 -> object.putArray(key).add("x");
            case 6 -> object.putObject(key).put("type", "ByteLevel");
            default -> object.set(Texts.random(random, 3), object.get(key));
        }
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

    private static void assertRefused(ObjectNode json, Class<? extends EngineException> type, String... parts) {
        assertThatThrownBy(() -> TinyTokenizer.open(json))
                .isInstanceOf(type)
                .hasMessageStartingWith("[tiny]")
                .hasMessageContainingAll(parts);
    }
}
