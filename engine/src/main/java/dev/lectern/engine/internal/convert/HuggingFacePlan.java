package dev.lectern.engine.internal.convert;

import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.internal.source.ModelSource;
import org.jspecify.annotations.Nullable;

/// From a Hugging Face folder.
final class HuggingFacePlan {
    private HuggingFacePlan() {}

    static ConversionPlan of(ModelSource source, TargetType type, @Nullable TargetType output) {
        throw new ModelUnsupported("[" + source.location() + "] Hugging Face folders cannot be converted yet to " + type
                + (output == null ? "" : " and " + output) + "; supported: GGUF files");
    }
}
