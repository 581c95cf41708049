package dev.lectern.engine.internal.sampling;

import dev.lectern.engine.SamplingParams;
import java.util.Arrays;
import java.util.SplittableRandom;

/// Draws from the softmax of `logits / temperature`, after top-k, top-p and min-p.
///
/// Where a filter asks for it, candidates are ranked by logit and then by id; the draw depends on seed and logits
/// alone.
public final class RandomSampler implements Sampler {
    /// Candidates whose probability is below this share of the best one's are ranked only when the others do not
    /// suffice for top-p: with a vocabulary of 200,000, sorting them all would cost more than the forward pass
    /// of a small model.
    private static final double RANKED_SHARE = 1e-6;

    private final SamplingParams params;
    private final SplittableRandom random;
    private double[] weights = new double[0];
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
        double total = weigh(logits, largest);
        if (Double.isNaN(total)) {
            return firstThatIsNoNumber(logits);
        }
        if (params.topP() == 1f && params.topK() == 0 && params.minP() == 0f) {
            return draw(logits.length, total);
        }
        int candidates = rank(logits, RANKED_SHARE);
        boolean enough = params.topK() > 0 ? candidates >= params.topK() : sum(candidates) >= params.topP() * total;
        if (!enough) {
            candidates = rank(logits, 0);
        }
        if (params.topK() > 0) {
            candidates = Math.min(candidates, params.topK());
            total = sum(candidates);
        }
        candidates = topP(candidates, total);
        candidates = minP(candidates);

        double draw = random.nextDouble() * sum(candidates);
        for (int i = 0; i < candidates - 1; i++) {
            draw -= weights[id(i)];
            if (draw < 0) {
                return id(i);
            }
        }
        return id(candidates - 1);
    }

    /// Sets each token's probability relative to the most probable one's, 0 for those that are ruled out.
    ///
    /// @return the sum
    private double weigh(float[] logits, float largest) {
        if (weights.length < logits.length) {
            weights = new double[logits.length];
        }
        double total = 0;
        for (int id = 0; id < logits.length; id++) {
            weights[id] = logits[id] == Float.NEGATIVE_INFINITY
                    ? 0
                    : Math.exp((logits[id] - largest) / (double) params.temperature());
            total += weights[id];
        }
        return total;
    }

    /// For the caller to see what is wrong.
    private static int firstThatIsNoNumber(float[] logits) {
        for (int id = 0; id < logits.length; id++) {
            if (Float.isNaN(logits[id])) {
                return id;
            }
        }
        return 0;
    }

    /// Draws from all tokens, where no filter needs them ranked.
    private int draw(int vocabSize, double total) {
        double draw = random.nextDouble() * total;
        int last = 0;
        for (int id = 0; id < vocabSize; id++) {
            if (weights[id] > 0) {
                last = id;
                draw -= weights[id];
                if (draw < 0) {
                    return id;
                }
            }
        }
        return last;
    }

    /// The smallest number of leading candidates whose probabilities reach topP.
    private int topP(int candidates, double total) {
        if (params.topP() == 1f) {
            return candidates;
        }
        double reached = 0;
        for (int i = 0; i < candidates; i++) {
            reached += weights[id(i)];
            if (reached >= params.topP() * total) {
                return i + 1;
            }
        }
        return candidates;
    }

    /// The leading candidates at least minP times as probable as the first.
    private int minP(int candidates) {
        int kept = candidates;
        while (kept > 1 && weights[id(kept - 1)] < params.minP()) {
            kept--;
        }
        return kept;
    }

    /// Ranks the tokens whose weight is at least `share`, best first.
    ///
    /// @return how many there are; at least one
    private int rank(float[] logits, double share) {
        if (ranked.length < logits.length) {
            ranked = new long[logits.length];
        }
        int count = 0;
        for (int id = 0; id < logits.length; id++) {
            // A token that is ruled out is no candidate, not even the last one.
            if (logits[id] != Float.NEGATIVE_INFINITY && weights[id] >= share) {
                ranked[count++] = ((long) ~sortable(logits[id]) << 32) | id;
            }
        }
        Arrays.sort(ranked, 0, count);
        return count;
    }

    private double sum(int candidates) {
        double sum = 0;
        for (int i = 0; i < candidates; i++) {
            sum += weights[id(i)];
        }
        return sum;
    }

    private int id(int rank) {
        return (int) ranked[rank];
    }

    /// An int whose order is the float's.
    private static int sortable(float value) {
        int bits = Float.floatToIntBits(value);
        return bits ^ ((bits >> 31) & 0x7FFFFFFF);
    }
}
