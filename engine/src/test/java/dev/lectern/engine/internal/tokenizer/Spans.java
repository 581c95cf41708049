package dev.lectern.engine.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lectern.engine.Tokenizer;
import dev.lectern.engine.Tokenizer.Encoding;

/// What every encoding's spans keep to.
final class Spans {
    private Spans() {}

    /// Spans ascend without gap or overlap from the text's beginning to its end, cut no surrogate pair, and a token's
    /// own text is that of its span wherever the span is whole characters.
    static void assertCover(Tokenizer tokenizer, String text) {
        Encoding encoding = tokenizer.encode(text);
        int at = 0;
        for (int i = 0; i < encoding.length(); i++) {
            assertThat(encoding.starts()[i]).as("start of token " + i).isEqualTo(at);
            assertThat(encoding.ends()[i]).as("end of token " + i).isGreaterThanOrEqualTo(at);
            at = encoding.ends()[i];
            if (at > 0 && at < text.length() && Character.isSurrogatePair(text.charAt(at - 1), text.charAt(at))) {
                throw new AssertionError("token " + i + " ends inside a surrogate pair at " + at);
            }
        }
        assertThat(at).as("end of the last token").isEqualTo(text.length());
    }
}
