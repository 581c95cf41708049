package dev.lectern.pipeline.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.engine.ModelFiles;
import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import dev.lectern.pipeline.SparkTest;
import dev.lectern.pipeline.conf.JobConf;
import dev.lectern.pipeline.table.Tables;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Packs with the bundled model's tokenizer, table to table.
class PackJobTest extends SparkTest {
    private static final Path MODEL = Path.of(System.getProperty("lectern.home", ".."), "models", "scout-nano");

    @TempDir
    Path out;

    @Test
    void contextsHoldTheDocumentsAndPackingAgainChangesNothing() {
        List<String> texts =
                IntStream.range(0, 12).mapToObj(i -> prose(i, 30 + 60 * i)).toList();
        writeDocuments(texts);
        writeIngestReject();
        PackReport report = PackJob.run(spark(), conf(JobConf.Grouping.DOCUMENT, JobConf.Overflow.SPLIT, 1500));
        TokenAccount account = report.account();
        assertThat(account.imbalance()).isEmpty();
        assertThat(account.documents()).isEqualTo(12);
        assertThat(account.contexts()).isGreaterThan(12);
        assertThat(account.sentencePaddingTokens()).isPositive();
        assertThat(account.questionPaddingTokens()).isPositive();
        assertThat(account.cutSentences()).isLessThan(account.contextTokens() / 512 / 2);
        checkTexts(texts);
        assertThat(Tables.read(spark(), out.toString(), "rejects").count()).isEqualTo(1);
        List<String> before = contextIds();
        PackReport again = PackJob.run(spark(), conf(JobConf.Grouping.DOCUMENT, JobConf.Overflow.SPLIT, 1500));
        assertThat(again.account()).isEqualTo(account);
        assertThat(contextIds()).isEqualTo(before);
    }

    @Test
    void longDocumentsAreRejectedBesideTheRejectsOfIngest() {
        writeDocuments(List.of(prose(1, 20), prose(2, 400), prose(3, 30)));
        writeIngestReject();
        PackReport report = PackJob.run(spark(), conf(JobConf.Grouping.PACKED, JobConf.Overflow.REJECT, 2048));
        assertThat(report.rejectsByCode()).isEqualTo(Map.of("TOO_LONG", 1L));
        assertThat(report.account().contexts()).isEqualTo(1);
        assertThat(report.account().separatorTokens()).isEqualTo(1);
        List<Row> rejects =
                Tables.read(spark(), out.toString(), "rejects").orderBy("stage").collectAsList();
        assertThat(rejects).extracting(row -> row.<String>getAs("stage")).containsExactly("ingest", "pack");
        assertThat(rejects.get(1).<Long>getAs("token_count"))
                .isEqualTo(report.account().rejectedTokens());
    }

    @Test
    void whatCannotBePackedIsSaid() {
        assertThatThrownBy(() -> PackJob.run(spark(), conf(JobConf.Grouping.DOCUMENT, JobConf.Overflow.SPLIT, 1500)))
                .isInstanceOfSatisfying(
                        JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.INPUT))
                .hasMessageContaining("ingest");
        writeDocuments(List.of("One."));
        assertThatThrownBy(() -> PackJob.run(spark(), conf(JobConf.Grouping.DOCUMENT, JobConf.Overflow.SPLIT, 5)))
                .isInstanceOfSatisfying(
                        JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
                .hasMessageContaining("context.maxTokens 5");
    }

