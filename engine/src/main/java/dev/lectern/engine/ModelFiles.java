package dev.lectern.engine;

import dev.lectern.engine.constraint.Constraint;
import dev.lectern.engine.constraint.ConstraintVocabulary;
import dev.lectern.engine.internal.chat.ChatFormats;
import dev.lectern.engine.internal.family.ModelFamily;
import dev.lectern.engine.internal.kv.PagedKv;
import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.ModelConfig;
import dev.lectern.engine.internal.source.ModelSource;
import dev.lectern.engine.internal.source.ModelSources;
import dev.lectern.engine.internal.source.TensorData;
import dev.lectern.engine.internal.tokenizer.Tokenizers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A model's files without an engine: what they hold, the tokenizer and the chat layout. Cheap to open (weights are
/// mapped, not read); the tokenizer is loaded when it is first asked for. Thread-safe.
public final class ModelFiles implements AutoCloseable {
    private final ModelSource source;
    private final ModelFamily.Definition definition;
    private final ModelInfo info;
    private @Nullable Tokenizer tokenizer;
    private @Nullable ChatFormat chat;
    private @Nullable ConstraintVocabulary constraintVocabulary;

    private ModelFiles(ModelSource source) {
        this.source = source;
        this.definition = ModelFamily.of(source).define(source);
        this.info = describe(source, definition.config());
    }

    /// Opens a GGUF file or a Hugging Face folder.
    ///
    /// @throws EngineException.ModelNotFound    when there is none
    /// @throws EngineException.ModelCorrupt     when the files contradict their format
    /// @throws EngineException.ModelUnsupported when architecture or tensor types are unknown
    public static ModelFiles open(Path path) {
        ModelSource source = ModelSources.open(path);
        try {
            return new ModelFiles(source);
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
    }

    /// Opens the tokenizer of a folder that need not hold a model.
    ///
    /// @param path a folder with a tokenizer, or one of its files
    /// @throws EngineException.ModelNotFound when there is none
    public static Tokenizer openTokenizer(Path path) {
        Path folder = Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
        return Tokenizers.openFolder(folder == null ? path : folder);
    }

    public ModelInfo info() {
        return info;
    }

    /// @throws EngineException.TokenizerMismatch when there is none, or it has ids that the model has no embedding
    ///                                           for
    public synchronized Tokenizer tokenizer() {
        if (tokenizer == null) {
            Tokenizer opened = Tokenizers.open(source);
            Tokenizers.checkAgainst(opened, source.location(), info.vocabSize());
            tokenizer = opened;
        }
        return tokenizer;
    }

    public synchronized ChatFormat chat() {
        if (chat == null) {
            chat = ChatFormats.of(source, tokenizer());
        }
        return chat;
    }

    /// Compiles a JSON Schema for answers of this model.
    ///
    /// @param schema the schema's text
    /// @throws dev.lectern.engine.constraint.SchemaException by JSON pointer, when it is no schema, cannot be
    ///                                                       enforced exactly, or nothing satisfies it
    public Constraint constraint(String schema) {
        return Constraint.compile(schema, constraintVocabulary());
    }

    /// The tokens' bytes, as schemas need them; made when first asked for.
    synchronized ConstraintVocabulary constraintVocabulary() {
        if (constraintVocabulary == null) {
            constraintVocabulary = ConstraintVocabulary.of(tokenizer());
        }
        return constraintVocabulary;
    }

    ModelSource source() {
        return source;
    }

    ModelFamily.Definition definition() {
        return definition;
    }

    @Override
    public void close() {
        source.close();
    }

    private static ModelInfo describe(ModelSource source, ModelConfig config) {
        Map<String, Integer> types = new TreeMap<>();
        long parameters = 0;
        for (TensorData tensor : source.tensors()) {
            types.merge(tensor.type().name(), 1, Integer::sum);
            parameters += tensor.weights();
        }
        AttentionSpec.Scores attention = config.layers().getFirst().attention().scores();
        int experts = config.layers().stream()
                .mapToInt(layer -> layer.mlp() instanceof MlpSpec.Moe moe ? moe.experts() : 0)
                .max()
                .orElse(0);
        return new ModelInfo(
                source.location().toString(),
                source.format(),
                source.architecture(),
                parameters,
                source.fileBytes(),
                types,
                config.vocabSize(),
                config.hiddenSize(),
                config.layers().size(),
                attention.heads(),
                attention.kvHeads(),
                attention.keyDim(),
                experts,
                config.contextLength(),
                config.attentionChunk(),
                PagedKv.bytesPerToken(config.layers()),
                source.fingerprint());
    }
}
