package dev.lectern.engine.internal.tokenizer;

import dev.lectern.engine.EngineException.ModelNotFound;
import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.EngineException.TokenizerMismatch;
import dev.lectern.engine.Tokenizer;
import dev.lectern.engine.internal.source.ModelSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Finds a model's tokenizer: tokenizer.json, tokenizer.model or tiktoken.model beside config.json in a
/// Hugging Face folder, the metadata of a GGUF file.
public final class Tokenizers {
    private static final List<String> MODEL_FILES = List.of("tokenizer.model", "tiktoken.model");

    private Tokenizers() {}

    /// Reads the tokenizer of a model; takes about a second for a vocabulary of 200,000. To be called when
    /// text is first encoded rather than when the model is opened, because logits can be verified without a
    /// tokenizer.
    ///
    /// @throws ModelNotFound    when the folder has none
    /// @throws ModelUnsupported for another kind of tokenizer
    /// @throws dev.lectern.engine.EngineException.ModelCorrupt when it cannot be read
    public static Tokenizer open(ModelSource source) {
        return switch (source.format()) {
            case "huggingface" -> openFolder(source.location());
            case "gguf" ->
                new SubwordTokenizer(GgufVocabulary.from(source.metadata()).toSpec());
            default ->
                throw new ModelUnsupported(
                        "[" + source.location() + "] no tokenizer is known for format " + source.format());
        };
    }

    /// Reads a folder's tokenizer: its tokenizer.json, else its tokenizer.model or tiktoken.model.
    public static Tokenizer openFolder(Path folder) {
        return new SubwordTokenizer(readFolder(folder));
    }

    static TokenizerSpec readFolder(Path folder) {
        Path json = folder.resolve("tokenizer.json");
        if (Files.exists(json)) {
            return TokenizerJsonReader.read(json);
        }
        for (String name : MODEL_FILES) {
            Path file = folder.resolve(name);
            if (Files.exists(file)) {
                return readModel(file);
            }
        }
        throw new ModelNotFound("[" + folder + "] has no tokenizer; a model folder needs its tokenizer.json,"
                + " tokenizer.model or tiktoken.model to read text");
    }

    /// Reads a tokenizer.model of either kind: SentencePiece's protobuf, tiktoken's lines.
    static TokenizerSpec readModel(Path file) {
        byte[] bytes = FolderFiles.bytes(file);
        Path folder = file.toAbsolutePath().getParent();
        Map<Integer, String> added = folder == null ? Map.of() : FolderFiles.addedTokens(folder);
        if (TiktokenReader.recognises(bytes)) {
            return TiktokenReader.read(file.toString(), bytes, added);
        }
        return SentencePieceReader.read(file.toString(), bytes, added);
    }

    /// Checks that every id has a row in the model's embedding.
    ///
    /// @throws TokenizerMismatch with both figures
    public static void checkAgainst(Tokenizer tokenizer, Path model, int vocabSize) {
        if (tokenizer.vocabSize() > vocabSize) {
            throw new TokenizerMismatch("[" + model + "] the tokenizer has ids up to " + (tokenizer.vocabSize() - 1)
                    + ", the model's embedding has " + vocabSize
                    + " rows; take the tokenizer that belongs to this model");
        }
    }
}
