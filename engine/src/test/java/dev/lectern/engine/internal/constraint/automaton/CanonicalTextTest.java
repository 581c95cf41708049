package dev.lectern.engine.internal.constraint.automaton;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CanonicalTextTest {
    private static boolean accepts(byte[] spelled) {
        int state = CanonicalText.INSTANCE.start();
        for (byte value : spelled) {
            state = state < 0 ? state : CanonicalText.INSTANCE.next(state, value & 0xFF);
        }
        state = state < 0 ? state : CanonicalText.INSTANCE.next(state, '"');
        return state >= 0 && CanonicalText.INSTANCE.accepting(state);
    }

    @Test
    void readsWhatItSpells() {
        Random random = new Random(3);
        for (int i = 0; i < 2_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(6); length > 0; length--) {
                int codePoint = random.nextInt(random.nextBoolean() ? 0x80 : 0x110000);
                if (codePoint < 0xD800 || codePoint > 0xDFFF) {
                    text.appendCodePoint(codePoint);
                }
            }
            assertThat(accepts(CanonicalText.spell(text.toString())))
                    .as(text.toString())
                    .isTrue();
        }
    }

    @Test
    void refusesOtherSpellings() {
        for (String spelled : List.of("\\u0041", "\\u000a", "\\/", "\\u001F", "\t", "\\x", "\\u00", "\"")) {
            assertThat(accepts(spelled.getBytes(StandardCharsets.UTF_8)))
                    .as(spelled)
                    .isFalse();
        }
        assertThat(accepts(new byte[] {(byte) 0xC0, (byte) 0x80})).isFalse();
        assertThat(accepts(new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80})).isFalse();
        assertThat(accepts("\\u0007\\n\\\"".getBytes(StandardCharsets.UTF_8))).isTrue();
    }

    @Test
    void namesAreFoundByTheirSpelling() {
        List<String> names = List.of("b", "", "a\nc", "ab", "a", "é");
        NameTree tree = new NameTree(names);
        for (int i = 0; i < names.size(); i++) {
            int node = 0;
            BitSet only = new BitSet();
            only.set(i);
            for (byte value : CanonicalText.spell(names.get(i))) {
                assertThat(tree.leadsTo(node, only)).isTrue();
                node = tree.child(node, value & 0xFF);
            }
            assertThat(tree.named(node)).isEqualTo(i);
        }
        assertThat(tree.child(0, 'x')).isEqualTo(-1);
    }
}
