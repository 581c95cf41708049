package dev.lectern.engine.internal.speculation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TokenIndexTest {
    private static final int[] NONE = {};

    @Test
    void theLongestAgreementIsFoundHoweverTheTextCame() {
        Random random = new Random(3);
        for (int round = 0; round < 200; round++) {
            int[] text = random.ints(random.nextInt(1, 400), 0, 6).toArray();
            TokenIndex index = new TokenIndex(random.nextInt(1, 500));
            for (int from = 0; from < text.length; ) {
                int to = Math.min(text.length, from + random.nextInt(1, 90));
                index.append(text, from, to);
                from = to;
            }
            index.trim();
            assertThat(index.length()).isEqualTo(text.length);
            int[] other = random.ints(random.nextInt(1, 40), 0, 6).toArray();
            TokenIndex.Match match = index.longest(other, other.length, -1);
            int longest = 0;
            for (int next = 1; next < text.length; next++) {
                longest = Math.max(longest, agreement(text, next, other, other.length));
            }
            if (longest > 1) {
                assertThat(match).as("round %d", round).isNotNull();
            }
            if (match != null) {
                // Of frequent tokens only the last places are looked at.
                assertThat(match.length())
                        .as("round %d", round)
                        .isLessThanOrEqualTo(longest)
                        .isGreaterThanOrEqualTo(Math.min(longest, 3) - 1)
                        .isEqualTo(agreement(text, match.next(), other, other.length));
                if (longest >= 3) {
                    assertThat(match.length()).as("round %d", round).isEqualTo(longest);
                }
            }
        }
    }

    @Test
    void aTextsOwnEndIsNoPlace() {
        TokenIndex index = new TokenIndex(0);
        int[] text = {1, 2, 3, 4, 5};
        index.append(text, 0, 5);
        assertThat(index.longest(index.tokens(), 5, -1)).isNull();
        index.append(text, 1, 4);
        assertThat(index.longest(index.tokens(), 8, -1)).isEqualTo(new TokenIndex.Match(4, 3, 32));
    }

    @Test
    void ofEqualsTheNearestOrTheLastOne() {
        TokenIndex index = new TokenIndex(0);
        int[] text = {7, 8, 1, 7, 8, 2, 7, 8, 3, 9};
        index.append(text, 0, text.length);
        int[] end = {5, 7, 8};
        assertThat(index.longest(end, 3, -1)).isEqualTo(new TokenIndex.Match(8, 2, 0));
        assertThat(index.longest(end, 3, 0)).isEqualTo(new TokenIndex.Match(2, 2, 0));
        assertThat(index.longest(end, 3, 4)).isEqualTo(new TokenIndex.Match(5, 2, 0));
    }

    @Test
    void aTokenThatIsAllOverTheTextSaysNothing() {
        TokenIndex index = new TokenIndex(0);
        int[] text = new int[2000];
        for (int i = 0; i < text.length; i++) {
            text[i] = i % 4 == 0 ? 1 : 100 + i;
        }
        index.append(text, 0, text.length);
        assertThat(index.longest(new int[] {50, 1}, 2, -1)).isNull();
        assertThat(index.longest(new int[] {50, 101}, 2, -1)).isEqualTo(new TokenIndex.Match(2, 1, 32));
        assertThat(index.longest(NONE, 0, -1)).isNull();
    }

    @Test
    void memoryIsAtMostSixteenBytesAToken() {
        TokenIndex index = new TokenIndex(1_000_000);
        int[] text = new Random(1).ints(100_000, 0, 200_000).toArray();
        for (int i = 0; i < 10; i++) {
            index.append(text, 0, text.length);
        }
        index.trim();
        assertThat(index.memoryBytes()).isLessThanOrEqualTo(16L * 1_000_000);
        assertThat(Arrays.copyOf(index.tokens(), 5)).isEqualTo(Arrays.copyOf(text, 5));
    }

    private static int agreement(int[] text, int next, int[] other, int end) {
        int most = Math.min(TokenIndex.LONGEST_MATCH, Math.min(next, end));
        int agree = 0;
        while (agree < most && text[next - 1 - agree] == other[end - 1 - agree]) {
            agree++;
        }
        return agree;
    }
}
