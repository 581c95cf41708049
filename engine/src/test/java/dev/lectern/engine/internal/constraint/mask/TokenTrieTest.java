package dev.lectern.engine.internal.constraint.mask;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TokenTrieTest {
    private static TokenTrie of(String... tokens) {
        return TokenTrie.of(Arrays.stream(tokens)
                .map(token -> token.getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new));
    }

    /// Every token's bytes as the tree spells them, in the tree's order.
    private static List<String> spelled(TokenTrie trie) {
        List<String> all = new ArrayList<>();
        for (int node = 1; node < trie.edges().length; node++) {
            byte[] bytes = new byte[trie.depths()[node]];
            int at = node;
            for (int i = bytes.length - 1; i >= 0; i--) {
                assertThat(trie.depths()[at]).isEqualTo(i + 1);
                assertThat(trie.ends()[at]).isGreaterThan(node);
                bytes[i] = trie.edges()[at];
                at = trie.parents()[at];
            }
            IntList tokens = new IntList();
            trie.collect(node, tokens);
            for (int token : tokens.toArray()) {
                all.add(token + new String(bytes, StandardCharsets.UTF_8));
            }
        }
        return all;
    }

    @Test
    void holdsEveryTokenOnce() {
        TokenTrie trie = of("b", "", "ab", "a", "é", "ab", "abc");
        assertThat(trie.vocabSize()).isEqualTo(7);
        assertThat(trie.maxDepth()).isEqualTo(3);
        assertThat(spelled(trie)).containsExactlyInAnyOrder("3a", "2ab", "5ab", "6abc", "0b", "4é");
    }

    @Test
    void isEmptyWithoutTokens() {
        assertThat(of("", "").edges()).hasSize(1);
    }

    @Test
    void setsOfAnySizeHoldTheirTokens() {
        Random random = new Random(5);
        for (int size : new int[] {0, 1, 5, 63, 64, 65, 900}) {
            IntList tokens = new IntList();
            long[] expected = new long[16];
            for (int i = 0; i < size; i++) {
                int token = random.nextInt(1024);
                if ((expected[token >>> 6] >>> token & 1) == 0) {
                    tokens.add(token);
                    expected[token >>> 6] |= 1L << token;
                }
            }
            long[] words = new long[16];
            TokenSet.of(tokens, 1024).addTo(words);
            assertThat(words).isEqualTo(expected);
            long[] fromBits = new long[16];
            TokenSet.of(expected.clone()).addTo(fromBits);
            assertThat(fromBits).isEqualTo(expected);
            TokenSet.of(tokens, 1024).removeFrom(words);
            assertThat(words).containsOnly(0);
        }
    }
}
