package dev.lectern.engine.internal.chat;

import dev.lectern.engine.ChatFormat;
import dev.lectern.engine.EngineException.InvalidRequest;
import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.Tokenizer;
import dev.lectern.engine.internal.chat.jinja.TemplateException;
import dev.lectern.engine.internal.chat.jinja.Text;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// A model's own chat template, applied with its tokenizer. Immutable.
final class TemplateChatFormat implements ChatFormat {
    private static final Set<String> ROLES = Set.of("system", "user", "assistant");

    private final String origin;
    private final ChatPrompt prompt;
    private final Tokenizer tokenizer;
    private final ControlTokens controls;
    private final int[] userPrefix;
    private final int[] userSuffix;
    private final int[] stopTokens;
    private final String warning;

    private TemplateChatFormat(
            String origin,
            ChatPrompt prompt,
            Tokenizer tokenizer,
            ControlTokens controls,
            int[] userPrefix,
            int[] userSuffix,
            int[] stopTokens,
            String warning) {
        this.origin = origin;
        this.prompt = prompt;
        this.tokenizer = tokenizer;
        this.controls = controls;
        this.userPrefix = userPrefix;
        this.userSuffix = userSuffix;
        this.stopTokens = stopTokens;
        this.warning = warning;
    }

    /// @param origin names the model in messages
    static TemplateChatFormat split(
            String origin,
            ChatPrompt prompt,
            UserTurn turn,
            Tokenizer tokenizer,
            ControlTokens controls,
            int[] stopTokens) {
        return new TemplateChatFormat(
                origin,
                prompt,
                tokenizer,
                controls,
                new TokenScript(tokenizer).rendered(turn.before(), controls).toIds(),
                new TokenScript(tokenizer).rendered(turn.after(), controls).toIds(),
                stopTokens,
                "");
    }

    /// Whole conversations through the template, but documents and questions as plain text.
    ///
    /// @param warning why
    static TemplateChatFormat whole(
            String origin,
            ChatPrompt prompt,
            int[] plainPrefix,
            Tokenizer tokenizer,
            ControlTokens controls,
            int[] stopTokens,
            String warning) {
        return new TemplateChatFormat(
                origin, prompt, tokenizer, controls, plainPrefix, new int[0], stopTokens, warning);
    }

    @Override
    public String name() {
        return "template";
    }

    @Override
    public Optional<String> warning() {
        return warning.isEmpty() ? Optional.empty() : Optional.of(warning);
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
        for (Message message : messages) {
            if (!ROLES.contains(message.role())) {
                throw new InvalidRequest("role '" + message.role() + "' unknown; supported: system, user, assistant");
            }
        }
        try {
            return new TokenScript(tokenizer)
                    .rendered(prompt.render(messages, true), controls)
                    .toIds();
        } catch (TemplateException e) {
            String message = "[" + origin + "] chat template, " + e.getMessage();
            throw e.reason() == TemplateException.Reason.RAISED
                    ? new InvalidRequest(message + " (the template refuses the conversation)")
                    : new ModelUnsupported(message);
        }
    }

    /// The control token that the template writes right after an answer, which is where the model ends one.
    static OptionalInt answerEnd(ChatPrompt prompt, ControlTokens controls) {
        Text rendered;
        try {
            rendered =
                    prompt.render(List.of(new Message("user", "Question"), new Message("assistant", "Answer")), false);
        } catch (TemplateException e) {
            // A template for a single turn. The model's files name the ends of an answer, too.
            return OptionalInt.empty();
        }
        if (rendered.runs() < 2) {
            return OptionalInt.empty();
        }
        int end = rendered.runEnd(rendered.runs() - 1);
        ControlTokens.Match next = controls.find(rendered.value(), end, rendered.length());
        return next != null && rendered.value().substring(end, next.start()).isBlank()
                ? OptionalInt.of(next.id())
                : OptionalInt.empty();
    }
}
