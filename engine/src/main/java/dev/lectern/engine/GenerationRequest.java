package dev.lectern.engine;

import dev.lectern.engine.constraint.Constraint;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One continuation of a [Context].
///
/// @param promptTokens ids that follow the context before the first generated token; at least one
/// @param maxTokens    at most this many tokens are generated
/// @param sampling     how tokens are chosen
/// @param stopTokens   ids that end the generation
/// @param constraint   schema that the answer is held to: only tokens after which a valid answer is possible are
///                     sampled, and none ends it before it is one; null for free text. Compiled by the engine that
///                     runs the request ([Engine#constraint])
public record GenerationRequest(
        int[] promptTokens,
        int maxTokens,
        SamplingParams sampling,
        int[] stopTokens,
        @Nullable Constraint constraint) {
    /// Free text.
    public GenerationRequest(int[] promptTokens, int maxTokens, SamplingParams sampling, int[] stopTokens) {
        this(promptTokens, maxTokens, sampling, stopTokens, null);
    }

    public GenerationRequest {
        if (promptTokens.length == 0) {
            throw new EngineException.InvalidRequest(
                    "empty prompt: a generation needs at least one prompt token after its context");
        }
        if (maxTokens < 1) {
            throw new EngineException.InvalidRequest("maxTokens " + maxTokens + ": expected at least 1");
        }
        Objects.requireNonNull(sampling);
        promptTokens = promptTokens.clone();
        stopTokens = stopTokens.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GenerationRequest that
                && Arrays.equals(promptTokens, that.promptTokens)
                && maxTokens == that.maxTokens
                && sampling.equals(that.sampling)
                && Arrays.equals(stopTokens, that.stopTokens)
                && Objects.equals(constraint, that.constraint);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                Arrays.hashCode(promptTokens), maxTokens, sampling, Arrays.hashCode(stopTokens), constraint);
    }
}
