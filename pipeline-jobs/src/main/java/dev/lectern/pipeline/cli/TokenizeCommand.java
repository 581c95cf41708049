package dev.lectern.pipeline.cli;

import dev.lectern.engine.ModelFiles;
import dev.lectern.engine.Tokenizer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "tokenize",
        description = {
            "Prints a text's token ids with the characters that each stands for.",
            "Reads standard input unless --file or --text is given. The text is ordinary text: it never becomes a control token."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example: echo 'Agreement KX-482' | bin/lectern tokenize --model models/scout-nano"})
final class TokenizeCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private VerboseOption verbose;

    @Option(
            names = {"-m", "--model"},
            required = true,
            paramLabel = "M",
            description = "A GGUF file or a Hugging Face folder.")
    private Path model;

    @Mixin
    private TextOptions text;

    @Option(names = "--json", description = "Print one line of JSON: ids, and offsets in UTF-16 units.")
    private boolean json;

    @Override
    public void run() {
        String content = text.read();
        try (ModelFiles files = ModelFiles.open(model)) {
            Tokenizer tokenizer = files.tokenizer();
            Tokenizer.Encoding encoding = tokenizer.encode(content);
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                Json.print(out, asMap(encoding));
                return;
            }
            for (int i = 0; i < encoding.length(); i++) {
                String piece = content.substring(encoding.starts()[i], encoding.ends()[i]);
                out.printf(
                        "%7d  %7d-%-7d %s%n",
                        encoding.ids()[i], encoding.starts()[i], encoding.ends()[i], visible(piece));
            }
            out.println(Sizes.count(encoding.length()) + " tokens, " + Sizes.count(content.length()) + " characters");
            out.flush();
        }
    }

    private static Map<String, Object> asMap(Tokenizer.Encoding encoding) {
        int[][] offsets = new int[encoding.length()][];
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = new int[] {encoding.starts()[i], encoding.ends()[i]};
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("ids", encoding.ids());
        fields.put("offsets", offsets);
        fields.put("tokens", encoding.length());
        return fields;
    }

    private static String visible(String piece) {
        return "'"
                + piece.replace("\\", "\\\\")
                        .replace("\n", "\\n")
                        .replace("\r", "\\r")
                        .replace("\t", "\\t") + "'";
    }
}
