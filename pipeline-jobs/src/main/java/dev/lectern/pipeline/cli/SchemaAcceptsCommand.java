package dev.lectern.pipeline.cli;

import dev.lectern.engine.ModelFiles;
import dev.lectern.engine.Tokenizer;
import dev.lectern.engine.constraint.PropertyOrder;
import dev.lectern.engine.constraint.SchemaFolder;
import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import dev.lectern.pipeline.cli.SchemaAcceptance.Outcome;
import dev.lectern.pipeline.cli.SchemaAcceptance.Report;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "accepts",
        description = {
            "Whether constrained decoding would produce exactly the valid instances of JSON Schemas.",
            "Reads lines of {\"name\", \"schema\", \"tests\": [{\"data\", \"valid\"}]}, each instance token by token."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: bin/lectern schema accepts --tokenizer models/scout-nano --instances cases.jsonl",
            "Exits with 65 if an invalid instance was admitted."
        })
final class SchemaAcceptsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private VerboseOption verbose;

    @ArgGroup(multiplicity = "1")
    private Vocabulary vocabulary;

    /// Where the tokens come from.
    static final class Vocabulary {
        @Option(
                names = {"-m", "--model"},
                paramLabel = "M",
                description = "A GGUF file or a Hugging Face folder.")
        private @Nullable Path model;

        @Option(names = "--tokenizer", paramLabel = "DIR", description = "A folder with a tokenizer.")
        private @Nullable Path tokenizer;

        Tokenizer open() {
            if (tokenizer != null) {
                return ModelFiles.openTokenizer(tokenizer);
            }
            try (ModelFiles files = ModelFiles.open(java.util.Objects.requireNonNull(model))) {
                return files.tokenizer();
            }
        }
    }

    @Option(names = "--instances", required = true, paramLabel = "F", description = "The schemas with their instances.")
    private Path instances;

    @Option(
            names = "--order",
            defaultValue = "any",
            paramLabel = "any|schema",
            description = "The order in which properties may come (default: ${DEFAULT-VALUE}).")
    private String order;

    @Option(
            names = "--rounds",
            defaultValue = "1",
            paramLabel = "N",
            description =
                    "Go through all of it so many times, the last one measured: warm figures (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--schemas",
            paramLabel = "DIR",
            description = "A folder with the schemas that are referred to, by $id or file name; nothing is fetched.")
    private @Nullable Path schemas;

    @Option(names = "--list", description = "Print every schema that does not pass, and why.")
    private boolean list;

    @Option(
            names = "--json",
            description = "Print the figures as one line of JSON, after a line for each schema with --list.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        PropertyOrder propertyOrder;
        try {
            propertyOrder = PropertyOrder.valueOf(order.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--order: '" + order + "'; expected any or schema", e);
        }
        Tokenizer tokenizer = vocabulary.open();
        UnaryOperator<String> bundling =
                schemas == null ? UnaryOperator.identity() : SchemaFolder.open(schemas)::bundled;
        SchemaAcceptance acceptance = new SchemaAcceptance(tokenizer, propertyOrder, bundling);
        for (int round = 1; round < rounds; round++) {
            check(new SchemaAcceptance(tokenizer, propertyOrder, bundling), false);
        }
        check(acceptance, list);
        PrintWriter out = spec.commandLine().getOut();
        Report report = acceptance.report();
        if (json) {
            Json.print(out, report);
        } else {
            print(out, report, acceptance.reasons());
        }
        return report.overAccepted() > 0 ? ExitCode.INPUT.code() : ExitCode.OK.code();
    }

    private void check(SchemaAcceptance acceptance, boolean listed) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        int number = 0;
        try (BufferedReader lines = Files.newBufferedReader(instances)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (line.isBlank()) {
                    continue;
                }
                Outcome outcome;
                try {
                    outcome = acceptance.check(line);
                } catch (IOException e) {
                    throw new JobException(
                            ExitCode.INPUT, "[" + instances + "] line " + number + ": " + e.getMessage());
                }
                if (listed && !outcome.verdict().equals("passes")) {
                    if (json) {
                        Json.print(out, outcome);
                    } else {
                        out.println(outcome.verdict() + "  " + outcome.name() + "  " + outcome.detail());
                    }
                }
            }
        }
    }

    private static void print(PrintWriter out, Report report, Map<String, Integer> reasons) {
        out.println(Sizes.count(report.passing()) + " of " + Sizes.count(report.schemas()) + " schemas pass; "
                + report.overAccepted() + " over-accepted, " + report.underAccepted() + " under-accepted, "
                + report.refused() + " refused");
        reasons.entrySet().stream()
                .sorted((a, b) -> Integer.compare(b.getValue(), a.getValue()))
                .forEach(reason -> out.printf(Locale.ROOT, "%7d  %s%n", reason.getValue(), reason.getKey()));
        out.printf(
                Locale.ROOT,
                "%s masks: p50 %.1f us, p99 %.1f us, p99.9 %.1f us; compiling: p50 %.1f us, p99 %.1f us%n",
                Sizes.count(report.tokens()),
                report.maskMicros().p50(),
                report.maskMicros().p99(),
                report.maskMicros().p999(),
                report.compileMicros().p50(),
                report.compileMicros().p99());
        out.flush();
    }
}
