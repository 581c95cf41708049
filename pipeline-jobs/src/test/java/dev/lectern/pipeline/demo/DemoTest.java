package dev.lectern.pipeline.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lectern.pipeline.SparkTest;
import dev.lectern.pipeline.conf.JobConf;
import dev.lectern.pipeline.conf.JobConfReader;
import dev.lectern.pipeline.run.RunJob;
import dev.lectern.pipeline.run.RunReport;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the demo promises: five formats in, the model card's accuracy out, every citation at the value that it cites.
class DemoTest extends SparkTest {
    private static final Path DEMO =
            Path.of(System.getProperty("lectern.home", "..")).resolve("conf/demo");

    @Test
    void reachesTheCardsAccuracyWithCitations(@TempDir Path folder) {
        String out = folder.resolve("out").toUri().toString();
        JobConf conf = JobConfReader.read(DEMO.resolve("job.yaml").toString(), List.of("output.path=" + out));
        RunReport report = RunJob.run(spark(), conf);
        DemoResults results = DemoResults.read(spark(), out, DEMO);

        assertThat(report.documents().documents()).isEqualTo(5);
        assertThat(report.documents().rejects()).isZero();
        assertThat(report.tokens().imbalance()).isEmpty();
        assertThat(report.tokens().paddingTokens() * 100.0 / report.tokens().packedTokens())
                .isBetween(0.1, 3.0);
        assertThat(report.results().byStatus()).containsEntry("OK", 40L);

        // The card has 38 of 40. Another vector width rounds otherwise and may turn a close decision.
        assertThat(results.answers()).filteredOn(DemoResults.Answer::right).hasSizeGreaterThanOrEqualTo(37);
        assertThat(results.answersToShow(4)).hasSize(4).allSatisfy(answer -> {
            assertThat(answer.right()).isTrue();
            assertThat(answer.citations())
                    .extracting(DemoResults.Cited::field)
                    .contains("agreement", "amount", "party");
        });
        assertThat(results.answersToShow(1).getFirst().document()).isEqualTo("doc-007.pdf");
        assertThat(results.answers())
                .filteredOn(answer -> answer.document().equals("doc-007.pdf"))
                .flatMap(DemoResults.Answer::citations)
                .isNotEmpty()
                .allSatisfy(cited -> assertThat(cited.page()).isBetween(1, 27));
        for (DemoResults.Answer answer : results.answers()) {
            for (DemoResults.Cited cited : answer.citations()) {
                assertThat(answer.text()).contains(cited.around().replaceAll("^.*\\[|\\].*$", ""));
            }
        }
    }
}
