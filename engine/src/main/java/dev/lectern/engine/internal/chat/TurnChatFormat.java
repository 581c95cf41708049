package dev.lectern.engine.internal.chat;

import dev.lectern.engine.ChatFormat;
import dev.lectern.engine.EngineException.InvalidRequest;
import dev.lectern.engine.Tokenizer;
import dev.lectern.engine.internal.chat.ChatTemplate.Trim;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/// A chat layout of framed turns, applied with a tokenizer. Immutable.
final class TurnChatFormat implements ChatFormat {
    private static final Set<String> ROLES = Set.of("system", "user", "assistant");

    private final ChatLayout layout;
    private final ChatTemplate template;
    private final Tokenizer tokenizer;
    private final OptionalInt beginOfText;
    private final int[] userPrefix;
    private final int[] userSuffix;
    private final int[] stopTokens;

    TurnChatFormat(
            ChatLayout layout, ChatTemplate template, Tokenizer tokenizer, OptionalInt beginOfText, int[] stopTokens) {
        this.layout = layout;
        this.template = template;
        this.tokenizer = tokenizer;
        this.beginOfText = beginOfText;
        this.stopTokens = stopTokens.clone();
        TokenScript prefix = begin();
        if (template.hasSystem()) {
            turn(
                    prefix,
                    "system",
                    template.preamble() + template.defaultSystem().orElse(""));
        }
        this.userPrefix = header(prefix, "user").toIds();
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
        boolean first = true;
        for (Message message : messages) {
            if (!ROLES.contains(message.role())) {
                throw new InvalidRequest("role '" + message.role() + "' unknown; supported: system, user, assistant");
            }
            boolean system = first && message.role().equals("system");
            if (first && !system && template.hasSystem()) {
                turn(
                        script,
                        "system",
                        template.preamble() + template.defaultSystem().orElse(""));
            }
            boolean trimmed = template.trim() == Trim.ALL || (system && template.trim() == Trim.SYSTEM);
            String content = trimmed ? message.content().strip() : message.content();
            turn(script, message.role(), system ? template.preamble() + content : content);
            first = false;
        }
        return header(script, "assistant").toIds();
    }

    private TokenScript begin() {
        TokenScript script = new TokenScript(tokenizer);
        beginOfText.ifPresent(script::token);
        return script;
    }

    private void turn(TokenScript script, String role, String content) {
        end(header(script, role).text(content));
    }

    private TokenScript header(TokenScript script, String role) {
        return script.control(layout.open).text(role).control(layout.close).text(layout.afterHeader);
    }

    private TokenScript end(TokenScript script) {
        return script.control(layout.end).text(layout.afterEnd);
    }
}
