package dev.lectern.pipeline.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import dev.lectern.pipeline.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TablesTest extends SparkTest {
    private static final Timestamp AT = Timestamp.from(Instant.parse("2026-11-21T10:00:00.123456Z"));

    @TempDir
    private Path out;

    @ParameterizedTest
    @ValueSource(strings = {"documents", "rejects", "contexts", "runs"})
    void everyContractIsASparkSchema(String table) {
        StructType type = Tables.structType(table);

        Dataset<Row> empty = spark().createDataFrame(List.of(), type);
        assertThat(Tables.conforming(empty, table, "test").schema()).isEqualTo(type);
    }

    @Test
    void aPartitionIsReplacedAndTheOthersStay() throws IOException {
        Tables.write(rejects("a", "b"), out(), "rejects", "ingest");
        Tables.write(rejects("c"), out(), "rejects", "pack");
        Tables.write(rejects("d"), out(), "rejects", "ingest");

        List<Row> rows = Tables.read(spark(), out(), "rejects").orderBy("uri").collectAsList();
        assertThat(rows).extracting(r -> r.getString(r.fieldIndex("uri"))).containsExactly("c", "d");
        assertThat(rows).extracting(r -> r.getString(r.fieldIndex("stage"))).containsExactly("pack", "ingest");
        assertThat(rows)
                .extracting(r -> r.getTimestamp(r.fieldIndex("rejected_at")))
                .containsExactly(AT, AT);
        assertThat(Tables.read(spark(), out(), "rejects", "pack").count()).isEqualTo(1);
        assertThat(Tables.partitions(spark(), out(), "rejects")).containsExactly("ingest", "pack");
        assertThat(names(out.resolve("rejects"))).containsExactly("stage=ingest", "stage=pack");
    }

    @Test
    void partitionsThatLookLikeNumbersStayText() {
        StructType output = new StructType().add("amount", "long");
        Dataset<Row> empty = spark().createDataFrame(List.of(), Tables.resultsType(output));
        Tables.write(empty, out(), "results", "007");

        assertThat(Tables.partitions(spark(), out(), "results")).containsExactly("007");
        Dataset<Row> results = Tables.read(spark(), out(), "results");
        assertThat(results.schema().apply("task").dataType().simpleString()).isEqualTo("string");
        assertThat(results.schema().apply("output").dataType()).isEqualTo(output);
    }

    @Test
    void timestampsAreMicrosecondsAndNothingElseIsLeftInTheFolder() throws IOException {
        Tables.write(rejects("a"), out(), "rejects", "ingest");

        Path part;
        try (Stream<Path> files = Files.list(out.resolve("rejects/stage=ingest"))) {
            part = files.filter(f -> f.toString().endsWith(".parquet"))
                    .findFirst()
                    .orElseThrow();
        }
        HadoopInputFile file =
                HadoopInputFile.fromPath(new org.apache.hadoop.fs.Path(part.toUri()), new Configuration());
        try (ParquetFileReader reader = ParquetFileReader.open(file)) {
            assertThat(reader.getFooter().getFileMetaData().getSchema().toString())
                    .contains("int64 rejected_at (TIMESTAMP(MICROS,true))")
                    .doesNotContain("stage");
        }
        assertThat(names(out)).containsExactly("rejects");
    }

    @Test
    void rowsAreAppended() {
        Dataset<Row> contexts = spark().createDataFrame(
                        List.of(RowFactory.create(
                                "c", 0, 1, 2, new byte[8], List.of(RowFactory.create("d", 0, 5, 0, 2)), "t", "r")),
                        Tables.structType("contexts"));
        Tables.append(contexts, out(), "contexts");
        Tables.append(contexts, out(), "contexts");

        assertThat(Tables.read(spark(), out(), "contexts").count()).isEqualTo(2);
    }

    @Test
    void aMissingTableIsNamedWithTheJobThatMakesIt() {
        assertThat(Tables.exists(spark(), out(), "contexts")).isFalse();
        assertThatThrownBy(() -> Tables.read(spark(), out(), "contexts"))
                .isInstanceOf(JobException.class)
                .hasMessageContaining("table contexts is not there")
                .hasMessageContaining("the job 'pack' makes it")
                .extracting(e -> ((JobException) e).exitCode())
                .isEqualTo(ExitCode.INPUT);
    }

    @Test
    void rowsThatBreakTheContractAreNotWritten() throws IOException {
        Dataset<Row> rows = rejects("a");

        assertThatThrownBy(() -> write(rows.withColumn("byte_size", functions.lit("many"))))
                .isInstanceOf(JobException.class)
                .hasMessageContaining("table rejects (to write) breaks its contract, version 1")
                .hasMessageContaining("column 'byte_size': found string, expected long");
        assertThatThrownBy(() -> write(rows.drop("message")))
                .hasMessageContaining("column 'message': missing, expected string");
        assertThatThrownBy(() -> write(rows.withColumn("colour", functions.lit(1))))
                .hasMessageContaining("column 'colour': found, but the contract has no such column");
        assertThatThrownBy(
                        () -> write(rows.withColumn("code", functions.lit(null).cast("string"))))
                .hasStackTraceContaining("table rejects, column 'code': found null");
        assertThat(names(out)).isEmpty();
    }

    @Test
    void aTableOfAnotherMakeIsNotRead() {
        spark().range(1).write().parquet(out() + "/documents");
        assertThatThrownBy(() -> Tables.read(spark(), out(), "documents"))
                .isInstanceOf(JobException.class)
                .hasMessageContaining("column 'doc_id': missing, expected string");
    }

    @Test
    void filesOfAnOlderVersionLackNullableColumns() {
        rejects("a").drop("stage", "token_count").write().parquet(out() + "/rejects/stage=ingest");

        Row row = Tables.read(spark(), out(), "rejects").first();
        assertThat(row.isNullAt(row.fieldIndex("token_count"))).isTrue();
    }

    private void write(Dataset<Row> rows) {
        Tables.write(rows, out(), "rejects", "ingest");
    }

    private Dataset<Row> rejects(String... uris) {
        List<Row> rows = Stream.of(uris)
                .map(uri -> RowFactory.create(uri, null, "any", "EMPTY", "no bytes", 0L, null, AT))
                .toList();
        return spark().createDataFrame(rows, Tables.structType("rejects"));
    }

    private String out() {
        return "file:" + out;
    }

    private static Set<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
