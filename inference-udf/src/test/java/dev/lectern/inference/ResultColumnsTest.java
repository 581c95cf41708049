package dev.lectern.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lectern.engine.FinishReason;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Typed columns through Parquet: what an answer says is what Spark reads, with and without its vectorised reader.
class ResultColumnsTest {
    private static final AnswerSchema SCHEMA = AnswerSchema.parse("s", """
            {"type":"object","properties":{
              "day":{"type":["string","null"],"format":"date"},"at":{"type":"string","format":"date-time"},
              "price":{"type":"number","multipleOf":0.01,"minimum":-1e9,"maximum":1e9},
              "wide":{"type":"number","multipleOf":0.001},
              "huge":{"type":"integer","minimum":0,"maximum":18446744073709551615},
              "rates":{"type":"object","additionalProperties":{"type":["number","null"],"multipleOf":0.1}},
              "byDay":{"type":"object","additionalProperties":{"type":"object","properties":{
                 "days":{"type":"array","items":{"type":["string","null"],"format":"date"}},"open":{}}}}}}""");
    private static final List<String> ANSWERS = List.of("""
            {"day":"2031-04-17","at":"2031-04-17T12:11:12.123456+02:00","price":-93400.5,
             "wide":-12345678901234567890123456789012345.678,"huge":18446744073709551615,
             "rates":{"EUR":1.5,"USD":null,"":0},
             "byDay":{"é":{"days":["1969-12-31",null],"open":{"b":93400.00,"a":[1]}}}}""", """
            {"day":null,"at":"1582-10-04T23:59:59Z","price":1e9,"wide":0,"huge":0,"rates":{},"byDay":{"x":{}}}""", """
            {"day":"0001-01-01","at":"9999-12-31T23:59:59.999999-12:00","price":0.01,"wide":1e-3}""", "{}");

    private static SparkSession spark;

    @TempDir
    private Path folder;

    @BeforeAll
    static void startSpark() {
        spark = SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", false)
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.sql.session.timeZone", "UTC")
                .config("spark.sql.datetime.java8API.enabled", true)
                .getOrCreate();
    }

    @AfterAll
    static void stopSpark() {
        spark.stop();
    }

    private void write() throws Exception {
        AnswerParser parser = new AnswerParser(SCHEMA);
        List<ResultRow> rows = java.util.stream.IntStream.range(0, ANSWERS.size())
                .mapToObj(i -> {
                    Answer answer = parser.parse(ANSWERS.get(i), FinishReason.STOP, true);
                    assertThat(answer).isInstanceOf(Answer.Valid.class);
                    return row("r" + i, (Answer.Valid) answer);
                })
                .toList();
        new ResultParts(folder.toString(), "t", SCHEMA.type(), new Configuration())
                .write(
                        "part-1.parquet",
                        rows,
                        new PartManifest(
                                "c",
                                "t",
                                "p",
                                4,
                                4,
                                0,
                                0,
                                Map.of(),
                                9,
                                9,
                                1,
                                2,
                                3,
                                4,
                                SchemaWork.NONE,
                                GuessedTokens.NONE,
                                "driver"),
                        "a");
    }

    private static ResultRow row(String id, Answer.Valid answer) {
        return new ResultRow(
                id,
                "c",
                null,
                "q",
                answer.output(),
                "",
                List.of(),
                ResultStatus.OK,
                null,
                "STOP",
                1,
                1,
                false,
                new Fingerprints("m", "t", "p", "s", "a"),
                "run",
                1,
                1,
                Instant.EPOCH);
    }

