package dev.lectern.pipeline.sql;

import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.plans.logical.Command;
import org.apache.spark.sql.catalyst.plans.logical.InsertIntoStatement;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;

/// Answers a query over the tables of an output folder. It only reads: statements that change something are refused.
public final class SqlJob {
    private static final List<String> READING = List.of("Show", "Describe", "Explain");

    private SqlJob() {}

    /// How rows are written.
    public enum Format {
        /// Columns in line for a reader; long values end in `…`.
        TABLE,
        /// One object a row with all its values, nulls too.
        JSON_LINES
    }

    /// Registers the views, runs the query and writes its rows.
    ///
    /// @param out  a job's output folder; a path without a scheme is a local one
    /// @param sink receives whole lines
    /// @return the number of rows
    /// @throws JobException (USAGE) in Spark's words when the query is wrong, (INPUT) when there are no tables
    public static long run(SparkSession spark, String out, String query, Format format, Appendable sink) {
        List<String> views = SqlViews.register(spark, qualified(out));
        try {
            LogicalPlan plan = spark.sessionState().sqlParser().parsePlan(query);
            if (plan.exists(p -> changes(p))) {
                throw new JobException(
                        ExitCode.USAGE, "sql only reads; found a statement that changes something: " + query.strip());
            }
            Dataset<Row> rows = spark.sql(query);
            return switch (format) {
                case TABLE -> SqlOutput.table(rows, sink);
                case JSON_LINES -> SqlOutput.jsonLines(rows, sink);
            };
        } catch (JobException e) {
            throw e;
        } catch (Exception e) {
            Optional<String> message = message(e);
            if (message.isPresent()) {
                throw new JobException(ExitCode.USAGE, message.get() + hint(message.get(), views), e);
            }
            throw e instanceof RuntimeException unexpected ? unexpected : new IllegalStateException(e);
        }
    }

    private static boolean changes(LogicalPlan plan) {
        String name = plan.getClass().getSimpleName();
        return plan instanceof InsertIntoStatement
                || (plan instanceof Command && READING.stream().noneMatch(name::startsWith));
    }

    private static String hint(String message, List<String> views) {
        return message.contains("TABLE_OR_VIEW_NOT_FOUND") ? " Views here: " + String.join(", ", views) + "." : "";
    }

    /// The first line of what Spark says of the query or of a value in it; empty for a failure of another kind.
    private static Optional<String> message(Throwable failure) {
        String found = null;
        for (Throwable e = failure; e != null; e = e.getCause()) {
            if (e instanceof SparkThrowable spark && spark.getCondition() != null && e.getMessage() != null) {
                found = e.getMessage();
            }
        }
        return Optional.ofNullable(found)
                .flatMap(m ->
                        m.lines().map(String::strip).filter(l -> !l.isEmpty()).findFirst());
    }

    private static String qualified(String out) {
        boolean hasScheme = out.toLowerCase(Locale.ROOT).matches("[a-z][a-z0-9+.-]+:.*");
        return hasScheme
                ? out
                : "file:" + java.nio.file.Path.of(out).toAbsolutePath().normalize();
    }
}
