package dev.lectern.engine.internal.chat;

import dev.lectern.engine.ChatFormat;
import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.Tokenizer;
import dev.lectern.engine.internal.chat.jinja.Template;
import dev.lectern.engine.internal.chat.jinja.TemplateException;
import dev.lectern.engine.internal.source.ModelSource;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.OptionalInt;
import java.util.Set;

/// Finds a model's chat format: its own template, or for a model without one the layout that its control tokens show.
public final class ChatFormats {
    private static final Logger LOG = System.getLogger(ChatFormats.class.getName());

    private ChatFormats() {}

    /// @throws dev.lectern.engine.EngineException.ModelCorrupt when a file that describes the chat cannot be read
    public static ChatFormat of(ModelSource source, Tokenizer tokenizer) {
        return switch (source.format()) {
            case "huggingface" -> ofFolder(source.location(), tokenizer);
            case "gguf" ->
                of(source.location().toString(), GgufChatSettings.read(source.metadata(), tokenizer), tokenizer);
            default ->
                throw new ModelUnsupported(
                        "[" + source.location() + "] no chat format is known for format " + source.format());
        };
    }

    /// From the files of a Hugging Face folder.
    public static ChatFormat ofFolder(Path folder, Tokenizer tokenizer) {
        return of(folder.toString(), FolderChatSettings.read(folder, tokenizer), tokenizer);
    }

    static ChatFormat of(String origin, ChatSettings settings, Tokenizer tokenizer) {
        if (settings.template().isEmpty()) {
            return withoutTemplate(settings, tokenizer);
        }
        Template template;
        try {
            template = Template.parse(settings.template().get());
        } catch (TemplateException e) {
            return plain(settings, tokenizer, warned(origin, e.getMessage() + "; prompts are plain text"));
        }
        ControlTokens controls = ControlTokens.of(tokenizer);
        String failure = "";
        // Contents are strings but for a template that cannot do with them.
        for (boolean parts : new boolean[] {false, true}) {
            ChatPrompt prompt = new ChatPrompt(template, settings.specials(), parts);
            try {
                UserTurn turn = UserTurn.of(prompt);
                return TemplateChatFormat.split(
                        origin, prompt, turn, tokenizer, controls, stops(settings, tokenizer, prompt, controls));
            } catch (TemplateException | UserTurn.Impossible e) {
                failure = failure.isEmpty() ? String.valueOf(e.getMessage()) : failure;
            }
        }
        ChatPrompt prompt = new ChatPrompt(template, settings.specials(), false);
        return TemplateChatFormat.whole(
                origin,
                prompt,
                begin(settings).stream().toArray(),
                tokenizer,
                controls,
                stops(settings, tokenizer, prompt, controls),
                warned(origin, failure + "; documents and questions are plain text"));
    }

    private static String warned(String origin, String why) {
        LOG.log(Level.WARNING, "[{0}] the chat template cannot frame a document: {1}", origin, why);
        return why;
    }

    private static ChatFormat withoutTemplate(ChatSettings settings, Tokenizer tokenizer) {
        for (ChatLayout layout : ChatLayout.values()) {
            if (tokenizer.controlToken(layout.open).isPresent()
                    && tokenizer.controlToken(layout.end).isPresent()) {
                return new TurnChatFormat(
                        layout, tokenizer, begin(layout, settings, tokenizer), ids(namedStops(settings, tokenizer)));
            }
        }
        return plain(settings, tokenizer, "");
    }

    private static ChatFormat plain(ChatSettings settings, Tokenizer tokenizer, String warning) {
        return new PlainFormat(tokenizer, begin(settings), ids(new LinkedHashSet<>(settings.endOfText())), warning);
    }

    private static OptionalInt begin(ChatSettings settings) {
        return settings.addsBegin() ? settings.beginOfText() : OptionalInt.empty();
    }

    /// Llama's layouts always begin with it.
    private static OptionalInt begin(ChatLayout layout, ChatSettings settings, Tokenizer tokenizer) {
        return switch (layout) {
            case LLAMA4, LLAMA3 -> {
                OptionalInt named = tokenizer.controlToken("<|begin_of_text|>");
                yield named.isPresent() ? named : settings.beginOfText();
            }
            case CHATML -> OptionalInt.empty();
        };
    }

    private static int[] stops(ChatSettings settings, Tokenizer tokenizer, ChatPrompt prompt, ControlTokens controls) {
        Set<Integer> stops = namedStops(settings, tokenizer);
        TemplateChatFormat.answerEnd(prompt, controls).ifPresent(stops::add);
        return ids(stops);
    }

    /// What the files name, and control tokens that end an answer in every model that has them.
    private static Set<Integer> namedStops(ChatSettings settings, Tokenizer tokenizer) {
        Set<Integer> stops = new LinkedHashSet<>(settings.endOfText());
        for (ChatLayout layout : ChatLayout.values()) {
            layout.stops.forEach(stop -> tokenizer.controlToken(stop).ifPresent(stops::add));
        }
        return stops;
    }

    private static int[] ids(Set<Integer> ids) {
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }
}
