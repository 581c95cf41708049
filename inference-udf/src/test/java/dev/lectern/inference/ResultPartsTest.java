package dev.lectern.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lectern.engine.FinishReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultPartsTest {
    private static final AnswerSchema SCHEMA = AnswerSchema.parse("s", """
            {"type":"object","properties":{"name of it":{"type":"string"},"count":{"type":["integer","null"]},
              "rate":{"type":"number"},"ok":{"type":"boolean"},"tags":{"type":"array","items":{"type":["string","null"]}},
              "items":{"type":"array","items":{"type":"object","properties":{"price":{"type":"number"},"no":{"type":"integer"}}}},
              "a.b":{"type":"object","properties":{"ü;{}":{"type":"string"}}},"any":{}}}""");
    private static final Fingerprints PRINTS = new Fingerprints("m", "t", "p", "s", "a");
    private static final PartManifest MANIFEST = new PartManifest(
            "c",
            "t",
            "p",
            3,
            1,
            1,
            1,
            Map.of("LENGTH", 2L),
            9,
            9,
            1,
            2,
            3,
            4,
            SchemaWork.NONE,
            GuessedTokens.NONE,
            "driver");

    private static SparkSession spark;

    @TempDir
    Path folder;

    @BeforeAll
    static void startSpark() {
        spark = SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", false)
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.sql.session.timeZone", "UTC")
                .getOrCreate();
    }

    @AfterAll
    static void stopSpark() {
        spark.stop();
    }

    private ResultParts parts() throws IOException {
        return new ResultParts(folder.toString(), "t", SCHEMA.type(), new Configuration());
    }

    private static ResultRow row(String id, @org.jspecify.annotations.Nullable String json) {
        ObjectNode output =
                json == null ? null : ((Answer.Valid) new AnswerParser(SCHEMA).parse(json, FinishReason.STOP)).output();
        return new ResultRow(
                id,
                "c",
                null,
                "q",
                output,
                json,
                List.of(
                        new Citation("/count", new Citation.Place("d", 3, 5, null, "ab"), 2),
                        new Citation("/any", null, 0)),
                output == null ? ResultStatus.FAILED : ResultStatus.OK,
                output == null ? new ResultRow.Problem("NOT_JSON", "why") : null,
                output == null ? null : "STOP",
                10,
                2,
                false,
                PRINTS,
                "run",
                5,
                6,
                Instant.parse("2026-11-21T10:11:12.123456Z"));
    }

    private Dataset<Row> read() {
        return spark.read()
                .schema(ResultSchema.sparkType(SCHEMA.type()))
                .parquet(ResultParts.folder(folder.toString(), "t").toString());
    }

    @Test
    void sparkReadsWhatWasWritten() throws Exception {
        parts().write(
                        "part-1.parquet",
                        List.of(
                                row("r1", """
                                        {"name of it":"é","count":9223372036854775807,"rate":0.1,"ok":true,"tags":["x",null],
                                         "items":[{"price":1.5,"no":1.0},{}],"a.b":{"ü;{}":"y"},"any":[1,{"z":null}]}"""),
                                row("r2", "{\"count\":null,\"tags\":[],\"items\":[]}"),
                                row("r3", null)),
                        MANIFEST,
                        "a1");
        read().createOrReplaceTempView("r");
        assertThat(spark.sql("""
                                SELECT to_json(output, map('ignoreNullFields','false')) AS output, to_json(citations) AS citations,
                                       to_json(error) AS error, CAST(written_at AS STRING) AS at, fingerprints.sampling AS f
                                FROM r ORDER BY result_id""").toJSON().collectAsList().stream()
                        .map(json -> json.replace("\\\"", "'"))
                        .toList())
                .satisfiesExactly(
                        first -> assertThat(first)
                                .contains(
                                        "{'name of it':'é','count':9223372036854775807,'rate':0.1,'ok':true,'tags':['x',null],'items':[{'price':1.5,'no':1},{'price':null,'no':null}],'a.b':{'ü;{}':'y'},'any':'[1,{",
                                        "[{'field':'/count','doc_id':'d','char_start':3,'char_end':5,'quote':'ab','occurrences':2},{'field':'/any','occurrences':0}]",
                                        "2026-11-21 10:11:12.123456",
                                        "\"f\":\"a\""),
                        second -> assertThat(second)
                                .contains(
                                        "{'name of it':null,'count':null,'rate':null,'ok':null,'tags':[],'items':[],'a.b':null,'any':null}"),
                        third -> assertThat(third)
                                .doesNotContain("output")
                                .contains("{'code':'NOT_JSON','message':'why'}"));
        assertThat(spark.read()
                        .parquet(ResultParts.folder(folder.toString(), "t").toString())
                        .schema()
                        .simpleString())
                .isEqualTo(ResultSchema.sparkType(SCHEMA.type()).simpleString());
    }

    @Test
    void aPartIsFoundAgainWithItsManifest() throws Exception {
        ResultParts parts = parts();
        assertThat(parts.find("part-1.parquet")).isEmpty();
        parts.write("part-1.parquet", List.of(row("r", null)), MANIFEST, "a1");
        assertThat(parts.find("part-1.parquet")).contains(MANIFEST);
        parts.write("part-1.parquet", List.of(row("r", null)), MANIFEST, "a2");
        assertThat(read().count()).isEqualTo(1);
    }

    @Test
    void aTornPartIsReplaced() throws Exception {
        ResultParts parts = parts();
        Path file = folder.resolve("task=t/part-1.parquet");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "PAR1 torn");
        assertThat(parts.find("part-1.parquet")).isEmpty();
        parts.write("part-1.parquet", List.of(row("r", null)), MANIFEST, "a1");
        assertThat(read().count()).isEqualTo(1);
    }

    @Test
    void leftoversAreIgnoredAndCleaned() throws Exception {
        parts().write("part-1.parquet", List.of(row("r", null)), MANIFEST, "a1");
        Path leftover = folder.resolve("task=t/.tmp-a0-part-2.parquet");
        Files.writeString(leftover, "PAR1 half");
        assertThat(read().count()).isEqualTo(1);
        long written = Files.getLastModifiedTime(leftover).toMillis();
        assertThat(ResultParts.clean(folder.toString(), "t", written, new Configuration()))
                .isZero();
        assertThat(ResultParts.clean(folder.toString(), "t", written + 1, new Configuration()))
                .isEqualTo(1);
        assertThat(leftover).doesNotExist();
        assertThat(ResultParts.clean(folder.toString(), "none", written, new Configuration()))
                .isZero();
    }

    @Test
    void nothingIsLeftWhenTheWriteFails() throws Exception {
        Files.writeString(folder.resolve("task=u"), "a file where a folder should be");
        ResultParts blocked = new ResultParts(folder.toString(), "u", SCHEMA.type(), new Configuration());
        assertThatThrownBy(() -> blocked.write("part-1.parquet", List.of(row("r", null)), MANIFEST, "a1"))
                .isInstanceOf(IOException.class);
        assertThat(Objects.requireNonNull(folder.toFile().list())).containsExactly("task=u");
    }

    @Test
    void namesDependOnTheSetOfResultsAlone() {
        assertThat(ResultParts.name("c", List.of("b", "a")))
                .isEqualTo(ResultParts.name("c", List.of("a", "b")))
                .isNotEqualTo(ResultParts.name("c", List.of("a")))
                .matches("part-c-[0-9a-f]{16}[.]parquet");
    }
}
