package dev.lectern.pipeline.cli;

import dev.lectern.engine.ChatFormat;
import dev.lectern.engine.EngineException;
import dev.lectern.engine.ModelFiles;
import dev.lectern.engine.ModelInfo;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "info",
        description =
                "Prints what a model file or folder holds. Reads headers and the tokenizer only, whatever the size.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: bin/lectern model info models/scout-nano"})
final class ModelInfoCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private VerboseOption verbose;

    @Parameters(paramLabel = "M", description = "A GGUF file or a Hugging Face folder.")
    private Path model;

    @Option(names = "--json", description = "Print one line of JSON.")
    private boolean json;

    @Option(names = "--chat", description = "Also say how the model is talked to, which loads its tokenizer.")
    private boolean chat;

    @Override
    public void run() {
        try (ModelFiles files = ModelFiles.open(model)) {
            Map<String, Object> fields = fields(files.info());
            if (chat) {
                fields.putAll(chat(files));
            }
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                Json.print(out, fields);
            } else {
                fields.forEach((name, value) -> out.printf("%-18s %s%n", name.replace('_', ' '), text(value)));
                out.flush();
            }
        }
    }

    private static Map<String, Object> fields(ModelInfo info) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("location", info.location());
        fields.put("format", info.format());
        fields.put("architecture", info.architecture());
        fields.put("parameters", info.parameters());
        fields.put("file_bytes", info.fileBytes());
        fields.put("tensor_types", new TreeMap<>(info.tensorTypes()));
        fields.put("vocab_size", info.vocabSize());
        fields.put("hidden_size", info.hiddenSize());
        fields.put("num_layers", info.numLayers());
        fields.put("num_heads", info.numHeads());
        fields.put("num_kv_heads", info.numKvHeads());
        fields.put("head_dim", info.headDim());
        fields.put("num_experts", info.numExperts());
        fields.put("context_length", info.contextLength());
        info.attentionChunk().ifPresent(chunk -> fields.put("attention_chunk", chunk));
        fields.put("kv_bytes_per_token", info.kvBytesPerToken());
        fields.put("fingerprint", info.fingerprint());
        return fields;
    }

    /// How the model is talked to, and what to know about it. A model may come without a tokenizer.
    private static Map<String, Object> chat(ModelFiles files) {
        Map<String, Object> fields = new LinkedHashMap<>();
        try {
            ChatFormat chat = files.chat();
            fields.put("chat_format", chat.name());
            chat.warning().ifPresent(warning -> fields.put("chat_warning", warning));
        } catch (EngineException e) {
            fields.put("chat_format", "none");
            fields.put("chat_warning", String.valueOf(e.getMessage()));
        }
        return fields;
    }

    private static String text(Object value) {
        return switch (value) {
            case Long number -> Sizes.count(number);
            case Integer number -> Sizes.count(number);
            case Map<?, ?> map -> map.toString().replaceAll("[{}]", "").replace("=", " x ");
            default -> value.toString();
        };
    }
}
