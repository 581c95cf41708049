package dev.lectern.engine.internal.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lectern.engine.EngineException.ModelUnsupported;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// What a GGUF file says about a tokenizer, from a Hugging Face folder: the other way of [GgufVocabulary].
/// GGUF has no key for Unicode's form C, which Qwen's tokenizer.json asks for; llama.cpp's files of such
/// models leave it out too.
public final class GgufTokenizerKeys {
    private static final String PREFIX = "tokenizer.ggml.";
    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;
    private static final int BYTE = 6;

    /// Scores no piece that merges make has.
    private static final float UNMERGED = -1e9f;

    private GgufTokenizerKeys() {}

    /// All keys `tokenizer.ggml.*` of a folder's tokenizer, in the order in which llama.cpp's converter
    /// writes them. Values are `String`, `Boolean`, `Integer` (uint32), `int[]` (array of int32), `float[]`
    /// (array of float32) and `List<String>` (array of strings). The chat template is not among them.
    ///
    /// @param vocabSize rows of the model's embedding; ids that the tokenizer lacks become unused tokens,
    ///                  because llama.cpp takes the number of rows from the list of tokens
    /// @throws ModelUnsupported when GGUF has no name for the way in which this tokenizer cuts words
    /// @throws dev.lectern.engine.EngineException.ModelNotFound when the folder has no tokenizer
    public static Map<String, Object> ofFolder(Path folder, int vocabSize) {
        Map<String, Object> keys = of(Tokenizers.readFolder(folder), vocabSize);
        FolderTokens.of(folder).forEach((name, id) -> keys.put(PREFIX + name + "_token_id", id));
        FolderTokens.flags(folder).forEach((name, value) -> keys.put(PREFIX + name, value));
        return keys;
    }

    static Map<String, Object> of(TokenizerSpec spec, int vocabSize) {
        Map<String, Object> keys = new LinkedHashMap<>();
        Vocabulary vocabulary = spec.vocabulary();
        if (spec.scores().length > 0) {
            throw new ModelUnsupported("[" + spec.origin() + "] a unigram tokenizer cannot be written to GGUF;"
                    + " supported: byte-pair encoding");
        }
        keys.put(PREFIX + "model", spec.isSentencePiece() ? "llama" : "gpt2");
        keys.put(PREFIX + "pre", spec.isSentencePiece() ? "default" : pre(spec));
        List<String> tokens = new ArrayList<>(vocabSize);
        int[] types = new int[Math.max(vocabSize, vocabulary.size())];
        for (int id = 0; id < types.length; id++) {
            String piece = id < vocabulary.size() ? vocabulary.piece(id) : null;
            tokens.add(piece == null ? "[PAD" + id + "]" : piece);
            types[id] = piece == null ? UNUSED : type(vocabulary.kind(id), piece);
        }
        keys.put(PREFIX + "tokens", tokens);
        if (spec.isSentencePiece()) {
            keys.put(PREFIX + "scores", scores(vocabulary, types.length));
        }
        keys.put(PREFIX + "token_type", types);
        if (spec.isSentencePiece()) {
            keys.put(PREFIX + "add_space_prefix", spec.normaliser().prefix() != TokenizerSpec.Normaliser.Prefix.NONE);
        } else {
            keys.put(PREFIX + "merges", merges(vocabulary));
        }
        return keys;
    }

    private static String pre(TokenizerSpec spec) {
        return GgufPreTokenizer.nameOf(spec.preTokenizer(), spec.ignoreMerges())
                .orElseThrow(() -> new ModelUnsupported("[" + spec.origin()
                        + "] GGUF has no name (key 'tokenizer.ggml.pre') for the way in which this tokenizer cuts words: "
                        + spec.preTokenizer()));
    }

    private static int type(TokenKind kind, String piece) {
        return switch (kind) {
            case NONE -> UNUSED;
            case TEXT -> NORMAL;
            case BYTE -> BYTE;
            case ADDED_TEXT, ADDED_MARKUP -> USER_DEFINED;
            case CONTROL -> piece.equals("<unk>") ? UNKNOWN : CONTROL;
        };
    }

    /// The lower the rank of the first merge that makes a piece, the higher its score.
    private static float[] scores(Vocabulary vocabulary, int size) {
        float[] scores = new float[size];
        Arrays.fill(scores, UNMERGED);
        Merges merges = vocabulary.merges();
        for (int i = merges.size() - 1; i >= 0; i--) {
            scores[merges.into(i)] = -merges.rank(i);
        }
        return scores;
    }

    private static List<String> merges(Vocabulary vocabulary) {
        Merges merges = vocabulary.merges();
        List<String> pairs = new ArrayList<>(merges.size());
        for (int i = 0; i < merges.size(); i++) {
            pairs.add(vocabulary.piece(merges.left(i)) + " " + vocabulary.piece(merges.right(i)));
        }
        return pairs;
    }

    /// The special tokens that a folder's configuration names.
    private static final class FolderTokens {
        private static final Map<String, String> NAMES =
                Map.of("bos", "bos", "eos", "eos", "unk", "unknown", "pad", "padding");

        static Map<String, Integer> of(Path folder) {
            JsonNode settings = FolderFiles.json(folder.resolve("tokenizer_config.json"));
            JsonNode model = FolderFiles.json(folder.resolve("config.json"));
            JsonNode text = model.path("text_config");
            Vocabulary vocabulary = Tokenizers.readFolder(folder).vocabulary();
            Map<String, Integer> ids = new LinkedHashMap<>();
            for (String name : List.of("bos", "eos", "unk", "pad")) {
                Integer id = named(settings.path(name + "_token"), vocabulary);
                if (id == null) {
                    id = numbered(model.path(name + "_token_id"));
                }
                if (id == null) {
                    id = numbered(text.path(name + "_token_id"));
                }
                if (id != null && id < vocabulary.size()) {
                    ids.put(NAMES.getOrDefault(name, name), id);
                }
            }
            return ids;
        }

        static Map<String, Boolean> flags(Path folder) {
            JsonNode settings = FolderFiles.json(folder.resolve("tokenizer_config.json"));
            Map<String, Boolean> flags = new LinkedHashMap<>();
            for (String name : List.of("add_bos_token", "add_eos_token")) {
                if (settings.path(name).isBoolean()) {
                    flags.put(name, settings.path(name).booleanValue());
                }
            }
            return flags;
        }

        private static @Nullable Integer named(JsonNode token, Vocabulary vocabulary) {
            String content = token.isObject() ? token.path("content").asText("") : token.asText("");
            OptionalInt id = vocabulary.controlToken(content);
            return content.isEmpty() || id.isEmpty() ? null : id.getAsInt();
        }

        private static @Nullable Integer numbered(JsonNode id) {
            JsonNode first = id.isArray() && !id.isEmpty() ? id.get(0) : id;
            return first.canConvertToInt() && first.isIntegralNumber() && first.intValue() >= 0
                    ? (Integer) first.intValue()
                    : null;
        }
    }
}
