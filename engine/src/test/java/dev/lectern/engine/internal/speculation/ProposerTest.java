package dev.lectern.engine.internal.speculation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ProposerTest {
    private static final int[] DOCUMENT = IntStream.range(100, 400).toArray();

    @Test
    void aQuoteIsProposedFromTheContextAndGrowsWhileItIsRight() {
        Proposer proposer = new Proposer(index(DOCUMENT), new EarlierAnswers(), new int[] {1, 2, 3}, 500);
        assertThat(proposer.propose(32, 0.1)).isEmpty();
        int written = 150;
        proposer.append(new int[] {148, 149, 150}, 0, 3);
        int first = 0;
        int last = 0;
        for (int step = 0; step < 8; step++) {
            int[] guess = proposer.propose(32, 0.3);
            assertThat(guess)
                    .isEqualTo(IntStream.rangeClosed(written + 1, written + guess.length)
                            .toArray());
            first = step == 0 ? guess.length : first;
            last = guess.length;
            proposer.append(guess, 0, guess.length);
            proposer.learn(guess.length, guess.length);
            written += guess.length;
        }
        assertThat(first).isBetween(2, 8);
        assertThat(last).isGreaterThan(2 * first);
    }

    @Test
    void whatIsWrongAgainAndAgainIsNoLongerProposedButTriedAgainLater() {
        Proposer proposer = new Proposer(index(DOCUMENT), new EarlierAnswers(), new int[] {1}, 500);
        int proposed = 0;
        int late = 0;
        for (int step = 0; step < 200; step++) {
            int at = 110 + step;
            proposer.append(new int[] {5000 + step, at, at + 1, at + 2}, 0, 4);
            int[] guess = proposer.propose(32, 0.4);
            proposer.learn(guess.length, 0);
            proposed += guess.length;
            late += step >= 100 ? guess.length : 0;
        }
        assertThat(proposed).isLessThan(100);
        assertThat(late).isPositive();
    }

    @Test
    void aFullBatchIsOfferedLess() {
        Proposer proposer = new Proposer(index(DOCUMENT), new EarlierAnswers(), new int[] {200, 201, 202}, 500);
        StepCost cost = new StepCost();
        int alone = proposer.propose(32, cost.leastProbability(1)).length;
        int among = proposer.propose(32, cost.leastProbability(8)).length;
        assertThat(alone).isGreaterThan(among);
        assertThat(among).isPositive();
        assertThat(proposer.propose(32, cost.leastProbability(128))).isEmpty();
        assertThat(proposer.propose(0, 0)).isEmpty();
    }

    @Test
    void aTextThatRepeatsItselfGoesOn() {
        Proposer proposer = new Proposer(null, new EarlierAnswers(), new int[] {9, 1, 2, 3, 1, 2, 3}, 100);
        assertThat(proposer.propose(8, 0)).isEqualTo(new int[] {1, 2, 3, 1, 2, 3, 1, 2});
    }

    /// 1 to 8 are names and punctuation; a record's values are of any length.
    @Test
    void whatFollowsAnotherValueIsProposedFromTheLastAnswersOfTheKind() {
        EarlierAnswers answers = new EarlierAnswers();
        int[] other = {70, 71, 70, 72, 70, 73};
        for (int i = 0; i < 3; i++) {
            answer(answers, new int[] {20, 30 + i}, record(100 * (i + 1), 1 + i, 3 - i));
            answer(answers, new int[] {21, 30 + i}, other);
        }
        Proposer proposer = new Proposer(null, answers, new int[] {20, 35}, 100);
        proposer.append(new int[] {1, 2}, 0, 2);
        assertThat(proposer.propose(32, 0.2)).isEqualTo(new int[] {3});
        proposer.append(new int[] {3, 501, 502, 503}, 0, 4);
        assertThat(proposer.propose(32, 0.2)).isEmpty();
        proposer.append(new int[] {504, 4}, 0, 2);
        assertThat(proposer.propose(32, 0.2)).isEqualTo(new int[] {5, 6});
        proposer.append(new int[] {5, 6, 601, 7}, 0, 4);
        assertThat(proposer.propose(32, 0.2)).isEqualTo(new int[] {8});
    }

    private static int[] record(int value, int first, int second) {
        return Stream.of(
                        IntStream.of(1, 2, 3),
                        IntStream.range(value, value + first),
                        IntStream.of(4, 5, 6),
                        IntStream.range(value + 50, value + 50 + second),
                        IntStream.of(7, 8))
                .flatMapToInt(part -> part)
                .toArray();
    }

    private static void answer(EarlierAnswers answers, int[] prompt, int[] tokens) {
        Proposer proposer = new Proposer(null, answers, prompt, 100);
        proposer.append(tokens, 0, tokens.length);
        proposer.end();
    }

    @Test
    void rowsThatCostLittleAreWorthLess() {
        StepCost cheap = new StepCost();
        StepCost dear = new StepCost();
        for (int i = 0; i < 100; i++) {
            int rows = 1 + i % 7;
            cheap.learn(rows, 1_000_000 + 50_000L * rows);
            dear.learn(rows, 1_000_000 + 900_000L * rows);
        }
        assertThat(cheap.leastProbability(1)).isLessThan(0.06);
        assertThat(dear.leastProbability(1)).isBetween(0.45, 0.5);
        assertThat(dear.leastProbability(64)).isGreaterThan(0.95);
    }

    private static TokenIndex index(int[] tokens) {
        TokenIndex index = new TokenIndex(tokens.length);
        index.append(tokens, 0, tokens.length);
        return index;
    }
}
