package dev.lectern.pipeline.sql;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.to_json;

import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import dev.lectern.pipeline.table.Tables;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/// The tables of an output folder as temporary views: `documents`, `rejects`, `contexts`, `runs`, `results_TASK`
/// with the task's own struct, and `results` over all tasks with `output` as JSON text. A hyphen in a task's name
/// is `_` in its view's.
public final class SqlViews {
    private static final List<String> PLAIN = List.of("documents", "rejects", "contexts", "runs");

    private SqlViews() {}

    /// Registers a view for each table that is there.
    ///
    /// @return the views' names
    /// @throws JobException (INPUT) when there is no table at all, (QUALITY) when one breaks its contract
    public static List<String> register(SparkSession spark, String out) {
        List<String> views = new ArrayList<>();
        for (String table : PLAIN) {
            if (Tables.exists(spark, out, table)) {
                Tables.read(spark, out, table).createOrReplaceTempView(table);
                views.add(table);
            }
        }
        Dataset<Row> all = null;
        for (String task : Tables.partitions(spark, out, "results")) {
            Dataset<Row> results = Tables.read(spark, out, "results", task);
            String view = "results_" + task.replace('-', '_');
            results.createOrReplaceTempView(view);
            views.add(view);
            Dataset<Row> common =
                    results.withColumn("output", to_json(col("output"), Map.of("ignoreNullFields", "false")));
            all = all == null ? common : all.unionByName(common);
        }
        if (all != null) {
            all.createOrReplaceTempView("results");
            views.add("results");
        }
        if (views.isEmpty()) {
            throw new JobException(
                    ExitCode.INPUT,
                    "no tables in '" + out
                            + "'; expected documents, rejects, contexts, results or runs there: is it the"
                            + " output.path of a job that ran?");
        }
        return views;
    }
}
