package dev.lectern.pipeline.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lectern.engine.ModelFiles;
import dev.lectern.inference.AnswerSchema;
import dev.lectern.inference.ResultSchema;
import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import dev.lectern.pipeline.SparkTest;
import dev.lectern.pipeline.conf.JobConf;
import dev.lectern.pipeline.table.Tables;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Inference with the bundled model over documents whose answers its card states.
class InferJobTest extends SparkTest {
    private static final Path HOME = Path.of(System.getProperty("lectern.home"));
    private static final Path MODEL = HOME.resolve("models/scout-nano");
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int DOCUMENTS = 12;
    /// Far smaller than in a real table, so that even short contexts stream in several rows.
    private static final int ROW_TOKENS = 100;

    private static final List<JsonNode> CASES = new ArrayList<>();

    @TempDir
    Path folder;

    @BeforeAll
    static void readCases() throws IOException {
        try (Stream<String> lines = Files.lines(MODEL.resolve("eval/heldout200.jsonl"))) {
            for (String line : lines.limit(DOCUMENTS).toList()) {
                CASES.add(JSON.readTree(line));
            }
        }
    }

    @BeforeEach
    void writeInput() throws IOException {
        List<Row> documents = new ArrayList<>();
        List<Row> contexts = new ArrayList<>();
        StringBuilder questions = new StringBuilder("question_id,document,question\n");
        try (ModelFiles model = ModelFiles.open(MODEL)) {
            for (int i = 0; i < CASES.size(); i++) {
                JsonNode example = CASES.get(i);
                String text = example.get("document").asText();
                documents.add(document("doc" + i, "file:/in/no-" + i + ".txt", text));
                contexts.addAll(context(model, "ctx" + i, "doc" + i, text));
                questions
                        .append("q")
                        .append(i)
                        .append(",no-")
                        .append(i)
                        .append(".*,\"")
                        .append(example.get("question").asText())
                        .append("\"\n");
            }
        }
        Files.writeString(folder.resolve("q.csv"), questions);
        Files.copy(HOME.resolve("conf/demo/agreement.schema.json"), folder.resolve("s.json"));
        Tables.write(
                spark().createDataFrame(documents, Tables.structType("documents")), folder.toString(), "documents");
        Tables.write(spark().createDataFrame(contexts, Tables.structType("contexts")), folder.toString(), "contexts");
    }

    private static Row document(String id, String uri, String text) {
        Row[] pages = {RowFactory.create(1, 0, 200), RowFactory.create(2, 200, text.length())};
        return RowFactory.create(
                id,
                uri,
                "text/plain",
                null,
                null,
                text,
                pages,
                1L,
                text.length(),
                "text",
                "1",
                Map.of(),
                new Timestamp(0));
    }

