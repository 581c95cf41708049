package dev.lectern.pipeline.cli;

import dev.lectern.pipeline.run.RunReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A run's report for people.
final class ReportText {
    private ReportText() {}

    static String of(RunReport report) {
        RunReport.Documents documents = report.documents();
        RunReport.Work work = report.work();
        List<String> lines = new ArrayList<>();
        lines.add("files     " + Sizes.count(documents.documents()) + " documents, " + Sizes.count(documents.rejects())
                + " rejects" + (documents.rejects() == 0 ? "" : " " + documents.rejectsByCode()) + ", of "
                + Sizes.count(documents.files()) + " files");
        lines.add("tokens    " + AccountText.of(report.tokens()));
        lines.add("answers   " + Sizes.count(report.results().questions()) + " questions: "
                + report.results().byStatus()
                + (report.results().errorsByCode().isEmpty()
                        ? ""
                        : " " + report.results().errorsByCode()));
        lines.add("engine    " + Sizes.count(work.tokensPrefilled()) + " tokens read"
                + rate(work.prefillTokensPerSecond()) + ", "
                + Sizes.count(work.tokensGenerated()) + " written" + rate(work.decodeTokensPerSecond()) + "; "
                + Sizes.count(work.tokensReused()) + " needed again and found already read"
                + (report.identity().backend() == null
                        ? ""
                        : "; backend " + report.identity().backend() + ", "
                                + report.identity().threads() + " threads"));
        if (work.compileMicros() > 0) {
            lines.add(String.format(
                    Locale.ROOT,
                    "schemas   compiled in %.1f ms; masks %.1f ms; %s of the tokens written were forced; %s requests to"
                            + " continue lists",
                    work.compileMicros() / 1_000.0,
                    work.schemaWork().maskMicros() / 1_000.0,
                    Sizes.count(work.schemaWork().forcedTokens()),
                    Sizes.count(work.schemaWork().continuations())));
        }
        if (work.guessedTokens().proposed() > 0) {
            lines.add("guesses   " + Sizes.count(work.guessedTokens().accepted()) + " of "
                    + Sizes.count(work.guessedTokens().proposed())
                    + " tokens that were guessed from documents and answers were right, and spared a pass each");
        }
        lines.add("time      "
                + Sizes.duration(Duration.between(report.startedAt(), report.finishedAt())
                        .toMillis()) + " " + stages(report)
                + (report.peakMemoryBytes() == null ? "" : "; peak memory " + Sizes.bytes(report.peakMemoryBytes())));
        return String.join("\n", lines);
    }

    private static String stages(RunReport report) {
        List<String> stages = new ArrayList<>();
        report.stageMillis().forEach((stage, millis) -> stages.add(stage + " " + Sizes.duration(millis)));
        return stages.isEmpty() ? "" : "(" + String.join(", ", stages) + ")";
    }

    private static String rate(@Nullable Double tokensPerSecond) {
        return tokensPerSecond == null ? "" : String.format(Locale.ROOT, " (%,.0f/s)", tokensPerSecond);
    }
}
