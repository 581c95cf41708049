package dev.lectern.engine.internal.speculation;

/// How often proposed tokens turned out right, by how many tokens before them agreed. What lies back counts less and
/// less, and an expectation counts like a few tokens, so that what failed is tried again after a while.
final class Odds {
    /// By class of agreement: 1, 2, 3 to 4, 5 to 8, 9 to 16, more.
    private static final double[] EXPECTED = {0.5, 0.65, 0.75, 0.85, 0.9, 0.95};

    private static final double EXPECTED_WEIGHT = 3;
    private static final double MEMORY = 0.9;

    private final double[] right = new double[EXPECTED.length];
    private final double[] wrong = new double[EXPECTED.length];

    private static int group(int agreement) {
        return Math.min(EXPECTED.length - 1, 32 - Integer.numberOfLeadingZeros(agreement - 1));
    }

    /// The probability that a proposed token is right if those before it were.
    double of(int agreement) {
        int group = group(agreement);
        return (EXPECTED[group] * EXPECTED_WEIGHT + right[group]) / (EXPECTED_WEIGHT + right[group] + wrong[group]);
    }

    /// How many tokens in a row are at least that likely to be right all together.
    int tokens(int agreement, double leastProbability, int most) {
        double each = of(agreement);
        double all = each;
        int count = 0;
        while (count < most && all >= leastProbability) {
            count++;
            all *= each;
        }
        return count;
    }

    /// Learns from a proposal; after the first wrong token nothing is known of the others.
    void learn(int agreement, int proposed, int accepted) {
        int group = group(agreement);
        right[group] = right[group] * MEMORY + accepted;
        wrong[group] = wrong[group] * MEMORY + (accepted < proposed ? 1 : 0);
    }

    /// Forgets a little of what keeps tokens from being proposed.
    void forget(int agreement) {
        int group = group(agreement);
        right[group] *= MEMORY;
        wrong[group] *= MEMORY;
    }
}
