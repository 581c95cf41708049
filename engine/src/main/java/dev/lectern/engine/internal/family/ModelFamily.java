package dev.lectern.engine.internal.family;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.internal.model.ModelConfig;
import dev.lectern.engine.internal.source.ModelSource;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// A model family: a function from a file's metadata to the decoder's specification and the tensors' names.
/// A new family is one new file and one line in [#ALL].
public interface ModelFamily {
    /// Every family this engine runs.
    List<ModelFamily> ALL = List.of(new Llama4Family(), new LlamaFamily());

    /// The architecture names this family answers to, as `model_type` (Hugging Face) or `general.architecture`
    /// (GGUF).
    List<String> architectures();

    /// Reads the specification; metadata wins over any constant that is known of the family.
    Definition define(ModelSource source);

    /// @param config      the decoder
    /// @param tensorNames names by role; `{layer}` and `{expert}` are replaced
    record Definition(ModelConfig config, Map<TensorRole, String> tensorNames) {
        public Definition {
            tensorNames = Map.copyOf(tensorNames);
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
}
