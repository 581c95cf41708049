package dev.lectern.engine.internal.chat;

import dev.lectern.engine.ChatFormat;
import dev.lectern.engine.EngineException.InvalidRequest;
import dev.lectern.engine.Tokenizer;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/// A layout of framed turns, for models that bring no template. Immutable.
final class TurnChatFormat implements ChatFormat {
    private static final Set<String> ROLES = Set.of("system", "user", "assistant");

    private final ChatLayout layout;
    private final Tokenizer tokenizer;
    private final OptionalInt beginOfText;
    private final int[] userPrefix;
    private final int[] userSuffix;
    private final int[] stopTokens;

    TurnChatFormat(ChatLayout layout, Tokenizer tokenizer, OptionalInt beginOfText, int[] stopTokens) {
        this.layout = layout;
        this.tokenizer = tokenizer;
        this.beginOfText = beginOfText;
        this.stopTokens = stopTokens.clone();
        this.userPrefix = header(begin(), "user").toIds();
        this.userSuffix = header(end(new TokenScript(tokenizer)), "assistant").toIds();
    }

    @Override
    public String name() {
        return layout.layoutName;
    }

    @Override
    public int[] userPrefix() {
        return userPrefix.clone();
    }

    @Override
    public int[] userSuffix() {
        return userSuffix.clone();
    }

    @Override
    public int[] stopTokens() {
        return stopTokens.clone();
    }

    @Override
    public int[] encode(List<Message> messages) {
        TokenScript script = begin();
        for (Message message : messages) {
            if (!ROLES.contains(message.role())) {
                throw new InvalidRequest("role '" + message.role() + "' unknown; supported: system, user, assistant");
            }
            end(header(script, message.role()).text(message.content()));
        }
        return header(script, "assistant").toIds();
    }

    private TokenScript begin() {
        TokenScript script = new TokenScript(tokenizer);
        beginOfText.ifPresent(script::token);
        return script;
    }

    private TokenScript header(TokenScript script, String role) {
        return script.control(layout.open).text(role).control(layout.close).text(layout.afterHeader);
    }

    private TokenScript end(TokenScript script) {
        return script.control(layout.end).text(layout.afterEnd);
    }
}
