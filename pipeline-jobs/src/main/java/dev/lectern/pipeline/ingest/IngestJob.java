package dev.lectern.pipeline.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.current_timestamp;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.sum;

import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import dev.lectern.pipeline.JobMain;
import dev.lectern.pipeline.conf.JobConf;
import dev.lectern.pipeline.table.Tables;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the input files into `documents` and `rejects`: every file is in exactly one of the two.
///
/// Of files with the same bytes the first by URI is the document, the others are rejects with the code DUPLICATE.
public final class IngestJob {
    static final String STAGE = "ingest";

    private static final Logger LOG = LoggerFactory.getLogger(IngestJob.class);

    /// Cost of opening a file, in bytes read: balances many small files against few large ones.
    private static final long OPEN_BYTES = 64 << 10;

    private static final long PARTITION_BYTES = 64L << 20;

    private IngestJob() {}

    /// For spark-submit: `JOB.yaml [--set key=value]…`.
    public static void main(String[] args) {
        JobMain.run("ingest", args, IngestJob::run);
    }

    /// @throws JobException (INPUT) when there is nothing to read or nothing could be read, (QUALITY) when a file
    ///                      is in neither table or in both
    public static IngestSummary run(SparkSession spark, JobConf conf) {
        return run(spark, conf, IngestLimits.DEFAULT);
    }

    static IngestSummary run(SparkSession spark, JobConf conf, IngestLimits limits) {
        long start = System.nanoTime();
        Configuration hadoop = spark.sessionState().newHadoopConf();
        String out = conf.output().path();
        List<InputFile> files = InputFiles.find(conf.input(), out, hadoop);
        Path staged = new Path(new Path(out), ".tmp-" + STAGE + "-" + UUID.randomUUID());
        try {
            stage(spark, files, hadoop, limits, staged);
            split(spark, staged, out);
        } finally {
            delete(staged, hadoop);
        }
        IngestSummary summary = account(spark, files, out, (System.nanoTime() - start) / 1_000_000);
        LOG.info("ingest: {}", summary);
        if (summary.documents() == 0) {
            throw new JobException(
                    ExitCode.INPUT,
                    "none of " + summary.files() + " input files could be read: " + summary.rejectsByCode()
                            + "; the table rejects says why for each (" + Tables.path(out, "rejects") + ")");
        }
        return summary;
    }

    /// Parses each file once and keeps the outcome: two tables come of it.
    private static void stage(
            SparkSession spark, List<InputFile> files, Configuration hadoop, IngestLimits limits, Path staged) {
        JavaSparkContext context = new JavaSparkContext(spark.sparkContext());
        List<List<InputFile>> groups = balance(files, spark.sparkContext().defaultParallelism());
        JavaRDD<Row> rows = context.parallelize(groups, groups.size())
                .flatMap(List::iterator)
                .map(file -> RowFactory.create(file.uri(), file.size()));
        Dataset<Row> listed = spark.createDataFrame(rows, IngestTransform.FILES);
        Broadcast<SerializableConfiguration> broadcast = context.broadcast(new SerializableConfiguration(hadoop));
        Tables.writeParquet(IngestTransform.apply(listed, broadcast, limits), staged);
    }

    /// Largest file first to the least loaded group. A group is a partition; there are enough of them that a slow
    /// one does not hold up the end.
    static List<List<InputFile>> balance(List<InputFile> files, int parallelism) {
        long total = files.stream().mapToLong(f -> f.size() + OPEN_BYTES).sum();
        long wanted = Math.max(parallelism * 4L, total / PARTITION_BYTES);
        int count = (int) Math.clamp(wanted, 1, files.size());
        List<List<InputFile>> groups = new ArrayList<>();
        long[] load = new long[count];
        PriorityQueue<Integer> least = new PriorityQueue<>(
                Comparator.<Integer>comparingLong(g -> load[g]).thenComparing(Comparator.naturalOrder()));
        for (int i = 0; i < count; i++) {
            groups.add(new ArrayList<>());
            least.add(i);
        }
        List<InputFile> largestFirst = new ArrayList<>(files);
        largestFirst.sort(Comparator.comparingLong(InputFile::size).reversed().thenComparing(InputFile::uri));
        for (InputFile file : largestFirst) {
            int group = least.remove();
            groups.get(group).add(file);
            load[group] += file.size() + OPEN_BYTES;
            least.add(group);
        }
        return groups;
    }

