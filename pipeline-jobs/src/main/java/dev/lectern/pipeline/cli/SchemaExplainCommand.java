package dev.lectern.pipeline.cli;

import dev.lectern.engine.constraint.CompileLimits;
import dev.lectern.engine.constraint.Constraint;
import dev.lectern.engine.constraint.ConstraintVocabulary;
import dev.lectern.engine.constraint.PropertyOrder;
import dev.lectern.engine.constraint.SchemaException;
import dev.lectern.engine.constraint.SchemaFolder;
import dev.lectern.inference.AnswerSchema;
import dev.lectern.inference.InvalidAnswerSchema;
import dev.lectern.inference.ResultSchema;
import dev.lectern.pipeline.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "explain",
        description = {
            "Whether answers can be held to a JSON Schema, the columns that it gives, and an example.",
            "A keyword that cannot be enforced is named by its JSON pointer; annotations, unknown keywords and unknown formats say nothing."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: bin/lectern schema explain tasks/agreement.schema.json",
            "Exits with 65 if the schema is refused."
        })
final class SchemaExplainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private VerboseOption verbose;

    @Parameters(paramLabel = "SCHEMA", description = "A file with a JSON Schema.")
    private Path file;

    @Option(
            names = "--schemas",
            paramLabel = "DIR",
            description = "A folder with the schemas that are referred to, by $id or file name; nothing is fetched.")
    private @Nullable Path schemas;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        String schema = TextOptions.readFile(file);
        Constraint constraint;
        try {
            schema = schemas == null ? schema : SchemaFolder.open(schemas).bundled(schema);
            constraint = Constraint.compile(
                    schema, ConstraintVocabulary.ofBytes(), PropertyOrder.SCHEMA, CompileLimits.DEFAULT);
        } catch (SchemaException e) {
            out.println("refused: " + e.getMessage());
            out.flush();
            return ExitCode.INPUT.code();
        }
        out.println("enforced: every answer that ends is valid by this schema");
        out.println("example:  " + SchemaExample.of(constraint).orElse("none found in a short search"));
        columns(out, schema);
        out.flush();
        return ExitCode.OK.code();
    }

    private void columns(PrintWriter out, String schema) {
        AnswerSchema answers;
        try {
            answers = AnswerSchema.parse(file.toString(), schema);
        } catch (InvalidAnswerSchema e) {
            out.println("columns:  none, as a task's schema it is refused: " + e.getMessage());
            return;
        }
        out.println("columns:");
        StructType output = (StructType)
                ResultSchema.sparkType(answers.type()).apply("output").dataType();
        for (StructField field : output.fields()) {
            out.printf("  %-24s %s%s%n", field.name(), field.dataType().sql(), field.nullable() ? "" : " NOT NULL");
        }
        parts(out, "cited (x-cite)", answers.citedParts());
        parts(out, "quoted verbatim from the context (x-quote)", answers.quotedParts());
        answers.notes().forEach(note -> out.println("  note: " + note));
        if (answers.notes().stream().anyMatch(note -> note.contains("stored as a string of JSON"))) {
            out.println("  note: in SQL, parse_json(output.NAME) makes a VARIANT of a string of JSON");
        }
        if (!answers.enforced().equals(answers.json())) {
            out.println("  note: a task's answers are also held to what these columns can store");
        }
    }

    private static void parts(PrintWriter out, String meaning, Set<String> pointers) {
        if (!pointers.isEmpty()) {
            out.println("  " + meaning + ": " + String.join(", ", pointers));
        }
    }
}
