package dev.lectern.pipeline.table;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.raise_error;
import static org.apache.spark.sql.functions.when;

import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import dev.lectern.schemas.ColumnType;
import dev.lectern.schemas.TableContract;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/// The pipeline's tables in a run's output folder: Parquet, held to their contracts when written and when read.
///
/// A table is written beside its place under a name that readers do not see, then renamed: atomic on local disks and
/// HDFS, so that a table is there whole or not at all. Stateless and thread-safe.
public final class Tables {
    /// Rows may hold tens of megabytes of text; a row group is what readers and writers hold in memory.
    private static final int ROW_GROUP_BYTES = 16 << 20;

    /// The job that makes a table, for the message that it is missing.
    private static final Map<String, String> MADE_BY =
            Map.of("documents", "ingest", "rejects", "ingest", "contexts", "pack", "results", "infer", "runs", "run");

    private Tables() {}

    /// The columns of a table without a task's output, partition columns included.
    public static StructType structType(String table) {
        return SparkTypes.struct(TableContract.load(table).columns(), null);
    }

    /// The columns of `results` for a task.
    ///
    /// @param output what the task's schema types an answer as
    public static StructType resultsType(StructType output) {
        return SparkTypes.struct(TableContract.load("results").columns(), output);
    }

    public static Path path(String out, String table) {
        return new Path(new Path(out), table);
    }

    /// The folder of one partition, `out/rejects/stage=pack`.
    public static Path path(String out, String table, String partition) {
        return new Path(path(out, table), partitionColumn(table) + "=" + partition);
    }

    /// Whether there is a table to read.
    public static boolean exists(SparkSession spark, String out, String table) {
        return holdsFiles(spark, path(out, table));
    }

    /// The values of the partition column that have files, sorted.
    public static List<String> partitions(SparkSession spark, String out, String table) {
        String prefix = partitionColumn(table) + "=";
        Path folder = path(out, table);
        try {
            FileSystem fs = fileSystem(spark, folder);
            if (!fs.exists(folder)) {
                return List.of();
            }
            List<String> partitions = new ArrayList<>();
            for (FileStatus status : fs.listStatus(folder)) {
                String name = status.getPath().getName();
                if (status.isDirectory() && name.startsWith(prefix) && holdsFiles(spark, status.getPath())) {
                    partitions.add(name.substring(prefix.length()));
                }
            }
            partitions.sort(null);
            return partitions;
        } catch (IOException e) {
            throw unreachable(folder, e);
        }
    }

    /// Reads a whole table in the contract's order of columns. Columns that a file of an older version lacks are
    /// null.
    ///
    /// @throws JobException (INPUT) when it is missing, (QUALITY) when it breaks the contract
    public static Dataset<Row> read(SparkSession spark, String out, String table) {
        requirePresent(spark, path(out, table), table);
        return checked(spark, path(out, table).toString(), table);
    }

    /// Reads one partition; the partition column is among the columns.
    public static Dataset<Row> read(SparkSession spark, String out, String table, String partition) {
        Path folder = path(out, table, partition);
        requirePresent(spark, folder, table);
        Dataset<Row> rows = spark.read().parquet(folder.toString()).withColumn(partitionColumn(table), lit(partition));
        return conforming(rows, table, folder.toString());
    }

    /// Replaces a table that has no partitions.
    ///
    /// @throws JobException (QUALITY) when the rows break the contract
    public static void write(Dataset<Row> rows, String out, String table) {
        if (!TableContract.load(table).partitionedBy().isEmpty()) {
            throw new IllegalArgumentException("table " + table + " is partitioned: name the partition to write");
        }
        replace(toWrite(rows, table), path(out, table));
    }

    /// Replaces one partition of a table and leaves the others alone.
    ///
    /// @param rows with the partition column (its value is not looked at) or without it
    public static void write(Dataset<Row> rows, String out, String table, String partition) {
        Dataset<Row> whole = rows.withColumn(partitionColumn(table), lit(partition));
        replace(toWrite(whole, table).drop(partitionColumn(table)), path(out, table, partition));
    }

