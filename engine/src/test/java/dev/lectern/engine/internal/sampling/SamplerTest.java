package dev.lectern.engine.internal.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lectern.engine.SamplingParams;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SamplerTest {
    private static final int DRAWS = 20_000;

    @Test
    void greedyTakesTheLargestAndTheLowestIdOfEquals() {
        Sampler sampler = Sampler.of(SamplingParams.GREEDY);
        assertThat(sampler.sample(new float[] {0f, 3f, 3f, 1f})).isEqualTo(1);
    }

    @Test
    void frequenciesFollowTheSoftmaxAtTheTemperature() {
        float[] logits = {0f, 1f, 2f, -1f};
        for (float temperature : new float[] {0.5f, 1f, 2f}) {
            double[] expected = softmax(logits, temperature);
            double[] seen = frequencies(logits, new SamplingParams(temperature, 0, 1f, 0f, 7));
            for (int id = 0; id < logits.length; id++) {
                assertThat(seen[id])
                        .as("token %d at temperature %s", id, temperature)
                        .isCloseTo(expected[id], within(0.015));
            }
        }
    }

    @Test
    void topKKeepsTheKMostProbable() {
        double[] seen = frequencies(new float[] {0f, 1f, 2f, 1.5f}, new SamplingParams(1f, 2, 1f, 0f, 11));
        assertThat(seen[0]).isZero();
        assertThat(seen[1]).isZero();
        assertThat(seen[2]).isCloseTo(softmax(new float[] {2f, 1.5f}, 1)[0], within(0.015));
    }

    @Test
    void topPKeepsTheSmallestSetThatReachesIt() {
        // Probabilities 0.5, 0.25, 0.125, 0.125: 0.7 takes two, 0.75 takes two, 0.76 takes three.
        float[] logits = {
            (float) Math.log(0.125), (float) Math.log(0.5), (float) Math.log(0.25), (float) Math.log(0.125)
        };
        assertThat(kept(logits, new SamplingParams(1f, 0, 0.7f, 0f, 3))).containsExactly(1, 2);
        assertThat(kept(logits, new SamplingParams(1f, 0, 0.76f, 0f, 3))).containsExactly(0, 1, 2);
        assertThat(kept(logits, new SamplingParams(1f, 0, 0.01f, 0f, 3))).containsExactly(1);
    }

    @Test
    void minPDropsWhatIsImprobableBesideTheBest() {
        float[] logits = {(float) Math.log(0.05), (float) Math.log(0.6), (float) Math.log(0.35)};
        assertThat(kept(logits, new SamplingParams(1f, 0, 1f, 0.1f, 5))).containsExactly(1, 2);
    }

    @Test
    void aFlatDistributionOverALargeVocabularyIsNotCut() {
        float[] logits = new float[50_000];
        Sampler sampler = Sampler.of(new SamplingParams(1f, 0, 0.9f, 0f, 1));
        int largest = 0;
        for (int draw = 0; draw < 500; draw++) {
            largest = Math.max(largest, sampler.sample(logits));
        }
        assertThat(largest).isBetween(40_000, 45_000);
    }

    @Test
    void equalSeedsGiveEqualDraws() {
        Random random = new Random(99);
        float[] logits = new float[300];
        for (int id = 0; id < logits.length; id++) {
            logits[id] = (float) random.nextGaussian();
        }
        Sampler one = Sampler.of(new SamplingParams(0.8f, 40, 0.95f, 0.01f, 42));
        Sampler two = Sampler.of(new SamplingParams(0.8f, 40, 0.95f, 0.01f, 42));
        Sampler other = Sampler.of(new SamplingParams(0.8f, 40, 0.95f, 0.01f, 43));
        int differing = 0;
        for (int draw = 0; draw < 200; draw++) {
            int token = one.sample(logits.clone());
            assertThat(two.sample(logits.clone())).isEqualTo(token);
            differing += other.sample(logits.clone()) == token ? 0 : 1;
        }
        assertThat(differing).isPositive();
    }

    @Test
    void whatIsRuledOutIsNeverDrawn() {
        float[] logits = new float[1_000];
        java.util.Arrays.fill(logits, Float.NEGATIVE_INFINITY);
        logits[17] = -40f;
        logits[901] = 2f;
        logits[902] = 2f;
        for (SamplingParams params :
                new SamplingParams[] {new SamplingParams(1.5f, 0, 1f, 0f, 1), new SamplingParams(1.5f, 40, 0.9f, 0f, 1)
                }) {
            assertThat(kept(logits, params)).containsExactly(901, 902);
        }
    }

    @Test
    void showsALogitThatIsNoNumber() {
        float[] logits = {0f, Float.NaN, 1f};
        assertThat(Sampler.of(new SamplingParams(1f, 0, 1f, 0f, 1)).sample(logits))
                .isEqualTo(1);
        assertThat(Sampler.of(new SamplingParams(1f, 2, 1f, 0f, 1)).sample(logits))
                .isEqualTo(1);
    }

    private static double[] frequencies(float[] logits, SamplingParams params) {
        Sampler sampler = Sampler.of(params);
        double[] counts = new double[logits.length];
        for (int draw = 0; draw < DRAWS; draw++) {
            counts[sampler.sample(logits.clone())] += 1.0 / DRAWS;
        }
        return counts;
    }

    private static int[] kept(float[] logits, SamplingParams params) {
        double[] seen = frequencies(logits, params);
        return java.util.stream.IntStream.range(0, seen.length)
                .filter(id -> seen[id] > 0)
                .toArray();
    }

    private static double[] softmax(float[] logits, float temperature) {
        double total = 0;
        double[] probabilities = new double[logits.length];
        for (int id = 0; id < logits.length; id++) {
            probabilities[id] = Math.exp(logits[id] / temperature);
            total += probabilities[id];
        }
        for (int id = 0; id < logits.length; id++) {
            probabilities[id] /= total;
        }
        return probabilities;
    }
}
