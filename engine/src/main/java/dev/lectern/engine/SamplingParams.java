package dev.lectern.engine;

/// How the next token is chosen from the logits. The filters apply in this order: top-k, temperature's softmax,
/// top-p, min-p.
///
/// @param temperature 0 for greedy (the largest logit, the lowest id of equals); otherwise logits are divided by it
/// @param topK        keep the k most probable tokens; 0 for all
/// @param topP        keep the smallest set of most probable tokens whose probability reaches this; 1 for all
/// @param minP        drop tokens less probable than this share of the most probable one; 0 for none
/// @param seed        of the request's own random stream: same seed, same tokens, whatever else is in the batch
public record SamplingParams(float temperature, int topK, float topP, float minP, long seed) {
    public static final SamplingParams GREEDY = new SamplingParams(0f, 0, 1f, 0f, 0L);

    public SamplingParams {
        if (!(temperature >= 0f) || Float.isInfinite(temperature)) {
            throw new IllegalArgumentException(
                    "temperature " + temperature + ": expected a finite number of at least 0");
        }
        if (topK < 0) {
            throw new IllegalArgumentException("topK " + topK + ": expected at least 0 (0 keeps all tokens)");
        }
        if (!(topP > 0f && topP <= 1f)) {
            throw new IllegalArgumentException(
                    "topP " + topP + ": expected more than 0 and at most 1 (1 keeps all tokens)");
        }
        if (!(minP >= 0f && minP < 1f)) {
            throw new IllegalArgumentException(
                    "minP " + minP + ": expected at least 0 and less than 1 (0 keeps all tokens)");
        }
    }

    public boolean greedy() {
        return temperature == 0f;
    }
}