    /// Adds rows to a table that has no partitions.
    public static void append(Dataset<Row> rows, String out, String table) {
        SparkSession spark = rows.sparkSession();
        Path target = path(out, table);
        Path hidden = hidden(target);
        writeParquet(toWrite(rows, table), hidden);
        try {
            FileSystem fs = fileSystem(spark, target);
            fs.mkdirs(target);
            for (FileStatus part : fs.listStatus(hidden)) {
                // Spark's names hold a UUID of the write, so they do not collide.
                if (part.getPath().getName().startsWith("part-")) {
                    rename(fs, part.getPath(), new Path(target, part.getPath().getName()));
                }
            }
            fs.delete(hidden, true);
        } catch (IOException e) {
            throw unreachable(target, e);
        }
    }

    private static Dataset<Row> checked(SparkSession spark, String folder, String table) {
        StructType found = spark.read().parquet(folder).schema();
        List<String> partitionedBy = TableContract.load(table).partitionedBy();
        if (!partitionedBy.isEmpty()) {
            // Spark guesses the type of a folder's value: a task called 007 would become the number 7.
            StructType typed = new StructType();
            for (StructField field : found.fields()) {
                typed = partitionedBy.contains(field.name()) ? typed.add(field.name(), "string") : typed.add(field);
            }
            found = typed;
        }
        return conforming(spark.read().schema(found).parquet(folder), table, folder);
    }

    /// The rows in the contract's order of columns.
    ///
    /// @throws JobException (QUALITY) naming each column that is missing or has another type
    static Dataset<Row> conforming(Dataset<Row> rows, String table, String where) {
        TableContract contract = TableContract.load(table);
        List<String> found = Arrays.asList(rows.columns());
        List<String> problems = new ArrayList<>();
        List<Column> columns = new ArrayList<>();
        for (TableContract.Column column : contract.columns()) {
            if (!found.contains(column.name())) {
                if (!column.nullable() || hasOutput(column)) {
                    problems.add("column '" + column.name() + "': missing, expected " + column.type());
                } else {
                    columns.add(
                            lit(null).cast(SparkTypes.of(column.type(), null)).as(column.name()));
                }
                continue;
            }
            DataType type = rows.schema().apply(column.name()).dataType();
            DataType expected = SparkTypes.of(column.type(), hasOutput(column) ? type : null);
            if (!SparkTypes.same(type, expected)) {
                problems.add("column '" + column.name() + "': found " + SparkTypes.simpleName(type) + ", expected "
                        + SparkTypes.simpleName(expected));
            }
            columns.add(col(column.name()));
        }
        throwProblems(table, where, contract, problems);
        return rows.select(columns.toArray(Column[]::new));
    }

    /// The rows as they are written: exactly the contract's columns; a null where none may be fails the write.
    private static Dataset<Row> toWrite(Dataset<Row> rows, String table) {
        TableContract contract = TableContract.load(table);
        List<String> problems = new ArrayList<>();
        List<String> known =
                contract.columns().stream().map(TableContract.Column::name).toList();
        for (String name : rows.columns()) {
            if (!known.contains(name)) {
                problems.add("column '" + name + "': found, but the contract has no such column");
            }
        }
        throwProblems(table, "to write", contract, problems);
        Dataset<Row> conforming = conforming(rows, table, "to write");
        List<Column> columns = new ArrayList<>();
        for (TableContract.Column column : contract.columns()) {
            boolean mayBeNull = conforming.schema().apply(column.name()).nullable();
            columns.add(column.nullable() || !mayBeNull ? col(column.name()) : notNull(table, column.name()));
        }
        return conforming.select(columns.toArray(Column[]::new));
    }

    private static Column notNull(String table, String name) {
        String message = "table " + table + ", column '" + name + "': found null, the contract says that there is none";
        return when(col(name).isNull(), raise_error(lit(message)))
                .otherwise(col(name))
                .as(name);
    }