    private void checkTexts(List<String> texts) {
        try (ModelFiles model = ModelFiles.open(MODEL)) {
            int[] prefix = model.chat().userPrefix();
            for (int d = 0; d < texts.size(); d++) {
                int document = d;
                List<Row> rows = Tables.read(spark(), out.toString(), "contexts")
                        .orderBy("context_id", "chunk_index")
                        .collectAsList()
                        .stream()
                        .filter(row -> row.<Row>getList(row.fieldIndex("segments")).stream()
                                .anyMatch(segment -> segment.getString(0).equals("doc" + document)))
                        .toList();
                StringBuilder text = new StringBuilder(".".repeat(texts.get(d).length()));
                for (Row row : rows) {
                    assertThat(row.<Integer>getAs("chunk_count")).isEqualTo(1);
                    int[] tokens = tokens(row);
                    assertThat(Arrays.copyOf(tokens, prefix.length)).isEqualTo(prefix);
                    for (Row segment : row.<Row>getList(row.fieldIndex("segments"))) {
                        String part = model.tokenizer()
                                .decode(Arrays.copyOfRange(tokens, segment.getInt(3), segment.getInt(4)));
                        assertThat(part).hasSize(segment.getInt(2) - segment.getInt(1));
                        text.replace(segment.getInt(1), segment.getInt(2), part);
                    }
                }
                assertThat(text.toString()).isEqualTo(texts.get(d));
            }
        }
    }

    private static int[] tokens(Row row) {
        byte[] bytes = row.getAs("tokens");
        int[] tokens = new int[bytes.length / 4];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(tokens);
        return tokens;
    }

    private List<String> contextIds() {
        return Tables.read(spark(), out.toString(), "contexts").select("context_id").distinct().collectAsList().stream()
                .map(row -> row.getString(0))
                .sorted()
                .toList();
    }

    /// Sentences as the bundled model knows them, with some that no tokenizer likes.
    private static String prose(long seed, int sentences) {
        SplittableRandom random = new SplittableRandom(seed);
        StringBuilder text = new StringBuilder();
        for (int s = 0; s < sentences; s++) {
            text.append(text.isEmpty() || text.charAt(text.length() - 1) == '\n' ? "" : " ");
            text.append(
                    switch (random.nextInt(6)) {
                        case 0 ->
                            "Agreement KX-" + random.nextInt(100, 999) + " is worth EUR " + random.nextInt(99999) + ".";
                        case 1 -> "The captain moved the cargo in the cold store.";
                        case 2 -> "Wind from the north at " + random.nextInt(99) + " knots, sea dry.";
                        case 3 -> RandomTexts.text(random, 1).strip();
                        case 4 -> "The motion was approved by 12 votes to 3.\n\n";
                        default -> "A reading of 3.5 was, e.g. by Dr. Weiss, recorded in place.";
                    });
        }
        return text.toString();
    }

    private void writeDocuments(List<String> texts) {
        Timestamp now = new Timestamp(1_700_000_000_000L);
        List<Row> rows = IntStream.range(0, texts.size())
                .mapToObj(i -> RowFactory.create(
                        "doc" + i,
                        "file:/in/" + i + ".txt",
                        "text/plain",
                        null,
                        null,
                        texts.get(i),
                        new Row[0],
                        1L,
                        texts.get(i).length(),
                        "text",
                        "1",
                        Map.of(),
                        now))
                .toList();
        Tables.write(spark().createDataFrame(rows, Tables.structType("documents")), out.toString(), "documents");
    }

    private void writeIngestReject() {
        List<Row> rows = Stream.of("file:/in/broken.pdf")
                .map(uri -> RowFactory.create(
                        uri, null, "ingest", "CORRUPT", "not a PDF", 3L, null, new Timestamp(1_700_000_000_000L)))
                .toList();
        Tables.write(spark().createDataFrame(rows, Tables.structType("rejects")), out.toString(), "rejects", "ingest");
    }

    private JobConf conf(JobConf.Grouping grouping, JobConf.Overflow overflow, int maxTokens) {
        return new JobConf(
                "test",
                new JobConf.Input(List.of("file:/in"), List.of()),
                new JobConf.Model(MODEL.toString(), "auto", 0),
                new JobConf.Context(grouping, maxTokens, overflow, true, true, 3),
                List.of(new JobConf.Task(
                        "agreement",
                        "unused.json",
                        null,
                        "What are the details of agreement KX-482?",
                        "{document}\n\nQuestion: {question}",
                        80,
                        0,
                        true,
                        true)),
                new JobConf.Sampling(0, 0, 1, 0, 0),
                new JobConf.Limits(0, 0),
                new JobConf.Output(out.toString()));
    }
}
