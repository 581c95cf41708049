package dev.lectern.pipeline.cli;

import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.sql.SqlJob;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "sql",
        description = {
            "Asks a run's tables with Spark SQL. Views: documents, rejects, contexts, results (all tasks), results_TASK, runs.",
            "It only reads."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  bin/lectern sql --out lectern-demo \"SELECT status, count(*) FROM results GROUP BY status\"",
            "  bin/lectern sql --out lectern-demo --json \"SELECT question_id, output, citations FROM results_agreement\""
        })
final class SqlCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private VerboseOption verbose;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "A job's output folder: output.path of its job file.")
    private String out;

    @Parameters(paramLabel = "QUERY", description = "One statement of Spark SQL, in quotes.")
    private String query;

    @Option(names = "--json", description = "Print a line of JSON per row, with all of every value.")
    private boolean json;

    @Mixin
    private SparkOptions sparkOptions;

    @Override
    public Integer call() {
        SparkSession spark = EmbeddedSpark.open("sql", sparkOptions);
        try {
            PrintWriter print = spec.commandLine().getOut();
            SqlJob.run(spark, out, query, json ? SqlJob.Format.JSON_LINES : SqlJob.Format.TABLE, print);
            print.flush();
            return ExitCode.OK.code();
        } finally {
            spark.stop();
        }
    }
}