    private static List<Row> context(ModelFiles model, String id, String docId, String text) {
        int[] prefix = model.chat().userPrefix();
        int[] ids = model.tokenizer().encode(text).ids();
        int[] tokens = java.util.Arrays.copyOf(prefix, prefix.length + ids.length);
        System.arraycopy(ids, 0, tokens, prefix.length, ids.length);
        int chunks = Math.ceilDiv(tokens.length, ROW_TOKENS);
        // In two runs, as padding between them would make it.
        int middle = text.length() / 2;
        Row[] segments = {
            RowFactory.create(docId, 0, middle, prefix.length, prefix.length + ids.length / 2),
            RowFactory.create(docId, middle, text.length(), prefix.length + ids.length / 2, tokens.length)
        };
        List<Row> rows = new ArrayList<>();
        for (int chunk = 0; chunk < chunks; chunk++) {
            int from = chunk * ROW_TOKENS;
            int to = Math.min(tokens.length, from + ROW_TOKENS);
            ByteBuffer bytes = ByteBuffer.allocate((to - from) * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asIntBuffer().put(tokens, from, to - from);
            rows.add(RowFactory.create(
                    id,
                    chunk,
                    chunks,
                    tokens.length,
                    bytes.array(),
                    segments,
                    model.tokenizer().fingerprint(),
                    "r"));
        }
        return rows;
    }

    private JobConf conf(int maxTokens, JobConf.Limits limits) {
        return conf(maxTokens, limits, true);
    }

    private JobConf conf(int maxTokens, JobConf.Limits limits, boolean enforceSchema) {
        return new JobConf(
                "test",
                new JobConf.Input(List.of("in"), List.of()),
                new JobConf.Model(MODEL.toUri().toString(), "auto", 0),
                new JobConf.Context(JobConf.Grouping.DOCUMENT, 0, JobConf.Overflow.SPLIT, true, true, 3),
                List.of(new JobConf.Task(
                        "agreement",
                        folder.resolve("s.json").toString(),
                        folder.resolve("q.csv").toString(),
                        "{question}",
                        "{document}\n\nQuestion: {question}",
                        maxTokens,
                        0,
                        enforceSchema,
                        true)),
                new JobConf.Sampling(0, 0, 1, 0, 0),
                limits,
                new JobConf.Output(folder.toString()));
    }

    private JobConf conf() {
        return conf(64, new JobConf.Limits(0, 0));
    }

    private static InferSummary run(JobConf conf) {
        return InferJob.run(spark(), conf, "run-1", InferProgress.NONE);
    }

    private List<Row> results() throws IOException {
        AnswerSchema schema = AnswerSchema.parse("s.json", Files.readString(folder.resolve("s.json")));
        return spark().read()
                .schema(ResultSchema.sparkType(schema.type()))
                .parquet(folder.resolve("results/task=agreement").toString())
                .selectExpr("*", "to_json(output) AS json")
                .orderBy("context_id")
                .collectAsList();
    }

    @Test
    void answersAreTypedAndCited() throws Exception {
        AtomicReference<InferProgress.State> last = new AtomicReference<>();
        InferSummary summary = InferJob.run(spark(), conf(), "run-1", last::set);
        assertThat(summary.text()).startsWith("12 questions about 12 contexts: 12 OK, 0 incomplete, 0 failed;");
        assertThat(summary.exitCode()).isEqualTo(ExitCode.OK);
        assertThat(summary.prefillTokens())
                .isEqualTo(Tables.read(spark(), folder.toString(), "contexts")
                        .selectExpr("sum(length(tokens) DIV 4)")
                        .first()
                        .getLong(0));
        List<Row> rows = results();
        assertThat(rows).hasSize(DOCUMENTS);
        int placed = 0;
        for (Row row : rows) {
            JsonNode example =
                    CASES.get(Integer.parseInt(row.<String>getAs("question_id").substring(1)));
            assertThat(row.<String>getAs("context_id"))
                    .isEqualTo("ctx" + row.<String>getAs("question_id").substring(1));
            assertThat(JSON.readTree(row.<String>getAs("json")))
                    .isEqualTo(JSON.readTree(example.get("answer").asText()));
            assertThat(row.<String>getAs("text"))
                    .isEqualTo(example.get("answer").asText());
            assertThat(row.<Long>getAs("tokens_in")).isPositive();
            String text = example.get("document").asText();
            for (Row citation : row.<Row>getList(row.fieldIndex("citations"))) {
                assertThat(citation.<Integer>getAs("occurrences")).isPositive();
                int start = citation.getAs("char_start");
                assertThat(text.substring(start, citation.getAs("char_end"))).isEqualTo(citation.getAs("quote"));
                assertThat(citation.<Integer>getAs("page")).isEqualTo(start < 200 ? 1 : 2);
                placed++;
            }
        }
        assertThat(placed).isPositive();
    }

    @Test
    void theSameCommandDoesOnlyWhatIsMissing() throws Exception {
        run(conf());
        assertThat(run(conf()).questions()).isZero();
        List<Path> parts;
        try (Stream<Path> files = Files.list(folder.resolve("results/task=agreement"))) {
            parts = files.filter(file -> file.getFileName().toString().startsWith("part-ctx3-"))
                    .toList();
        }
        assertThat(parts).hasSize(1);
        Files.delete(parts.getFirst());
        InferSummary again = run(conf());
        assertThat(again.questions()).isEqualTo(1);
        assertThat(again.earlier()).isEqualTo(DOCUMENTS - 1);
        assertThat(results())
                .extracting(row -> row.<String>getAs("result_id"))
                .hasSize(DOCUMENTS)
                .doesNotHaveDuplicates();
        // Another sampling is another result; the first ones stay.
        assertThat(run(conf(3, new JobConf.Limits(0, 0))).incomplete()).isEqualTo(DOCUMENTS);
        assertThat(results()).hasSize(2 * DOCUMENTS);
    }

    @Test
    void aLimitLeavesWholeContextsForTheNextRun() throws Exception {
        InferSummary limited = run(conf(64, new JobConf.Limits(2_000, 0)));
        assertThat(limited.exitCode()).isEqualTo(ExitCode.STOPPED);
        assertThat(limited.questions()).isPositive();
        assertThat(limited.questions() + limited.left()).isEqualTo(DOCUMENTS);
        assertThat(limited.prefillTokens() + limited.promptTokens() + limited.tokensOut())
                .isLessThanOrEqualTo(2_000);
        InferSummary late = run(conf(64, new JobConf.Limits(0, 1)));
        assertThat(late.left()).isEqualTo(limited.left());
        assertThat(run(conf()).questions()).isEqualTo(limited.left());
        assertThat(results())
                .extracting(row -> row.<String>getAs("result_id"))
                .hasSize(DOCUMENTS)
                .doesNotHaveDuplicates();
    }

    @Test
    void answersThatDoNotConformKeepTheirText() throws Exception {
        Files.writeString(
                folder.resolve("s.json"),
                "{\"type\":\"object\",\"properties\":{\"amount\":{\"type\":\"string\"},\"found\":{\"type\":\"boolean\"}}}");
        InferSummary summary = run(conf(64, new JobConf.Limits(0, 0), false));
        assertThat(summary.codes()).containsOnlyKeys("SCHEMA_MISMATCH");
        assertThat(results().stream().filter(row -> row.<String>getAs("status").equals("FAILED")))
                .isNotEmpty()
                .allSatisfy(row -> {
                    assertThat(row.<String>getAs("text")).startsWith("{");
                    assertThat(row.<Row>getAs("error").<String>getAs("message")).startsWith("/amount: ");
                    assertThat(row.<Row>getAs("output")).isNull();
                });
    }

    @Test
    void aDisagreementFailsTheQualityGateUntilItIsGone() throws Exception {
        assertThat(run(conf()).exitCode()).isEqualTo(ExitCode.OK);
        Path part = part("part-ctx3-");
        Row row = spark().read().parquet(part.toString()).first();
        // As it would be written for an answer of which the engine and the validator think differently.
        spark().createDataFrame(List.of(row), row.schema())
                .selectExpr(
                        "* EXCEPT (output, status, error)",
                        "CAST(NULL AS STRUCT<amount: BIGINT>) AS output",
                        "'FAILED' AS status",
                        "struct('DISAGREEMENT' AS code, 'why' AS message) AS error")
                .coalesce(1)
                .write()
                .parquet(folder.resolve("changed").toString());
        try (Stream<Path> files = Files.list(folder.resolve("changed"))) {
            Path changed = files.filter(file -> file.toString().endsWith(".parquet"))
                    .findFirst()
                    .orElseThrow();
            Files.copy(changed, part, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
        // The checksum is of the file that was replaced.
        Files.delete(part.resolveSibling("." + part.getFileName() + ".crc"));
        InferSummary again = run(conf());
        assertThat(again.questions()).isZero();
        assertThat(again.disagreements()).isEqualTo(1);
        assertThat(again.exitCode()).isEqualTo(ExitCode.QUALITY);
        assertThat(again.text()).contains("1 answer held to the schema to the end, yet refused");
        Files.delete(part);
        InferSummary mended = run(conf());
        assertThat(mended.questions()).isEqualTo(1);
        assertThat(mended.exitCode()).isEqualTo(ExitCode.OK);
    }

    private Path part(String prefix) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("results/task=agreement"))) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void aPackedContextIsSearchedDocumentByDocument() throws Exception {
        String first = CASES.get(0).get("document").asText();
        String second = CASES.get(3).get("document").asText();
        try (ModelFiles model = ModelFiles.open(MODEL)) {
            List<Row> one = context(model, "both", "doc0", first);
            int tokens = one.getFirst().getInt(3);
            List<Row> rows = new ArrayList<>();
            int[] more = model.tokenizer().encode("\n\n" + second).ids();
            ByteBuffer bytes = ByteBuffer.allocate(more.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asIntBuffer().put(more);
            Row[] segment = {RowFactory.create("doc3", 0, second.length(), tokens + 1, tokens + more.length)};
            for (Row row : one) {
                rows.add(RowFactory.create(
                        "both",
                        row.get(1),
                        one.size() + 1,
                        tokens + more.length,
                        row.get(4),
                        row.get(5),
                        row.get(6),
                        "r"));
            }
            rows.add(RowFactory.create(
                    "both",
                    one.size(),
                    one.size() + 1,
                    tokens + more.length,
                    bytes.array(),
                    segment,
                    one.getFirst().get(6),
                    "r"));
            Tables.write(spark().createDataFrame(rows, Tables.structType("contexts")), folder.toString(), "contexts");
        }
        InferSummary summary = run(conf());
        assertThat(summary.questions()).isEqualTo(2);
        assertThat(summary.contexts()).isEqualTo(1);
        assertThat(summary.notes()).hasSize(DOCUMENTS - 2).allMatch(note -> note.contains("so it was not asked"));
        for (Row row : results()) {
            assertThat(row.<String>getAs("doc_id")).isNull();
            boolean asksSecond = row.<String>getAs("question_id").equals("q3");
            assertThat(JSON.readTree(row.<String>getAs("json")))
                    .isEqualTo(JSON.readTree(
                            CASES.get(asksSecond ? 3 : 0).get("answer").asText()));
            Row agreement = row.<Row>getList(row.fieldIndex("citations")).getFirst();
            assertThat(agreement.<String>getAs("doc_id")).isEqualTo(asksSecond ? "doc3" : "doc0");
        }
        assertThat(results())
                .extracting(row -> row.<Boolean>getAs("prefill_reused"))
                .containsExactlyInAnyOrder(true, false);
    }

    @Test
    void saysWhatTheUserCanMend() throws Exception {
        JobConf good = conf();
        JobConf noModel = new JobConf(
                good.name(),
                good.input(),
                new JobConf.Model("file:/none/model.gguf", "auto", 0),
                good.context(),
                good.tasks(),
                good.sampling(),
                good.limits(),
                good.output());
        assertThatThrownBy(() -> run(noModel))
                .isInstanceOfSatisfying(
                        JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.ENGINE))
                .hasMessageContaining("[file:/none/model.gguf] no such file or folder");
        Tables.write(
                Tables.read(spark(), folder.toString(), "contexts")
                        .selectExpr("* EXCEPT (tokenizer_fingerprint)", "'other' AS tokenizer_fingerprint")
                        .localCheckpoint(),
                folder.toString(),
                "contexts");
        assertThatThrownBy(() -> run(good))
                .isInstanceOfSatisfying(
                        JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.INPUT))
                .hasMessageContaining("run pack again with this model");
        Files.writeString(folder.resolve("s.json"), "{\"type\":\"objec\"}");
        assertThatThrownBy(() -> run(good))
                .isInstanceOfSatisfying(
                        JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
                .hasMessageContaining("s.json] at '/type': not a JSON Schema");
    }
}
