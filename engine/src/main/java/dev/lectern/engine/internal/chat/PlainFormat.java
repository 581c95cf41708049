package dev.lectern.engine.internal.chat;

import dev.lectern.engine.ChatFormat;
import dev.lectern.engine.Tokenizer;
import java.util.List;
import java.util.OptionalInt;

/// No chat layout: contents follow each other with blank lines between, after the begin-of-text token where there is
/// one.
final class PlainFormat implements ChatFormat {
    private final Tokenizer tokenizer;
    private final int[] prefix;
    private final int[] stopTokens;

    PlainFormat(Tokenizer tokenizer, OptionalInt beginOfText, int[] stopTokens) {
        this.tokenizer = tokenizer;
        this.prefix = beginOfText.stream().toArray();
        this.stopTokens = stopTokens.clone();
    }

    @Override
    public String name() {
        return "plain";
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
