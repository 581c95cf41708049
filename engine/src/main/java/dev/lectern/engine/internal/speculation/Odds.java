package dev.lectern.engine.internal.speculation;

import org.jspecify.annotations.Nullable;

/// How often tokens proposed from one text turned out right, by how many tokens before them agreed. What lies back
/// counts less and less, and an expectation counts like a few tokens, so that what failed is tried again after a
/// while.
final class Odds {
    /// By class of agreement: several places that go on differently; then 1, 2, 3 to 4, 5 to 8, 9 to 16, more
    /// tokens.
    private static final double[] EXPECTED = {0.3, 0.55, 0.7, 0.8, 0.88, 0.92, 0.95};

    private static final double EXPECTED_WEIGHT = 3;
    /// What counts still after the next proposal: of one sequence, and of all.
    private static final double OWN_MEMORY = 0.9;

    private static final double COMMON_MEMORY = 0.98;

    /// Of all sequences, where these are one's; null where they are those of all.
    private final @Nullable Odds all;

    private final double memory;
    private final double[] right = new double[EXPECTED.length];
    private final double[] wrong = new double[EXPECTED.length];

    /// Those of all sequences.
    Odds() {
        this.all = null;
        this.memory = COMMON_MEMORY;
    }

    /// Those of one sequence, which is expected to be like the others.
    Odds(Odds all) {
        this.all = all;
        this.memory = OWN_MEMORY;
    }

    /// The class of an agreement.
    ///
    /// @param length how many tokens agree
    /// @param sure   how many follow at all such places
    static int group(int length, int sure) {
        if (sure == 0) {
            return 0;
        }
        return Math.min(EXPECTED.length - 1, 33 - Integer.numberOfLeadingZeros(length - 1));
    }

    /// The probability that a proposed token is right if those before it were.
    double of(int group) {
        double expected = all == null ? EXPECTED[group] : all.of(group);
        return (expected * EXPECTED_WEIGHT + right[group]) / (EXPECTED_WEIGHT + right[group] + wrong[group]);
    }

    /// How many tokens in a row are at least that likely to be right all together.
    int tokens(int group, double leastProbability, int most) {
        double each = of(group);
        double together = each;
        int count = 0;
        while (count < most && together >= leastProbability) {
            count++;
            together *= each;
        }
        return count;
    }

    /// Learns from a proposal; after the first wrong token nothing is known of the others.
    void learn(int group, int proposed, int accepted) {
        right[group] = right[group] * memory + accepted;
        wrong[group] = wrong[group] * memory + (accepted < proposed ? 1 : 0);
        if (all != null) {
            all.learn(group, proposed, accepted);
        }
    }

    /// Forgets a little of what keeps tokens from being proposed.
    void forget(int group) {
        right[group] *= memory;
        wrong[group] *= memory;
        if (all != null) {
            all.forget(group);
        }
    }
}
