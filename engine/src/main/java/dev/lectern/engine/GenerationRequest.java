package dev.lectern.engine;

import dev.lectern.engine.constraint.Constraint;
import dev.lectern.engine.constraint.Matcher;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One continuation of a [Context].
///
/// @param promptTokens ids that follow the context before the first generated token; at least one
/// @param maxTokens    at most this many tokens are generated; none where no answer of the constraint is that short
/// @param sampling     how tokens are chosen
/// @param stopTokens   ids that end the generation
/// @param constraint   schema that the answer is held to: only tokens after which a valid answer is possible are
///                     sampled, and none ends it before it is one; null for free text. Compiled by the engine that
///                     runs the request ([Engine#constraint])
/// @param begun        the text that the answer has already, which the constraint has to follow on from and of which
///                     the prompt shows as much as the model needs; empty for an answer that begins
public record GenerationRequest(
        int[] promptTokens,
        int maxTokens,
        SamplingParams sampling,
        int[] stopTokens,
        @Nullable Constraint constraint,
        String begun) {
    /// An answer that begins.
    public GenerationRequest(
            int[] promptTokens,
            int maxTokens,
            SamplingParams sampling,
            int[] stopTokens,
            @Nullable Constraint constraint) {
        this(promptTokens, maxTokens, sampling, stopTokens, constraint, "");
    }

    /// Free text.
    public GenerationRequest(int[] promptTokens, int maxTokens, SamplingParams sampling, int[] stopTokens) {
        this(promptTokens, maxTokens, sampling, stopTokens, null, "");
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
        if (constraint == null && !begun.isEmpty()) {
            throw new EngineException.InvalidRequest(
                    "an answer that has begun, without a constraint: put its text into the prompt");
        }
        promptTokens = promptTokens.clone();
        stopTokens = stopTokens.clone();
    }

    /// Where the answer stands in its schema; null for free text.
    @Nullable
    Matcher matcher() {
        Constraint schema = constraint;
        if (schema == null) {
            return null;
        }
        Matcher matcher = schema.matcher();
        if (!matcher.acceptBytes(begun.getBytes(StandardCharsets.UTF_8))) {
            throw new EngineException.InvalidRequest(
                    "no answer of the schema begins with the text that this one has: " + begun);
        }
        return matcher;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GenerationRequest that
                && Arrays.equals(promptTokens, that.promptTokens)
                && maxTokens == that.maxTokens
                && sampling.equals(that.sampling)
                && Arrays.equals(stopTokens, that.stopTokens)
                && Objects.equals(constraint, that.constraint)
                && begun.equals(that.begun);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                Arrays.hashCode(promptTokens), maxTokens, sampling, Arrays.hashCode(stopTokens), constraint, begun);
    }
}