    private Dataset<Row> output() {
        return spark.read()
                .schema(ResultSchema.sparkType(SCHEMA.type()))
                .parquet(ResultParts.folder(folder.toString(), "t").toString())
                .orderBy("result_id")
                .select("output.*");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sparkReadsWhatTheAnswersSay(boolean vectorised) throws Exception {
        write();
        spark.conf().set("spark.sql.parquet.enableVectorizedReader", vectorised);
        List<Row> rows = output().collectAsList();
        Row first = rows.getFirst();
        assertThat(first.<LocalDate>getAs("day")).isEqualTo("2031-04-17");
        assertThat(first.<Instant>getAs("at")).isEqualTo("2031-04-17T10:11:12.123456Z");
        assertThat(first.<BigDecimal>getAs("price")).isEqualTo("-93400.50");
        assertThat(first.<BigDecimal>getAs("wide")).isEqualTo("-12345678901234567890123456789012345.678");
        assertThat(first.<BigDecimal>getAs("huge")).isEqualTo("18446744073709551615");
        assertThat(first.<BigDecimal, BigDecimal>getJavaMap(first.fieldIndex("rates")))
                .hasToString("{EUR=1.5, USD=null, =0.0}");
        assertThat(spark.createDataFrame(rows, output().schema())
                        .selectExpr("to_json(byDay) AS j")
                        .first()
                        .getString(0))
                .isEqualTo("{\"é\":{\"days\":[\"1969-12-31\",null],\"open\":\"{\\\"b\\\":93400.00,\\\"a\\\":[1]}\"}}");
        Row second = rows.get(1);
        assertThat(second.isNullAt(second.fieldIndex("day"))).isTrue();
        assertThat(second.<Instant>getAs("at")).isEqualTo("1582-10-04T23:59:59Z");
        assertThat(second.<BigDecimal>getAs("price")).isEqualTo("1000000000.00");
        assertThat(second.getJavaMap(second.fieldIndex("rates"))).isEmpty();
        Row third = rows.get(2);
        assertThat(third.<LocalDate>getAs("day")).isEqualTo("0001-01-01");
        assertThat(third.<Instant>getAs("at")).isEqualTo("+10000-01-01T11:59:59.999999Z");
        assertThat(third.<BigDecimal>getAs("wide")).isEqualTo("0.001");
        Row fourth = rows.get(3);
        for (int i = 0; i < fourth.length(); i++) {
            assertThat(fourth.isNullAt(i)).isTrue();
        }
    }

    @Test
    void sparkInfersTheSameTypesFromTheFiles() throws Exception {
        write();
        assertThat(spark.read()
                        .parquet(ResultParts.folder(folder.toString(), "t").toString())
                        .schema()
                        .simpleString())
                .isEqualTo(ResultSchema.sparkType(SCHEMA.type()).simpleString());
        assertThat(output().schema().simpleString())
                .isEqualTo("struct<day:date,at:timestamp,price:decimal(18,2),wide:decimal(38,3),huge:decimal(20,0),"
                        + "rates:map<string,decimal(38,1)>,byDay:map<string,struct<days:array<date>,open:string>>>");
        assertThat(output().where("day > DATE'2031-01-01' AND price < 0 AND at < TIMESTAMP'2032-01-01'")
                        .count())
                .isEqualTo(1);
    }

    @Test
    void otherReadersSeeWhatTheColumnsMean() throws Exception {
        write();
        org.apache.hadoop.fs.Path file =
                new org.apache.hadoop.fs.Path(ResultParts.folder(folder.toString(), "t"), "part-1.parquet");
        try (ParquetFileReader reader = ParquetFileReader.open(HadoopInputFile.fromPath(file, new Configuration()))) {
            MessageType type = reader.getFileMetaData().getSchema();
            assertThat(type.toString())
                    .contains(
                            "optional int32 day (DATE)",
                            "optional int64 at (TIMESTAMP(MICROS,true))",
                            "optional int64 price (DECIMAL(18,2))",
                            "optional fixed_len_byte_array(16) wide (DECIMAL(38,3))",
                            "optional fixed_len_byte_array(9) huge (DECIMAL(20,0))",
                            "optional group rates (MAP)",
                            "optional binary open (JSON)");
        }
    }
}
