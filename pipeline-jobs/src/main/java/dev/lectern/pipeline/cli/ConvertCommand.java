package dev.lectern.pipeline.cli;

import dev.lectern.engine.ModelConverter;
import dev.lectern.engine.ModelConverter.Summary;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "convert",
        description = {
            "Writes a model as one GGUF file with other weight types.",
            "Every matrix gets the type that is asked for; gains, biases and routers stay unquantised. A matrix whose rows are no whole blocks of the type gets one with smaller blocks, which the summary says."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example: bin/lectern convert models/scout-nano scout-nano-Q8_0.gguf --type Q8_0"})
final class ConvertCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private VerboseOption verbose;

    @Parameters(index = "0", paramLabel = "IN", description = "A GGUF file or a Hugging Face folder.")
    private Path model;

    @Parameters(index = "1", paramLabel = "OUT", description = "The GGUF file to write.")
    private Path file;

    @Option(
            names = "--type",
            required = true,
            paramLabel = "T",
            completionCandidates = Types.class,
            description = "Type of the matrices: ${COMPLETION-CANDIDATES}.")
    private String type;

    @Option(
            names = "--output-type",
            paramLabel = "T",
            completionCandidates = Types.class,
            description = "Type of the output matrix, where it is to be another one.")
    private @Nullable String outputType;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            defaultValue = "0",
            description = "Threads; 0, the default, for all processors.")
    private int threads;

    @Option(names = "--force", description = "Replace OUT when it is there.")
    private boolean force;

    @Option(names = "--json", description = "Print one line of JSON.")
    private boolean json;

    @Override
    public void run() {
        ModelConverter.Options options =
                new ModelConverter.Options(type, Optional.ofNullable(outputType), threads, force);
        Summary summary;
        try (ProgressLine progress = ProgressLine.toConsole()) {
            summary = ModelConverter.convert(
                    model,
                    file,
                    options,
                    (tensor, done, total) -> progress.update(String.format(
                            Locale.ROOT,
                            "%3d%%  %s of %s, %s",
                            100 * done / total,
                            Sizes.bytes(done),
                            Sizes.bytes(total),
                            tensor)));
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Json.print(out, fields(summary));
        } else {
            print(out, summary);
        }
    }

    private void print(PrintWriter out, Summary summary) {
        String types = summary.types().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> entry.getKey() + " x " + entry.getValue())
                .collect(Collectors.joining(", "));
        out.println(
                "wrote      " + file + ", " + Sizes.bytes(summary.bytes()) + " in " + Sizes.duration(summary.millis()));
        out.println("tensors    " + types + (summary.copied() == 0 ? "" : "; " + summary.copied() + " copied"));
        summary.worst().ifPresent(worst -> {
            if (worst.rmsError() == 0) {
                out.println("RMS error  none: every weight is what it was");
                return;
            }
            out.println("RMS error  " + error(summary.rmsError(), summary.relativeError()));
            out.println("worst      " + error(worst.rmsError(), worst.relativeError()) + ": " + worst.name() + ", "
                    + worst.type());
        });
        summary.remarks().forEach(remark -> out.println("note       " + remark));
        out.flush();
    }

    private static String error(double rms, double relative) {
        return String.format(Locale.ROOT, "%.3g, %.3g%% of the weights'", rms, 100 * relative);
    }

    private Map<String, Object> fields(Summary summary) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("file", file.toString());
        fields.put("bytes", summary.bytes());
        fields.put("millis", summary.millis());
        fields.put("tensors", summary.tensors());
        fields.put("copied", summary.copied());
        fields.put("types", summary.types());
        fields.put("rms_error", summary.rmsError());
        fields.put("relative_error", summary.relativeError());
        fields.put("worst", summary.worst().orElse(null));
        fields.put("remarks", summary.remarks());
        return fields;
    }

    /// For the help and for shell completion.
    private static final class Types implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            List<String> types = ModelConverter.types();
            return types.iterator();
        }
    }
}
