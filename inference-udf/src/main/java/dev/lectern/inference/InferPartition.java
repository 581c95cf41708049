package dev.lectern.inference;

import dev.lectern.engine.Cancellation;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;

/// Answers the questions of a partition's contexts: rows of [WorkColumns] in, part files written, rows of
/// [ManifestColumns] out.
///
/// A context is read once, row by row, and asked all its questions; the parts of a context appear before the next one
/// begins. What is wrong with a context or an answer becomes rows with an error code; a broken machine throws and
/// leaves the retry to Spark, which finds the parts that are there already.
///
/// @param engine         recipe of the engine
/// @param tasks          the job's tasks by name
/// @param results        folder of the results, any Hadoop URI
/// @param runId          of the rows
/// @param deadlineMillis since the epoch: contexts that are not done by then are left for the next run; 0 for never
/// @param hadoop         how to reach file systems
/// @param tokensRead     counts prefilled tokens while the work goes on
/// @param answered       counts questions with a row
public record InferPartition(
        EngineSpec engine,
        Map<String, TaskSpec> tasks,
        String results,
        String runId,
        long deadlineMillis,
        SerializableConfiguration hadoop,
        LongAccumulator tokensRead,
        LongAccumulator answered)
        implements MapPartitionsFunction<Row, Row> {
    public InferPartition {
        tasks = new HashMap<>(tasks);
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) throws IOException {
        PeekingRows input = new PeekingRows(rows);
        if (!input.hasNext()) {
            return List.<Row>of().iterator();
        }
        TaskContext task = TaskContext.get();
        Configuration conf = hadoop.value();
        ExecutorEngine.Lease lease = ExecutorEngine.acquire(engine, conf);
        task.addTaskCompletionListener((TaskCompletionListener) ended -> lease.close());
        Map<String, TaskRun> runs = new HashMap<>();
        for (TaskSpec spec : tasks.values()) {
            runs.put(spec.name(), TaskRun.open(spec, lease.engine(), results, conf));
        }
        Cancellation stop = () -> task.isInterrupted() || deadlinePassed();
        ContextRun context = new ContextRun(lease.engine(), runs, runId, stop, tokensRead, answered);
        String attempt = runId + "-" + task.taskAttemptId();
        return new Iterator<>() {
            private final Queue<PartManifest> done = new ArrayDeque<>();

            @Override
            public boolean hasNext() {
                while (done.isEmpty() && input.hasNext()) {
                    done.addAll(context.run(input, attempt, InferPartition.this::deadlinePassed));
                }
                return !done.isEmpty();
            }

            @Override
            public Row next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return ManifestColumns.toRow(done.remove());
            }
        };
    }

    private boolean deadlinePassed() {
        return deadlineMillis > 0 && System.currentTimeMillis() >= deadlineMillis;
    }
}
