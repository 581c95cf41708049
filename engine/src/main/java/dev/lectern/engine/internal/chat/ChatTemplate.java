package dev.lectern.engine.internal.chat;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a model's chat template does beyond its layout, as far as it can be told from the template's text without
/// running it: the system message that it puts first, and what it trims.
///
/// @param preamble      text before the system message's content; not empty: there is always a system message
/// @param defaultSystem content of the system message where the conversation has none; empty: no system message
/// @param trim          whose white space at both ends is taken away
record ChatTemplate(String preamble, Optional<String> defaultSystem, Trim trim) {
    static final ChatTemplate BARE = new ChatTemplate("", Optional.empty(), Trim.NONE);

    enum Trim {
        NONE,
        SYSTEM,
        ALL
    }

    private static final Pattern TRIMS_ALL =
            Pattern.compile("message(\\[['\"]content['\"]]|\\.content)\\s*\\|\\s*trim");
    private static final Pattern TRIMS_SYSTEM =
            Pattern.compile("system_message\\s*=\\s*messages\\[0](\\[['\"]content['\"]]|\\.content)\\s*\\|\\s*trim");
    private static final Pattern KNOWLEDGE_DATE = Pattern.compile("\"Cutting Knowledge Date: ([^\"\\\\]+)\\\\n\"");
    private static final Pattern DATE = Pattern.compile("date_string = \"([^\"]+)\"");

    /// A literal that holds a whole system message: `'<|im_start|>system\nYou are …<|im_end|>\n'`.
    private static final Pattern CHATML_SYSTEM =
            Pattern.compile("<\\|im_start\\|>system(?:\\\\n|\\n)([^{}%]*?)<\\|im_end\\|>");

    /// @param template Jinja source
    static ChatTemplate of(ChatLayout layout, String template) {
        Trim trim = TRIMS_ALL.matcher(template).find()
                ? Trim.ALL
                : TRIMS_SYSTEM.matcher(template).find() ? Trim.SYSTEM : Trim.NONE;
        return switch (layout) {
            case LLAMA4 -> new ChatTemplate("", Optional.empty(), trim);
            case LLAMA3 -> new ChatTemplate(llama3Preamble(template), Optional.empty(), trim);
            case CHATML -> new ChatTemplate("", chatMlSystem(template), trim);
        };
    }

    /// Llama 3.1 and later tell the model two dates. Templates that ask for today's date get the fixed one that
    /// they give to others: a prompt must not change from day to day.
    private static String llama3Preamble(String template) {
        Matcher knowledge = KNOWLEDGE_DATE.matcher(template);
        Matcher date = DATE.matcher(template);
        return knowledge.find() && date.find()
                ? "Cutting Knowledge Date: " + knowledge.group(1) + "\nToday Date: " + date.group(1) + "\n\n"
                : "";
    }

    private static Optional<String> chatMlSystem(String template) {
        Matcher literals = CHATML_SYSTEM.matcher(template);
        while (literals.find()) {
            String content = literals.group(1);
            // `'…system\n' + messages[0]['content'] + '<|im_end|>'` is no literal but several.
            if (!content.contains("' +") && !content.contains("\" +")) {
                return Optional.of(
                        content.replace("\\n", "\n").replace("\\'", "'").replace("\\\"", "\""));
            }
        }
        return Optional.empty();
    }

    boolean hasSystem() {
        return !preamble.isEmpty() || defaultSystem.isPresent();
    }
}
