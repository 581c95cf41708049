package dev.lectern.engine.internal.sampling;

import dev.lectern.engine.SamplingParams;

/// Chooses the next token from logits. One a sequence, used by one thread at a time.
public sealed interface Sampler permits GreedySampler, RandomSampler {
    /// @param logits one a token id, minus infinity for those that are ruled out; at least one is not
    int sample(float[] logits);

    static Sampler of(SamplingParams params) {
        return params.greedy() ? new GreedySampler() : new RandomSampler(params);
    }
}