    private static void throwProblems(String table, String where, TableContract contract, List<String> problems) {
        if (!problems.isEmpty()) {
            throw new JobException(
                    ExitCode.QUALITY,
                    "table " + table + " (" + where + ") breaks its contract, version " + contract.version() + ": "
                            + String.join("; ", problems));
        }
    }

    private static boolean hasOutput(TableContract.Column column) {
        return column.type() == ColumnType.Simple.OUTPUT;
    }

    private static void replace(Dataset<Row> rows, Path target) {
        Path hidden = hidden(target);
        writeParquet(rows, hidden);
        try {
            FileSystem fs = fileSystem(rows.sparkSession(), target);
            Path old = hidden(target);
            boolean replaces = fs.exists(target);
            if (replaces) {
                rename(fs, target, old);
            }
            rename(fs, hidden, target);
            if (replaces) {
                fs.delete(old, true);
            }
        } catch (IOException e) {
            throw unreachable(target, e);
        }
    }

    /// Writes rows of any schema to a new folder, in row groups of bounded size.
    public static void writeParquet(Dataset<Row> rows, Path folder) {
        SparkSession spark = rows.sparkSession();
        // A setting of the session alone: Spark's default, INT96, has no statistics and other readers refuse it.
        spark.conf().set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS");
        try {
            rows.write()
                    .option("compression", "zstd")
                    .option("parquet.block.size", ROW_GROUP_BYTES)
                    // Parquet looks at the size of a row group after 100 rows first; 100 documents may be gigabytes.
                    .option("parquet.block.size.row.check.min", 1)
                    .option("parquet.page.size.row.check.min", 1)
                    .parquet(folder.toString());
        } catch (RuntimeException e) {
            deleteAfter(e, spark, folder);
            throw e;
        }
    }

    /// Leaves nothing half-written; that this fails too is told with what failed first.
    private static void deleteAfter(RuntimeException failure, SparkSession spark, Path folder) {
        try {
            fileSystem(spark, folder).delete(folder, true);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private static void rename(FileSystem fs, Path from, Path to) throws IOException {
        fs.mkdirs(to.getParent());
        if (!fs.rename(from, to)) {
            throw new IOException("cannot rename " + from + " to " + to);
        }
    }

    /// A sibling that Spark and other readers skip.
    private static Path hidden(Path target) {
        return new Path(target.getParent(), ".tmp-" + target.getName().replace('=', '-') + "-" + UUID.randomUUID());
    }

    private static void requirePresent(SparkSession spark, Path folder, String table) {
        if (!holdsFiles(spark, folder)) {
            throw new JobException(
                    ExitCode.INPUT,
                    "table " + table + " is not there (" + folder + "); the job '" + MADE_BY.get(table)
                            + "' makes it: run that first, or check output.path");
        }
    }

    private static boolean holdsFiles(SparkSession spark, Path folder) {
        try {
            FileSystem fs = fileSystem(spark, folder);
            return fs.exists(folder) && holdsFiles(fs, folder);
        } catch (IOException e) {
            throw unreachable(folder, e);
        }
    }

    private static boolean holdsFiles(FileSystem fs, Path folder) throws IOException {
        for (FileStatus status : fs.listStatus(folder)) {
            String name = status.getPath().getName();
            boolean hidden = name.startsWith(".") || (name.startsWith("_") && !name.contains("="));
            if (!hidden && (status.isFile() || holdsFiles(fs, status.getPath()))) {
                return true;
            }
        }
        return false;
    }

    private static String partitionColumn(String table) {
        List<String> partitionedBy = TableContract.load(table).partitionedBy();
        if (partitionedBy.size() != 1) {
            throw new IllegalArgumentException("table " + table + " has no partitions");
        }
        return partitionedBy.getFirst();
    }

    private static FileSystem fileSystem(SparkSession spark, Path path) throws IOException {
        return path.getFileSystem(spark.sessionState().newHadoopConf());
    }

    private static JobException unreachable(Path path, IOException e) {
        return new JobException(ExitCode.INPUT, "cannot reach '" + path + "': " + e.getMessage(), e);
    }
}
