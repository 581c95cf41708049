package dev.lectern.engine.internal.sampling;

import dev.lectern.engine.SamplingParams;
import java.util.Arrays;
import java.util.SplittableRandom;

/// Draws from the softmax of `logits / temperature`, after top-k, top-p and min-p.
///
/// Candidates are ranked by logit and then by id, so that the draw depends on seed and logits alone.
public final class RandomSampler implements Sampler {
    /// Candidates whose probability is below this share of the best one's are ranked only when the others do not
    /// suffice for top-p: with a vocabulary of 200,000, sorting them all would cost more than the forward pass of a
    /// small model.
    private static final double RANKED_SHARE = 1e-6;

    private final SamplingParams params;
    private final SplittableRandom random;
    private long[] ranked = new long[0];

    public RandomSampler(SamplingParams params) {
        this.params = params;
        this.random = new SplittableRandom(params.seed());
    }

    @Override
    public int sample(float[] logits) {
        float largest = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            largest = Math.max(largest, logit);
        }
        double total = 0;
        for (float logit : logits) {
            total += weight(logit, largest);
        }
        int candidates = rank(logits, largest, RANKED_SHARE);
        double kept = sum(logits, largest, candidates);
        boolean enough = params.topK() > 0 ? candidates >= params.topK() : kept >= params.topP() * total;
        if (!enough || params.topP() == 1f && params.topK() == 0 && params.minP() == 0f) {
            candidates = rank(logits, largest, 0);
        }
        if (params.topK() > 0) {
            candidates = Math.min(candidates, params.topK());
            total = sum(logits, largest, candidates);
        }
        candidates = topP(logits, largest, candidates, total);
        candidates = minP(logits, largest, candidates);

        double draw = random.nextDouble() * sum(logits, largest, candidates);
        for (int i = 0; i < candidates - 1; i++) {
            draw -= weight(logits[id(i)], largest);
            if (draw < 0) {
                return id(i);
            }
        }
        return id(candidates - 1);
    }

    /// The smallest number of leading candidates whose probabilities reach topP.
    private int topP(float[] logits, float largest, int candidates, double total) {
        if (params.topP() == 1f) {
            return candidates;
        }
        double reached = 0;
        for (int i = 0; i < candidates; i++) {
            reached += weight(logits[id(i)], largest);
            if (reached >= params.topP() * total) {
                return i + 1;
            }
        }
        return candidates;
    }

    /// The leading candidates at least minP times as probable as the first.
    private int minP(float[] logits, float largest, int candidates) {
        int kept = candidates;
        while (kept > 1 && weight(logits[id(kept - 1)], largest) < params.minP()) {
            kept--;
        }
        return kept;
    }

    /// Ranks the tokens whose weight is at least `share`, best first.
    ///
    /// @return how many there are; at least one
    private int rank(float[] logits, float largest, double share) {
        if (ranked.length < logits.length) {
            ranked = new long[logits.length];
        }
        int count = 0;
        for (int id = 0; id < logits.length; id++) {
            // A token that is ruled out is no candidate, not even the last one.
            if (logits[id] != Float.NEGATIVE_INFINITY && weight(logits[id], largest) >= share) {
                ranked[count++] = ((long) ~sortable(logits[id]) << 32) | id;
            }
        }
        Arrays.sort(ranked, 0, count);
        return count;
    }

    private double sum(float[] logits, float largest, int candidates) {
        double sum = 0;
        for (int i = 0; i < candidates; i++) {
            sum += weight(logits[id(i)], largest);
        }
        return sum;
    }

    private int id(int rank) {
        return (int) ranked[rank];
    }

    /// Probability of a logit relative to the largest one's.
    private double weight(float logit, float largest) {
        return Math.exp((logit - largest) / (double) params.temperature());
    }

    /// An int whose order is the float's.
    private static int sortable(float value) {
        int bits = Float.floatToIntBits(value);
        return bits ^ ((bits >> 31) & 0x7FFFFFFF);
    }
}
