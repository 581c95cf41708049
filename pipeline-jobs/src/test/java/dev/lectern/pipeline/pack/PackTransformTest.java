package dev.lectern.pipeline.pack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lectern.engine.ChatFormat;
import dev.lectern.pipeline.SparkTest;
import dev.lectern.pipeline.conf.JobConf.Grouping;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class PackTransformTest extends SparkTest {
    private static final ByteRunTokenizer TOKENIZER = new ByteRunTokenizer(3);
    private static final int[] PREFIX = {900_001, 900_002};

    private static final StructType DOCUMENTS = new StructType()
            .add("uri", DataTypes.StringType)
            .add("doc_id", DataTypes.StringType)
            .add("byte_size", DataTypes.LongType)
            .add("text", DataTypes.StringType);

    @Test
    void aLongContextIsWrittenInRowsThatJoinUp() {
        Map<String, String> texts = Map.of("a", RandomTexts.text(new SplittableRandom(1), 3000), "b", "Short one.");
        PackSettings settings =
                new PackSettings(PREFIX, TOKENIZER.encode("\n\n").ids(), 900_004, 1 << 20, 512, 90, 3, true);
        List<Row> outcome = run(settings, Grouping.DOCUMENT, texts);
        check(outcome, texts, 2);
        List<Row> rows = contexts(outcome);
        assertThat(rows)
                .filteredOn(row -> row.<Integer>getAs("chunk_count") > 2)
                .isNotEmpty();
    }

    @Test
    void packedDocumentsFillContextsInOrderOfTheirUris() {
        Map<String, String> texts = texts(40, 6);
        texts.put("long", RandomTexts.text(new SplittableRandom(99), 300));
        PackSettings settings =
                new PackSettings(PREFIX, TOKENIZER.encode("\n\n").ids(), 900_004, 2048, 128, 20, 5, true);
        List<Row> outcome = run(settings, Grouping.PACKED, texts);
        TokenAccount account = check(outcome, texts, 41);
        assertThat(account.contexts()).isLessThan(20);
        assertThat(account.separatorTokens()).isPositive();
        List<Row> again = run(settings, Grouping.PACKED, texts);
        assertThat(ids(again)).isEqualTo(ids(outcome));
    }

    @Test
    void rejectsAreCountedAndCarryTheirReason() {
        Map<String, String> texts = texts(10, 3);
        texts.put("long", "A sentence. ".repeat(500));
        texts.put("empty", "");
        PackSettings settings =
                new PackSettings(PREFIX, TOKENIZER.encode("\n\n").ids(), 900_004, 1500, 0, 0, 0, false);
        List<Row> outcome = run(settings, Grouping.DOCUMENT, texts);
        TokenAccount account = sum(outcome);
        assertThat(account.imbalance()).isEmpty();
        assertThat(account.rejectedDocuments()).isEqualTo(2);
        assertThat(account.rejectedTokens())
                .isEqualTo(TOKENIZER.encode("A sentence. ".repeat(500)).length());
        List<Row> rejects = outcome.stream()
                .map(row -> row.<Row>getAs("reject"))
                .filter(row -> row != null)
                .sorted(Comparator.comparing(row -> row.<String>getAs("uri")))
                .toList();
        assertThat(rejects).extracting(row -> row.<String>getAs("code")).containsExactly("EMPTY", "TOO_LONG");
        assertThat(rejects.get(1).<String>getAs("message"))
                .contains("room for 1498")
                .contains("context.maxTokens");
    }

    private static Map<String, String> texts(int count, int sentences) {
        Map<String, String> texts = new HashMap<>();
        for (int d = 0; d < count; d++) {
            texts.put("d%02d".formatted(d), RandomTexts.text(new SplittableRandom(d), sentences));
        }
        return texts;
    }

    private static List<Row> run(PackSettings settings, Grouping grouping, Map<String, String> texts) {
        List<Row> rows = texts.entrySet().stream()
                .map(e -> RowFactory.create("file:/" + e.getKey(), e.getKey(), 1L, e.getValue()))
                .toList();
        Dataset<Row> documents = spark().createDataFrame(rows, DOCUMENTS);
        return new PackTransform(settings, grouping, FakeModel::text, TOKENIZER.fingerprint(), "recipe")
                .apply(documents)
                .collectAsList();
    }

    private static TokenAccount check(List<Row> outcome, Map<String, String> texts, int documents) {
        TokenAccount account = sum(outcome);
        assertThat(account.imbalance()).isEmpty();
        assertThat(account.documents()).isEqualTo(documents);
        Map<String, List<Row>> byContext = new HashMap<>();
        for (Row row : contexts(outcome)) {
            byContext
                    .computeIfAbsent(row.getAs("context_id"), id -> new ArrayList<>())
                    .add(row);
        }
        assertThat(account.contexts()).isEqualTo(byContext.size());
        Map<String, Map<Integer, String>> found = new HashMap<>();
        for (List<Row> rows : byContext.values()) {
            int[] tokens = join(rows);
            for (Row row : rows) {
                int from = row.<Integer>getAs("chunk_index") * 8192;
                for (Row segment : row.<Row>getList(row.fieldIndex("segments"))) {
                    assertThat(segment.getInt(4)).isGreaterThan(from);
                    assertThat(segment.getInt(3)).isLessThan(from + 8192);
                    found.computeIfAbsent(segment.getString(0), id -> new HashMap<>())
                            .put(
                                    segment.getInt(1),
                                    new String(
                                            TOKENIZER.bytes(tokens, segment.getInt(3), segment.getInt(4)),
                                            StandardCharsets.UTF_8));
                }
            }
        }
        texts.forEach((id, text) -> {
            StringBuilder joined = new StringBuilder();
            found.getOrDefault(id, Map.of()).entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(e -> {
                        assertThat(e.getKey()).as(id).isEqualTo(joined.length());
                        joined.append(e.getValue());
                    });
            assertThat(joined.toString()).as(id).isEqualTo(text);
        });
        return account;
    }

    private static int[] join(List<Row> rows) {
        rows.sort(Comparator.comparing(row -> row.<Integer>getAs("chunk_index")));
        int[] tokens = new int[rows.getFirst().<Integer>getAs("token_count")];
        int at = 0;
        for (int i = 0; i < rows.size(); i++) {
            assertThat(rows.get(i).<Integer>getAs("chunk_index")).isEqualTo(i);
            assertThat(rows.get(i).<Integer>getAs("chunk_count")).isEqualTo(rows.size());
            byte[] bytes = rows.get(i).getAs("tokens");
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(tokens, at, bytes.length / 4);
            at += bytes.length / 4;
        }
        assertThat(at).isEqualTo(tokens.length);
        return tokens;
    }

    private static List<Row> contexts(List<Row> outcome) {
        return outcome.stream()
                .map(row -> row.<Row>getAs("context"))
                .filter(row -> row != null)
                .toList();
    }

    private static List<String> ids(List<Row> outcome) {
        return contexts(outcome).stream()
                .map(row -> row.<String>getAs("context_id"))
                .sorted()
                .toList();
    }

    private static TokenAccount sum(List<Row> outcome) {
        return outcome.stream()
                .map(row -> row.<Row>getAs("account"))
                .filter(row -> row != null)
                .map(PackColumns::toAccount)
                .reduce(TokenAccount.EMPTY, TokenAccount::plus);
    }

    /// The tokenizer of this JVM alone: local tasks share it with the test.
    private static final class FakeModel {
        static ModelText text() {
            return new ModelText(
                    new dev.lectern.engine.ModelInfo(
                            "fake",
                            "fake",
                            "fake",
                            0,
                            0,
                            Map.of(),
                            1 << 20,
                            1,
                            1,
                            1,
                            1,
                            1,
                            0,
                            1 << 20,
                            java.util.OptionalInt.of(512),
                            0,
                            "fake"),
                    TOKENIZER,
                    new FakeChat());
        }
    }

    private static final class FakeChat implements ChatFormat {
        @Override
        public String name() {
            return "fake";
        }

        @Override
        public int[] userPrefix() {
            return PREFIX.clone();
        }

        @Override
        public int[] userSuffix() {
            return new int[] {900_010, 900_011};
        }

        @Override
        public int[] stopTokens() {
            return new int[] {900_012};
        }

        @Override
        public int[] encode(List<Message> messages) {
            throw new UnsupportedOperationException("packing encodes no conversations");
        }
    }
}
