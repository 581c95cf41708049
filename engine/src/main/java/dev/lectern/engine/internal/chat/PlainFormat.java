package dev.lectern.engine.internal.chat;

import dev.lectern.engine.ChatFormat;
import dev.lectern.engine.Tokenizer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// No chat layout: contents follow each other with blank lines between, after the begin-of-text token where there is
/// one.
final class PlainFormat implements ChatFormat {
    private final Tokenizer tokenizer;
    private final int[] prefix;
    private final int[] stopTokens;
    private final String warning;

    /// @param warning why the model's own template is not used; empty when it has none
    PlainFormat(Tokenizer tokenizer, OptionalInt beginOfText, int[] stopTokens, String warning) {
        this.tokenizer = tokenizer;
        this.prefix = beginOfText.stream().toArray();
        this.stopTokens = stopTokens.clone();
        this.warning = warning;
    }

    @Override
    public String name() {
        return "plain";
    }

    @Override
    public Optional<String> warning() {
        return warning.isEmpty() ? Optional.empty() : Optional.of(warning);
    }

    @Override
    public int[] userPrefix() {
        return prefix.clone();
    }

    @Override
    public int[] userSuffix() {
        return new int[0];
    }

    @Override
    public int[] stopTokens() {
        return stopTokens.clone();
    }

    @Override
    public int[] encode(List<Message> messages) {
        TokenScript script = new TokenScript(tokenizer);
        for (int id : prefix) {
            script.token(id);
        }
        return script.text(String.join(
                        "\n\n", messages.stream().map(Message::content).toList()))
                .toIds();
    }
}
