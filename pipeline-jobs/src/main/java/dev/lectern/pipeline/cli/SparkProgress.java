package dev.lectern.pipeline.cli;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.SparkSession;

/// Shows on a terminal how many tasks of the running Spark stages have ended.
final class SparkProgress extends SparkListener implements AutoCloseable {
    /// Inference shows its own progress, in tokens.
    private static final String TELLS_ITSELF = "infer";

    private final SparkSession spark;
    private final ProgressLine line;
    private final ConcurrentHashMap<Integer, Stage> stages = new ConcurrentHashMap<>();

    private record Stage(String job, int tasks, AtomicInteger ended) {}

    private SparkProgress(SparkSession spark, ProgressLine line) {
        this.spark = spark;
        this.line = line;
    }

    /// The caller closes it before the session.
    static SparkProgress follow(SparkSession spark, ProgressLine line) {
        SparkProgress progress = new SparkProgress(spark, line);
        if (line.onTerminal()) {
            spark.sparkContext().addSparkListener(progress);
        }
        return progress;
    }

    @Override
    public void onStageSubmitted(SparkListenerStageSubmitted submitted) {
        String description =
                submitted.properties() == null ? null : submitted.properties().getProperty("spark.job.description");
        String name = description == null ? "Spark" : description;
        if (submitted.stageInfo().numTasks() == 1 || name.equals(TELLS_ITSELF)) {
            return;
        }
        stages.put(
                submitted.stageInfo().stageId(),
                new Stage(name, submitted.stageInfo().numTasks(), new AtomicInteger()));
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd taskEnd) {
        Stage stage = stages.get(taskEnd.stageId());
        if (stage != null) {
            int ended = stage.ended().incrementAndGet();
            line.update(stage.job() + ": " + Math.min(ended, stage.tasks()) + " of " + stage.tasks() + " tasks");
        }
    }

    @Override
    public void onStageCompleted(SparkListenerStageCompleted completed) {
        stages.remove(completed.stageInfo().stageId());
    }

    @Override
    public void close() {
        spark.sparkContext().removeSparkListener(this);
        line.close();
    }
}
