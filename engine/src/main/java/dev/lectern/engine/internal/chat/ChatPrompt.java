package dev.lectern.engine.internal.chat;

import dev.lectern.engine.ChatFormat.Message;
import dev.lectern.engine.internal.chat.jinja.Template;
import dev.lectern.engine.internal.chat.jinja.Text;
import dev.lectern.engine.internal.chat.jinja.Value;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Conversations through a model's chat template, with the variables that transformers gives it. Immutable.
///
/// @param specials `bos_token` and what other special tokens the model's files name
/// @param parts    whether contents are lists of parts (`[{type: text, text: …}]`) instead of strings, as some
///                 multimodal models' templates want them
record ChatPrompt(Template template, Map<String, String> specials, boolean parts) {
    /// What `strftime_now` tells. Templates that put the day's date into the prompt would make it another prompt every
    /// day, and with it other answers, other snapshots and other results in one job. This is the date that Llama's
    /// templates give where they are not told the day.
    static final LocalDateTime DATE = LocalDateTime.of(2024, 7, 26, 0, 0);

    ChatPrompt {
        specials = Map.copyOf(specials);
    }

    /// @param answered whether the assistant's header shall follow
    /// @return contents are marked as input
    /// @throws dev.lectern.engine.internal.chat.jinja.TemplateException when the template fails
    Text render(List<Message> messages, boolean answered) {
        Map<String, Value> variables = new LinkedHashMap<>();
        specials.forEach((name, spelling) -> variables.put(name, Text.of(spelling)));
        List<Value> conversation = new ArrayList<>(messages.size());
        for (Message message : messages) {
            conversation.add(
                    Value.record(Map.of("role", Text.of(message.role()), "content", content(message.content()))));
        }
        variables.put("messages", Value.list(conversation));
        variables.put("tools", Value.NONE);
        variables.put("documents", Value.NONE);
        variables.put("add_generation_prompt", Value.bool(answered));
        return template.render(variables, DATE);
    }

    private Value content(String content) {
        Text text = Text.input(content);
        return parts ? Value.list(List.of(Value.record(Map.of("type", Text.of("text"), "text", text)))) : text;
    }
}
