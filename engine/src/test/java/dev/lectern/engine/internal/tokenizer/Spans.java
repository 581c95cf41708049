package dev.lectern.engine.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lectern.engine.Tokenizer;
import dev.lectern.engine.Tokenizer.Encoding;
import java.util.Arrays;

/// What every encoding's spans keep to.
final class Spans {
    private Spans() {}

    /// Spans ascend without gap or overlap from the text's beginning to its end and cut no surrogate pair.
    /// The first tokens decode to the text up to the last one's end, or to all but its last character where
    /// that one's bytes go on in the next token.
    static void assertCover(Tokenizer tokenizer, String text) {
        Encoding encoding = tokenizer.encode(text);
        int at = 0;
        for (int i = 0; i < encoding.length(); i++) {
            assertThat(encoding.starts()[i])
                    .as("start of token %d of '%s'", i, text)
                    .isEqualTo(at);
            assertThat(encoding.ends()[i])
                    .as("end of token %d of '%s'", i, text)
                    .isGreaterThanOrEqualTo(at);
            at = encoding.ends()[i];
            String decoded = tokenizer.decode(Arrays.copyOf(encoding.ids(), i + 1));
            String covered = text.substring(0, at);
            if (!decoded.equals(covered)) {
                String whole = covered.substring(0, text.offsetByCodePoints(at, -1));
                assertThat(decoded).as("tokens 0 to %d of '%s'", i, text).startsWith(whole);
                assertThat(decoded.substring(whole.length())).matches("\uFFFD+");
            }
        }
        assertThat(at).as("end of the last token of '%s'", text).isEqualTo(text.length());
    }
}
