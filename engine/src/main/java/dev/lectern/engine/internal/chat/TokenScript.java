package dev.lectern.engine.internal.chat;

import dev.lectern.engine.EngineException.TokenizerMismatch;
import dev.lectern.engine.Tokenizer;
import dev.lectern.engine.internal.chat.jinja.Text;
import java.util.stream.IntStream;

/// Builds a sequence of control tokens and text. Text between two control tokens is encoded as one string, as a
/// tokenizer that parses a rendered template does, so that words may grow together across the parts it came in.
final class TokenScript {
    private final Tokenizer tokenizer;
    private final IntStream.Builder ids = IntStream.builder();
    private final StringBuilder pending = new StringBuilder();

    TokenScript(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /// @param content the control token's spelling; nothing is added for the empty one
    TokenScript control(String content) {
        if (!content.isEmpty()) {
            token(tokenizer
                    .controlToken(content)
                    .orElseThrow(() -> new TokenizerMismatch("the chat layout needs the control token " + content
                            + ", which the tokenizer does not have")));
        }
        return this;
    }

    TokenScript token(int id) {
        encodePending();
        ids.add(id);
        return this;
    }

    TokenScript text(String text) {
        pending.append(text);
        return this;
    }

    /// A rendered template. Control tokens are found in the template's own text alone: what came from the input is
    /// text, whatever it spells, and no token reaches from the one into the other.
    TokenScript rendered(Text rendered, ControlTokens controls) {
        int from = 0;
        for (int i = 0; i < rendered.runs(); i++) {
            own(rendered.value(), from, rendered.runStart(i), controls);
            pending.append(rendered.value(), rendered.runStart(i), rendered.runEnd(i));
            from = rendered.runEnd(i);
        }
        own(rendered.value(), from, rendered.length(), controls);
        return this;
    }

    private void own(String text, int from, int to, ControlTokens controls) {
        int at = from;
        for (ControlTokens.Match match = controls.find(text, at, to);
                match != null;
                match = controls.find(text, at, to)) {
            pending.append(text, at, match.start());
            token(match.id());
            at = match.end();
        }
        pending.append(text, at, to);
    }

    int[] toIds() {
        encodePending();
        return ids.build().toArray();
    }

    private void encodePending() {
        for (int id : tokenizer.encode(pending.toString()).ids()) {
            ids.add(id);
        }
        pending.setLength(0);
    }
}
