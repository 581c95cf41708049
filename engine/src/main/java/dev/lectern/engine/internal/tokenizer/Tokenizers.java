package dev.lectern.engine.internal.tokenizer;

import dev.lectern.engine.EngineException.ModelNotFound;
import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.EngineException.TokenizerMismatch;
import dev.lectern.engine.Tokenizer;
import dev.lectern.engine.internal.source.ModelSource;
import java.nio.file.Files;
import java.nio.file.Path;

/// Finds a model's tokenizer: tokenizer.json beside config.json in a Hugging Face folder, the metadata of a GGUF
/// file.
public final class Tokenizers {
    private Tokenizers() {}

    /// Reads the tokenizer of a model; takes about a second for a vocabulary of 200,000. To be called when text is
    /// first encoded rather than when the model is opened, because logits can be verified without a tokenizer.
    ///
    /// @throws ModelNotFound    when the folder has none
    /// @throws ModelUnsupported for another kind of tokenizer
    /// @throws dev.lectern.engine.EngineException.ModelCorrupt when it cannot be read
    public static Tokenizer open(ModelSource source) {
        return switch (source.format()) {
            case "huggingface" -> openFolder(source.location());
            case "gguf" ->
                new BpeTokenizer(GgufVocabulary.from(source.metadata()).toSpec());
            default ->
                throw new ModelUnsupported(
                        "[" + source.location() + "] no tokenizer is known for format " + source.format());
        };
    }

    /// Reads the tokenizer.json of a folder.
    public static Tokenizer openFolder(Path folder) {
        Path file = folder.resolve("tokenizer.json");
        if (!Files.exists(file)) {
            if (Files.exists(folder.resolve("tokenizer.model"))) {
                throw new ModelUnsupported(
                        "[" + folder + "] has a tokenizer.model but no tokenizer.json; supported:"
                                + " tokenizer.json. Save one with transformers (AutoTokenizer.from_pretrained(folder).save_pretrained(folder))");
            }
            throw new ModelNotFound(
                    "[" + file + "] no such file; a model folder needs its tokenizer.json to read text");
        }
        return new BpeTokenizer(TokenizerJsonReader.read(file));
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
