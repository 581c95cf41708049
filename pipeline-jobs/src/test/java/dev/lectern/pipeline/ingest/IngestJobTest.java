package dev.lectern.pipeline.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import dev.lectern.pipeline.SparkTest;
import dev.lectern.pipeline.conf.JobConf;
import dev.lectern.pipeline.table.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class IngestJobTest extends SparkTest {
    private static final IngestLimits LIMITS = new IngestLimits(1 << 20, 1 << 20, 60_000, 200);

    @TempDir
    private Path root;

    private Path data;

    @BeforeEach
    void makeFolder() throws IOException {
        data = Files.createDirectories(root.resolve("data"));
    }

    @Test
    void everyFileIsADocumentOrAReject() throws IOException {
        write("a.txt", "plain text\n");
        write("deep/er/b.md", "# Heading\n");
        write("c.html", "<p>page");
        write("d.pdf", SampleFiles.pdf(List.of("A sentence on a page."), 40));
        write("e.docx", SampleFiles.docx(List.of("A sentence in a document."), List.of()));
        write("copy of a.txt", "plain text\n");
        write("empty.txt", "");
        write("secret.pdf", SampleFiles.encryptedPdf("x", "pw"));
        write("broken.docx", "PK\u0003\u0004 no zip");
        write("large.txt", "x".repeat((1 << 20) + 1));
        write(".hidden/f.txt", "hidden");
        write("drafts/g.txt", "draft");

        IngestSummary summary = IngestJob.run(spark(), job(List.of(data + "/**"), List.of("**/drafts/**")), LIMITS);

        assertThat(summary.files()).isEqualTo(10);
        assertThat(summary.documents()).isEqualTo(5);
        assertThat(summary.rejectsByCode())
                .isEqualTo(Map.of("DUPLICATE", 1L, "EMPTY", 1L, "ENCRYPTED", 1L, "CORRUPT", 1L, "TOO_LARGE", 1L));
        Map<String, Row> documents =
                byName(Tables.read(spark(), out(), "documents").collectAsList());
        assertThat(documents.keySet()).containsExactlyInAnyOrder("a.txt", "b.md", "c.html", "d.pdf", "e.docx");
        Row pdf = Objects.requireNonNull(documents.get("d.pdf"));
        assertThat(pdf.<String>getAs("text")).isEqualTo("A sentence on a page.");
        assertThat(pdf.<Integer>getAs("char_count")).isEqualTo(21);
        assertThat(pdf.<String, String>getJavaMap(pdf.fieldIndex("metadata"))).containsEntry("author", "A. Writer");
        assertThat(pdf.<Row>getList(pdf.fieldIndex("pages")))
                .singleElement()
                .extracting(p -> List.of(p.getInt(0), p.getInt(1), p.getInt(2)))
                .isEqualTo(List.of(1, 0, 21));
        Row duplicate = Objects.requireNonNull(
                byName(Tables.read(spark(), out(), "rejects").collectAsList()).get("copy of a.txt"));
        assertThat(duplicate.<String>getAs("message")).isEqualTo("the same bytes as file:" + data + "/a.txt");
        assertThat(duplicate.<String>getAs("stage")).isEqualTo("ingest");
        try (Stream<Path> files = Files.list(root.resolve("out"))) {
            assertThat(files.map(f -> f.getFileName().toString())).containsExactlyInAnyOrder("documents", "rejects");
        }
    }

    @Test
    void theSameFilesGiveTheSameDocumentsAgain() throws IOException {
        for (int i = 0; i < 30; i++) {
            write("f" + i + ".txt", "text number " + i + "\n");
        }
        JobConf job = job(List.of(data.toString()), List.of());
        IngestJob.run(spark(), job);
        Set<String> first = texts();
        IngestSummary again = IngestJob.run(spark(), job);

        assertThat(again.documents()).isEqualTo(30);
        assertThat(texts()).isEqualTo(first).hasSize(30);
    }

    @Test
    void rejectsOfOtherStagesStay() throws IOException {
        write("a.txt", "text");
        write("b.txt", "");
        IngestJob.run(spark(), job(List.of(data.toString()), List.of()));
        Tables.write(Tables.read(spark(), out(), "rejects"), out(), "rejects", "pack");
        IngestJob.run(spark(), job(List.of(data.toString()), List.of()));

        assertThat(Tables.partitions(spark(), out(), "rejects")).containsExactly("ingest", "pack");
    }

    @Test
    void nothingToReadIsSaidWithThePaths() throws IOException {
        write("drafts/a.txt", "x");
        write(".hidden", "x");

        assertThatThrownBy(() -> IngestJob.run(spark(), job(List.of(data.toString()), List.of("**/drafts/*"))))
                .isInstanceOf(JobException.class)
                .hasMessageContaining("no input files: file:" + data)
                .hasMessageContaining("left out: 1 by input.exclude, 1 whose names begin with '.'")
                .extracting(e -> ((JobException) e).exitCode())
                .isEqualTo(ExitCode.INPUT);
        assertThatThrownBy(() -> IngestJob.run(spark(), job(List.of(data + "/none"), List.of())))
                .isInstanceOf(JobException.class)
                .hasMessageContaining("none': no such file or folder");
        write("b.txt", "");
        assertThatThrownBy(() -> IngestJob.run(spark(), job(List.of(data + "/b.txt"), List.of())))
                .isInstanceOf(JobException.class)
                .hasMessageContaining("none of 1 input files could be read: {EMPTY=1}");
        assertThatThrownBy(() -> IngestJob.run(spark(), job(List.of(data + "/{a,b"), List.of())))
                .isInstanceOf(JobException.class)
                .hasMessageContaining("a { is not closed");
    }

    @Test
    void linksInACircleEnd() throws IOException {
        write("a/b.txt", "text");
        Files.createSymbolicLink(data.resolve("a/up"), data);
        Files.createSymbolicLink(data.resolve("a/link.txt"), data.resolve("a/b.txt"));

        List<InputFile> files =
                InputFiles.find(new JobConf.Input(List.of("file:" + data), List.of()), out(), new Configuration());

        assertThat(files)
                .extracting(f -> f.uri().substring(f.uri().lastIndexOf('/') + 1))
                .containsExactly("b.txt", "link.txt");
    }

    @Test
    void theOutputIsNoInput() throws IOException {
        write("a.txt", "text");
        JobConf job = job(List.of(root.toString()), List.of());
        IngestJob.run(spark(), job);

        assertThat(IngestJob.run(spark(), job).files()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "file:/a/**, file:/a/b/c.txt, true",
        "file:/a/**, file:/ab/c.txt, false",
        "file:/a/*.txt, file:/a/c.txt, true",
        "file:/a/*.txt, file:/a/b/c.txt, false",
        "file:/a/**/c.txt, file:/a/c.txt, true",
        "file:/a/**/c.txt, file:/a/b/d/c.txt, true",
        "**/drafts/**, file:/a/drafts/b/c.txt, true",
        "**/drafts/**, file:/a/mydrafts/b.txt, false",
        "'file:/a/{b,c*}.txt', file:/a/cd.txt, true",
        "'file:/a/{b,c*}.txt', file:/a/d.txt, false",
        "file:/a/[!b-d].txt, file:/a/e.txt, true",
        "file:/a/[!b-d].txt, file:/a/c.txt, false",
        "file:/a/?(x)+.txt, file:/a/1(x)+.txt, true"
    })
    void globs(String glob, String path, boolean matches) {
        assertThat(new PathGlob(glob).matches(path)).isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource({
        "file:/a/b/*.txt, file:/a/b",
        "file:/a/b*/c, file:/a",
        "file:/*, file:/",
        "s3a://bucket/**, s3a://bucket",
        "hdfs://n:8020/a/{b}/c, hdfs://n:8020/a"
    })
    void globsStartWhereTheirPatternDoes(String glob, String base) {
        assertThat(PathGlob.base(glob)).isEqualTo(base);
    }

    @Test
    void partitionsAreOfLikeSize() {
        List<InputFile> files = new ArrayList<>(List.of(new InputFile("large", 64L << 20)));
        IntStream.range(0, 1_000).forEach(i -> files.add(new InputFile("small" + i, 10)));

        List<List<InputFile>> groups = IngestJob.balance(files, 2);

        assertThat(groups).hasSize(8);
        assertThat(groups.stream().mapToInt(List::size).sum()).isEqualTo(1_001);
        assertThat(groups.getFirst()).hasSize(1);
        assertThat(groups.subList(1, 8)).allSatisfy(g -> assertThat(g).hasSizeBetween(142, 143));
    }

    @Test
    void aReaderThatDoesNotEndIsGivenUp() throws Exception {
        try (TimedParser parser = new TimedParser(new FileParser(LIMITS), 1)) {
            // Far more work than a millisecond: the guess of the language alone reads its profiles.
            byte[] bytes = SampleFiles.pdf(List.of("word ".repeat(20_000).strip()), 40);
            FileOutcome outcome = parser.parse("a.pdf", bytes);

            assertThat(outcome).isInstanceOfSatisfying(FileOutcome.Reject.class, r -> {
                assertThat(r.code()).isEqualTo(RejectCode.TIMEOUT);
                assertThat(r.message()).isEqualTo("the reader was not done after 1 ms");
            });
        }
    }

    private Set<String> texts() {
        return Tables.read(spark(), out(), "documents").collectAsList().stream()
                .map(r -> r.<String>getAs("uri") + r.<String>getAs("doc_id") + r.<String>getAs("text"))
                .collect(Collectors.toSet());
    }

    private static Map<String, Row> byName(List<Row> rows) {
        Map<String, Row> byName = new TreeMap<>();
        for (Row row : rows) {
            String uri = row.getAs("uri");
            byName.put(uri.substring(uri.lastIndexOf('/') + 1), row);
        }
        return byName;
    }

    private JobConf job(List<String> paths, List<String> exclude) {
        return new JobConf(
                "test",
                new JobConf.Input(paths.stream().map(p -> "file:" + p).toList(), exclude),
                new JobConf.Model("file:/none", "auto", 0),
                new JobConf.Context(JobConf.Grouping.DOCUMENT, 0, JobConf.Overflow.SPLIT, true, true, 3),
                List.of(),
                new JobConf.Sampling(0, 0, 1, 0, 0),
                new JobConf.Limits(0, 0),
                new JobConf.Output(out()));
    }

    private String out() {
        return "file:" + root + "/out";
    }

    private void write(String name, String text) throws IOException {
        write(name, text.getBytes(UTF_8));
    }

    private void write(String name, byte[] bytes) throws IOException {
        Path file = data.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }
}
