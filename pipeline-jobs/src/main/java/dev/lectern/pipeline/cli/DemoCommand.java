package dev.lectern.pipeline.cli;

import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import dev.lectern.pipeline.conf.JobConf;
import dev.lectern.pipeline.conf.JobConfReader;
import dev.lectern.pipeline.demo.DemoFolder;
import dev.lectern.pipeline.demo.DemoResults;
import dev.lectern.pipeline.run.RunJob;
import dev.lectern.pipeline.run.RunReport;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "demo",
        description = {
            "The whole pipeline on bundled documents with the bundled model: five documents (text, Markdown, HTML, PDF, DOCX; 127,800",
            "tokens), forty questions, and the truth to compare with."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example: bin/lectern demo --out /tmp/lectern-demo"})
final class DemoCommand implements Callable<Integer> {
    /// What the model's card says of these documents: `train/fast.py`, 38 of the 40 questions right.
    private static final String CARD = "38 of 40 (95.0%)";

    private static final int ANSWERS_SHOWN = 4;

    @Spec
    private CommandSpec spec;

    @Mixin
    private VerboseOption verbose;

    @Option(
            names = "--out",
            defaultValue = "lectern-demo",
            paramLabel = "DIR",
            description =
                    "Where the tables go (default: ${DEFAULT-VALUE}). Tables of an earlier demo there are replaced.")
    private Path out;

    @Option(
            names = {"-t", "--threads"},
            defaultValue = "0",
            paramLabel = "N",
            description = "Threads; 0 for all cores (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Mixin
    private SparkOptions sparkOptions;

    @Override
    public Integer call() {
        Path demo = Path.of(System.getProperty("lectern.home", ".")).resolve("conf/demo");
        if (!Files.isDirectory(demo)) {
            throw new JobException(
                    ExitCode.INPUT,
                    demo
                            + ": no such folder; the demo's documents are part of the repository, start it with bin/lectern");
        }
        Path folder = out.toAbsolutePath().normalize();
        DemoFolder.clear(folder);
        JobConf conf = JobConfReader.read(
                demo.resolve("job.yaml").toString(),
                List.of("output.path=" + folder.toUri(), "model.threads=" + threads));
        PrintWriter print = spec.commandLine().getOut();
        print.println("Five documents (text, Markdown, HTML, PDF, DOCX), each read once; eight questions about each.");
        print.flush();
        RunReport report;
        DemoResults results;
        try (ProgressLine progress = ProgressLine.toConsole()) {
            progress.step("starting Spark …");
            SparkSession spark = EmbeddedSpark.open(conf.name(), sparkOptions);
            try (SparkProgress _ = SparkProgress.follow(spark, progress)) {
                report = RunJob.run(spark, conf, new InferProgressText(progress));
                results = DemoResults.read(spark, folder.toUri().toString(), demo);
            } finally {
                spark.stop();
            }
        }
        print(print, report, results);
        return report.exitCode().code();
    }

    private void print(PrintWriter print, RunReport report, DemoResults results) {
        results.answersToShow(ANSWERS_SHOWN).forEach(answer -> print(print, answer));
        print.println();
        print.println("Right answers (the whole JSON answer must be exactly the truth):");
        results.accuracy()
                .forEach((kind, score) -> print.printf(
                        Locale.ROOT,
                        "  %-20s %2d of %2d (%.1f%%)%n",
                        kind,
                        score.right(),
                        score.questions(),
                        100.0 * score.right() / score.questions()));
        print.println(
                "  the model's card     " + CARD + " for these documents and questions, by its own implementation");
        results.wrong()
                .forEach(answer -> print.println("  wrong: " + answer.questionId() + " " + answer.question() + " "
                        + answer.text() + ", truth: " + answer.truth()));
        print.println();
        print.println(ReportText.of(report));
        print.println();
        print.println("The tables are Parquet in " + out + ". Ask them, for example:");
        print.println("  bin/lectern sql --out " + out
                + " \"SELECT question_id, output.party, output.amount, output.currency FROM results_agreement"
                + " WHERE output.amount > 50000\"");
        print.println();
        print.println(
                "What this is: scout-nano has 7.7 million parameters and was trained in half an hour to answer one kind of question about one kind of");
        print.println(
                "synthetic document. It shows that the way from files to cited rows works; it knows nothing else. Its architecture is Llama 4's, so a real one");
        print.println(
                "takes the same way: get Llama 4 Scout as GGUF (Q8_0, Q4_0, F16, BF16) or as a Hugging Face folder, accept its licence (Llama 4 Community");
        print.println(
                "License; \"Built with Llama\"), and name it in a job file: model: { path: /models/llama-4-scout.gguf }. See README.md and conf/job.yaml.");
        print.flush();
    }

    private static void print(PrintWriter print, DemoResults.Answer answer) {
        print.println();
        print.println(answer.document() + ": " + answer.question());
        print.println("  " + answer.text() + (answer.right() ? "" : "   (wrong; truth: " + answer.truth() + ")"));
        for (DemoResults.Cited cited : answer.citations()) {
            print.println("    " + cited.describe());
        }
    }
}