    private static void split(SparkSession spark, Path staged, String out) {
        Dataset<Row> outcomes = spark.read().schema(IngestTransform.OUTCOMES).parquet(staged.toString());
        Dataset<Row> documents = outcomes.where(col("document").isNotNull()).select("document.*");
        Dataset<Row> kept = documents
                .groupBy("doc_id")
                .agg(min("uri").as("kept_uri"), count(lit(1)).as("copies"))
                .where(col("copies").gt(1))
                .select(col("doc_id").as("kept_id"), col("kept_uri"));
        Dataset<Row> duplicates = documents
                .select("uri", "doc_id", "byte_size")
                .join(kept, col("doc_id").equalTo(col("kept_id")).and(col("uri").notEqual(col("kept_uri"))))
                .select(
                        col("uri"),
                        col("doc_id"),
                        lit(STAGE).as("stage"),
                        lit(RejectCode.DUPLICATE.name()).as("code"),
                        concat(lit("the same bytes as "), col("kept_uri")).as("message"),
                        col("byte_size"),
                        lit(null).cast("long").as("token_count"),
                        current_timestamp().as("rejected_at"));
        Dataset<Row> rejects = outcomes.where(col("reject").isNotNull()).select("reject.*");
        Dataset<Row> copies = duplicates.select(col("uri").as("copy_uri"));
        Tables.write(documents.join(copies, col("uri").equalTo(col("copy_uri")), "left_anti"), out, "documents");
        Tables.write(rejects.unionByName(duplicates), out, "rejects", STAGE);
    }

    /// Counts the tables as they stand on disk against the list of files.
    private static IngestSummary account(SparkSession spark, List<InputFile> files, String out, long millis) {
        Dataset<Row> documents = Tables.read(spark, out, "documents");
        Dataset<Row> rejects = Tables.read(spark, out, "rejects", STAGE);
        Dataset<Row> listed = spark.createDataset(
                        files.stream().map(InputFile::uri).toList(), org.apache.spark.sql.Encoders.STRING())
                .toDF("uri");
        Dataset<Row> places = listed.withColumn("listed", lit(1))
                .withColumn("found", lit(0))
                .unionByName(documents
                        .select("uri")
                        .unionByName(rejects.select("uri"))
                        .withColumn("listed", lit(0))
                        .withColumn("found", lit(1)))
                .groupBy("uri")
                .agg(sum("listed").as("listed"), sum("found").as("found"));
        List<Row> wrong = places.where(col("listed").notEqual(1).or(col("found").notEqual(1)))
                .orderBy("uri")
                .limit(3)
                .collectAsList();
        if (!wrong.isEmpty()) {
            throw new JobException(
                    ExitCode.QUALITY,
                    "the account of files does not balance: each of " + files.size()
                            + " input files belongs in documents or rejects once; not so: " + wrong);
        }
        Map<String, Long> byCode = new TreeMap<>();
        for (Row row : rejects.groupBy("code").count().collectAsList()) {
            byCode.put(row.getString(0), row.getLong(1));
        }
        Row totals = documents.agg(count(lit(1)), sum("char_count")).first();
        long rejected = byCode.values().stream().mapToLong(Long::longValue).sum();
        return new IngestSummary(
                files.size(),
                files.stream().mapToLong(InputFile::size).sum(),
                totals.getLong(0),
                rejected,
                totals.isNullAt(1) ? 0 : totals.getLong(1),
                byCode,
                millis);
    }

    private static void delete(Path staged, Configuration hadoop) {
        try {
            staged.getFileSystem(hadoop).delete(staged, true);
        } catch (IOException e) {
            LOG.warn("{} could not be deleted: {}", staged, e.getMessage());
        }
    }
}
