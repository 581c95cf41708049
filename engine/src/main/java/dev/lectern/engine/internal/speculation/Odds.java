package dev.lectern.engine.internal.speculation;

/// How often tokens proposed from one text turned out right, by how many tokens before them agreed. What lies back
/// counts less and less, and an expectation counts like a few tokens, so that what failed is tried again after a
/// while.
final class Odds {
    /// By class of agreement: several places that go on differently; then 1, 2, 3 to 4, 5 to 8, 9 to 16, more
    /// tokens.
    private static final double[] EXPECTED = {0.3, 0.55, 0.7, 0.8, 0.88, 0.92, 0.95};

    private static final double EXPECTED_WEIGHT = 3;
    private static final double MEMORY = 0.9;

    private final double[] right = new double[EXPECTED.length];
    private final double[] wrong = new double[EXPECTED.length];

    /// The class of a match.
    static int group(TokenIndex.Match match) {
        if (match.sure() == 0) {
            return 0;
        }
        return Math.min(EXPECTED.length - 1, 33 - Integer.numberOfLeadingZeros(match.length() - 1));
    }

    /// The probability that a proposed token is right if those before it were.
    double of(int group) {
        return (EXPECTED[group] * EXPECTED_WEIGHT + right[group]) / (EXPECTED_WEIGHT + right[group] + wrong[group]);
    }

    /// How many tokens in a row are at least that likely to be right all together.
    int tokens(int group, double leastProbability, int most) {
        double each = of(group);
        double all = each;
        int count = 0;
        while (count < most && all >= leastProbability) {
            count++;
            all *= each;
        }
        return count;
    }

    /// Learns from a proposal; after the first wrong token nothing is known of the others.
    void learn(int group, int proposed, int accepted) {
        right[group] = right[group] * MEMORY + accepted;
        wrong[group] = wrong[group] * MEMORY + (accepted < proposed ? 1 : 0);
    }

    /// Forgets a little of what keeps tokens from being proposed.
    void forget(int group) {
        right[group] *= MEMORY;
        wrong[group] *= MEMORY;
    }
}
