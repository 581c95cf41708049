package dev.lectern.engine.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lectern.engine.EngineException;
import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelNotFound;
import dev.lectern.engine.EngineException.ModelUnsupported;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

        // An id of 16 million, from a fuzz test: an array of all ids would take a second to fill.
        ObjectNode far = TinyTokenizer.byteLevel();
        ((ObjectNode) far.at("/model/vocab")).put("xyz", Vocabulary.MAX_ID - 1);
        assertRefused(far, ModelCorrupt.class, "270 tokens", "ids up to 16777215");

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

    private static void assertRefused(ObjectNode json, Class<? extends EngineException> type, String... parts) {
        assertThatThrownBy(() -> TinyTokenizer.open(json))
                .isInstanceOf(type)
                .hasMessageStartingWith("[tiny]")
                .hasMessageContainingAll(parts);
    }
}
