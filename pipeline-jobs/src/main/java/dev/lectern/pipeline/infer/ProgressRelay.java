package dev.lectern.pipeline.infer;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import scala.jdk.javaapi.CollectionConverters;

/// Turns Spark's events into [InferProgress]. Accumulators of running tasks come with the executors' heartbeats,
/// those of ended tasks with their end.
final class ProgressRelay extends SparkListener {
    private final long tokensRead;
    private final long answered;
    private final InferProgress.State total;
    private final InferProgress progress;
    private final ConcurrentMap<Long, Long> tokensByTask = new ConcurrentHashMap<>();
    private final ConcurrentMap<Long, Long> answersByTask = new ConcurrentHashMap<>();
    private final AtomicLong contextsDone = new AtomicLong();

    /// @param tokensRead id of the accumulator of prefilled tokens
    /// @param answered   id of the accumulator of answered questions
    /// @param total      with the totals, nothing done
    ProgressRelay(long tokensRead, long answered, InferProgress.State total, InferProgress progress) {
        this.tokensRead = tokensRead;
        this.answered = answered;
        this.total = total;
        this.progress = progress;
    }

    @Override
    public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
        boolean ours = false;
        for (var task : CollectionConverters.asJava(update.accumUpdates())) {
            ours |= take((Long) task._1(), CollectionConverters.asJava(task._4()));
        }
        if (ours) {
            tell();
        }
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd ended) {
        long id = ended.taskInfo().taskId();
        if (ended.taskInfo().successful()
                && take(id, CollectionConverters.asJava(ended.taskInfo().accumulables()))) {
            // Most partitions hold one context; with more than that the count lags behind until the end.
            contextsDone.incrementAndGet();
            tell();
        }
    }

    private boolean take(long task, Iterable<AccumulableInfo> values) {
        boolean ours = false;
        for (AccumulableInfo value : values) {
            if (value.update().isEmpty() || !(value.update().get() instanceof Long count)) {
                continue;
            }
            if (value.id() == tokensRead) {
                tokensByTask.put(task, count);
                ours = true;
            } else if (value.id() == answered) {
                answersByTask.put(task, count);
                ours = true;
            }
        }
        return ours;
    }

    private void tell() {
        progress.update(new InferProgress.State(
                Math.min(contextsDone.get(), total.contexts()),
                total.contexts(),
                sum(tokensByTask),
                total.tokens(),
                sum(answersByTask),
                total.questions()));
    }

    private static long sum(ConcurrentMap<Long, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}
