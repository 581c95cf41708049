package dev.lectern.engine.internal.tokenizer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lectern.engine.Tokenizer;
import java.util.List;

/// Writes small tokenizer.json files: all bytes, a few merges, Llama 4's pattern, and the added tokens of a
/// test.
public final class TinyTokenizer {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> MERGES =
            List.of("t h", "th e", "i n", "Ġ the", "Ġ a", "a n", "an d", "Ċ Ċ", ". ĊĊ", "u s", "e r", "us er", "Ã ©");

    private TinyTokenizer() {}

    /// A tokenizer with these control tokens after its text.
    public static Tokenizer withControlTokens(String... contents) {
        ObjectNode json = byteLevel();
        int id = json.path("model").path("vocab").size();
        for (String content : contents) {
            addToken(json, id++, content, true);
        }
        return open(json);
    }

    static Tokenizer open(ObjectNode json) {
        return new SubwordTokenizer(TokenizerJsonReader.read("tiny", json.toString()));
    }

    static Tokenizer open(ObjectNode json, int window) {
        return new SubwordTokenizer(TokenizerJsonReader.read("tiny", json.toString()), window);
    }

    static ObjectNode byteLevel() {
        ObjectNode json = JSON.createObjectNode();
        json.put("version", "1.0");
        json.putArray("added_tokens");
        json.putNull("normalizer");
        ArrayNode steps =
                json.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
        ObjectNode split = steps.addObject().put("type", "Split");
        split.putObject("pattern").put("Regex", WordPatterns.LLAMA4);
        split.put("behavior", "Isolated").put("invert", false);
        steps.addObject()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", false)
                .put("use_regex", false);
        ObjectNode model = json.putObject("model").put("type", "BPE").put("ignore_merges", true);
        ObjectNode vocab = model.putObject("vocab");
        for (int value = 0; value < 256; value++) {
            vocab.put(String.valueOf(ByteAlphabet.characterOf(value)), value);
        }
        ArrayNode merges = model.putArray("merges");
        for (String merge : MERGES) {
            merges.add(merge);
            vocab.put(merge.replace(" ", ""), vocab.size());
        }
        return json;
    }

    /// SentencePiece as in Llama 2: a space before the text, spaces visible, bytes as fallback.
    static ObjectNode sentencePiece() {
        ObjectNode json = JSON.createObjectNode();
        ArrayNode normalizers =
                json.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
        normalizers.addObject().put("type", "Prepend").put("prepend", "▁");
        ObjectNode replace = normalizers.addObject().put("type", "Replace");
        replace.putObject("pattern").put("String", " ");
        replace.put("content", "▁");
        json.putNull("pre_tokenizer");
        ObjectNode model = json.putObject("model")
                .put("type", "BPE")
                .put("unk_token", "<unk>")
                .put("fuse_unk", true)
                .put("byte_fallback", true);
        ObjectNode vocab = model.putObject("vocab");
        vocab.put("<unk>", 0);
        for (int value = 0; value < 256; value++) {
            vocab.put("<0x%02X>".formatted(value), value + 1);
        }
        for (String piece : List.of("▁", "▁▁", "t", "h", "e", "th", "the", "▁the", "中", "é", "a", "n", "▁a", "▁an")) {
            vocab.put(piece, vocab.size());
        }
        ArrayNode merges = model.putArray("merges");
        for (String merge : List.of("t h", "th e", "▁ the", "▁ a", "▁a n", "▁ ▁")) {
            merges.add(merge);
        }
        return json;
    }

    static void addToken(ObjectNode json, int id, String content, boolean special) {
        ((ArrayNode) json.get("added_tokens"))
                .addObject()
                .put("id", id)
                .put("content", content)
                .put("special", special);
    }
}
