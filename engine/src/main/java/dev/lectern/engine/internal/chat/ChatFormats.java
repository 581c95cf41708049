package dev.lectern.engine.internal.chat;

import dev.lectern.engine.ChatFormat;
import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.Tokenizer;
import dev.lectern.engine.internal.source.ModelSource;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// Finds a model's chat format: by its template's text, or without a template by the control tokens that it has.
public final class ChatFormats {
    private static final Logger LOG = System.getLogger(ChatFormats.class.getName());

    private ChatFormats() {}

    /// @throws dev.lectern.engine.EngineException.ModelCorrupt when a file that describes the chat cannot be read
    public static ChatFormat of(ModelSource source, Tokenizer tokenizer) {
        return switch (source.format()) {
            case "huggingface" -> ofFolder(source.location(), tokenizer);
            case "gguf" -> of(source.location().toString(), GgufChatSettings.read(source.metadata()), tokenizer);
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
        Optional<ChatLayout> layout = layout(settings, tokenizer);
        if (layout.isEmpty()) {
            if (settings.template().isPresent()) {
                LOG.log(
                        Level.WARNING,
                        "[{0}] the chat template is of no known layout (llama4, llama3, chatml): prompts go to the model as plain text",
                        origin);
            }
            OptionalInt begin = settings.addsBegin() ? settings.beginOfText() : OptionalInt.empty();
            return new PlainFormat(tokenizer, begin, ids(new LinkedHashSet<>(settings.endOfText())));
        }
        ChatLayout found = layout.get();
        Set<Integer> stops = new LinkedHashSet<>(settings.endOfText());
        found.stops.forEach(stop -> tokenizer.controlToken(stop).ifPresent(stops::add));
        ChatTemplate template =
                settings.template().map(text -> ChatTemplate.of(found, text)).orElse(ChatTemplate.BARE);
        return new TurnChatFormat(found, template, tokenizer, begin(found, settings, tokenizer), ids(stops));
    }

    private static Optional<ChatLayout> layout(ChatSettings settings, Tokenizer tokenizer) {
        for (ChatLayout layout : ChatLayout.values()) {
            boolean named =
                    settings.template().map(text -> text.contains(layout.open)).orElse(true);
            if (named
                    && tokenizer.controlToken(layout.open).isPresent()
                    && tokenizer.controlToken(layout.end).isPresent()) {
                return Optional.of(layout);
            }
        }
        return Optional.empty();
    }

    /// Llama's layouts always begin with it; ChatML where the template says so.
    private static OptionalInt begin(ChatLayout layout, ChatSettings settings, Tokenizer tokenizer) {
        return switch (layout) {
            case LLAMA4, LLAMA3 -> {
                OptionalInt named = tokenizer.controlToken("<|begin_of_text|>");
                yield named.isPresent() ? named : settings.beginOfText();
            }
            case CHATML ->
                settings.template().filter(text -> text.contains("bos_token")).isPresent()
                        ? settings.beginOfText()
                        : OptionalInt.empty();
        };
    }

    private static int[] ids(Set<Integer> ids) {
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }
}
