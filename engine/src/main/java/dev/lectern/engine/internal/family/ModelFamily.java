package dev.lectern.engine.internal.family;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.internal.model.ModelConfig;
import dev.lectern.engine.internal.source.Metadata;
import dev.lectern.engine.internal.source.ModelSource;
import java.util.List;
import java.util.TreeSet;

/// A model family: a function from a file's metadata to the decoder's specification and the tensors' places.
/// A new family is one new file and one line in [#ALL].
public interface ModelFamily {
    /// Every family this engine runs.
    List<ModelFamily> ALL = List.of(
            new Llama4Family(),
            new LlamaFamily(),
            new QwenFamily(),
            new MixtralFamily(),
            new OlmoeFamily(),
            new GraniteFamily(),
            new GptOssFamily(),
            new Gemma3Family(),
            new Phi3Family(),
            new DeepSeekV3Family());

    /// The architecture names this family answers to, as `model_type` (Hugging Face) or `general.architecture`
    /// (GGUF).
    List<String> architectures();

    /// Reads the specification of a Hugging Face folder; metadata wins over any constant that is known of the
    /// family.
    Definition huggingFace(ModelSource source);

    /// Reads the specification of a GGUF file.
    Definition gguf(ModelSource source);

    /// Reads the specification of either.
    default Definition define(ModelSource source) {
        try {
            return source.format().equals("gguf") ? gguf(source) : huggingFace(source);
        } catch (IllegalArgumentException | ArithmeticException e) {
            // Figures that are fine by themselves and contradict each other.
            throw new EngineException.ModelCorrupt("[" + source.location() + "] " + e.getMessage(), e);
        }
    }

    /// @param config     the decoder
    /// @param tensors    where its weights are
    /// @param gainOffset what is added to every norm's gain (Gemma's files hold gains less 1)
    record Definition(ModelConfig config, TensorMap tensors, float gainOffset) {
        Definition(ModelConfig config, TensorMap tensors) {
            this(config, tensors, 0);
        }
    }

    /// @throws EngineException.ModelUnsupported naming the architecture and what is supported
    static ModelFamily of(ModelSource source) {
        TreeSet<String> supported = new TreeSet<>();
        for (ModelFamily family : ALL) {
            if (family.architectures().contains(source.architecture())) {
                return family;
            }
            supported.addAll(family.architectures());
        }
        throw new EngineException.ModelUnsupported("[" + source.location() + "] architecture '" + source.architecture()
                + "' unknown; supported: " + String.join(", ", supported));
    }

    /// @throws EngineException.ModelUnsupported for another activation than the family's
    static void requireActivation(Metadata config, String key, String expected) {
        String activation = config.stringOr(key, expected);
        if (!activation.equals(expected)) {
            throw unsupported(config, key + " '" + activation + "'", expected);
        }
    }

    /// @throws EngineException.ModelUnsupported when a switch that this engine does not know is on
    static void requireOff(Metadata config, String key) {
        if (config.booleanOr(key, false)) {
            throw unsupported(config, key + " true", "false");
        }
    }

    /// @throws EngineException.ModelUnsupported when there is a value that this engine has no use for
    static void requireAbsent(Metadata config, String key) {
        if (config.has(key)) {
            throw unsupported(config, key, "null");
        }
    }

    private static EngineException.ModelUnsupported unsupported(Metadata config, String what, String supported) {
        return new EngineException.ModelUnsupported(
                "[" + config.file() + "] " + what + " is not supported in this family; supported: " + supported);
    }
}
