package dev.lectern.engine;

import dev.lectern.engine.EngineException.InvalidRequest;
import dev.lectern.engine.internal.convert.ModelConversion;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Writes a model anew as one GGUF file with other weight types, which llama.cpp and this engine read: from GGUF, or
/// from a Hugging Face folder. Weights stream through a few megabytes of memory, whatever the model's size.
///
/// Every matrix gets the type that is asked for. Gains, biases and routers stay unquantised, as llama.cpp has it, and a
/// matrix whose rows are no whole blocks gets the next type with smaller blocks, which the result says.
public final class ModelConverter {
    private ModelConverter() {}

    /// What to write.
    ///
    /// @param type       for all matrices, one of [#types], any case
    /// @param outputType for the output matrix (or the embedding, where that is the output matrix too)
    /// @param threads    0 for as many as there are processors
    /// @param replace    whether a file that is there may be replaced
    public record Options(String type, Optional<String> outputType, int threads, boolean replace) {
        public Options {
            if (threads < 0 || threads > 1024) {
                throw new InvalidRequest("threads " + threads + ": expected 0 (all processors) to 1024");
            }
        }
    }

    /// Is told now and then how far the work is, on the thread that called.
    @FunctionalInterface
    public interface Progress {
        Progress NONE = (tensor, done, total) -> {};

        /// @param tensor being written
        /// @param done   bytes of the new file
        /// @param total  bytes of the new file at its end
        void at(String tensor, long done, long total);
    }

    /// What was written. Errors are of the weights that were written against those that were read: root mean squares,
    /// over all matrices that changed their type.
    ///
    /// @param bytes         of the new file
    /// @param tensors       in the new file
    /// @param copied        tensors whose bytes were copied, since they had the type
    /// @param types         number of tensors by type
    /// @param millis        time taken
    /// @param rmsError      over all quantised weights
    /// @param relativeError `rmsError` over the root mean square of those weights
    /// @param worst         the tensor with the largest relative error; empty when none was quantised
    /// @param remarks       what else the user should know: other types than asked for, weights quantised twice
    public record Summary(
            long bytes,
            int tensors,
            int copied,
            Map<String, Integer> types,
            long millis,
            double rmsError,
            double relativeError,
            Optional<Worst> worst,
            List<String> remarks) {
        public Summary {
            types = Map.copyOf(types);
            remarks = List.copyOf(remarks);
        }
    }

    /// @param name          of the tensor
    /// @param type          that it was given
    /// @param rmsError      of its weights
    /// @param relativeError `rmsError` over the root mean square of its weights
    public record Worst(String name, String type, double rmsError, double relativeError) {}

    /// Names of the types that models are converted to.
    public static List<String> types() {
        return ModelConversion.types();
    }

    /// Converts a GGUF file or a Hugging Face folder. The file appears under its name when it is whole.
    ///
    /// @throws InvalidRequest                   when the type is unknown, or the file may not be replaced
    /// @throws EngineException.ModelNotFound    when there is no model
    /// @throws EngineException.ModelCorrupt     when the files contradict their format
    /// @throws EngineException.ModelUnsupported when the architecture or a tensor's type is unknown
    /// @throws EngineException.OutputFailed     when the file cannot be written
    public static Summary convert(Path model, Path file, Options options, Progress progress) {
        return ModelConversion.run(model, file, options, progress);
    }
}
