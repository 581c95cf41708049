package dev.lectern.pipeline.infer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/// Which contexts are asked in this run, in which order, in which partition: the longest first, so that no long one
/// begins when all others are done. Contexts are told apart by their place alone, whatever Spark does to partitions.
///
/// @param contexts   in the order of work
/// @param partitions at most [#MAX_PARTITIONS]
/// @param left       questions of contexts that the token limit leaves out
record WorkPlan(List<Load> contexts, int partitions, long left) {
    /// Beyond this many contexts some share a partition: the driver keeps a record of each task.
    private static final int MAX_PARTITIONS = 10_000;

    static final StructType TYPE = new StructType()
            .add("context_id", DataTypes.StringType, false)
            .add("partition", DataTypes.IntegerType, false)
            .add("place", DataTypes.IntegerType, false);

    /// @param tokens    of the context
    /// @param questions number of its questions
    /// @param budget    most tokens that questions and answers take
    record Load(String contextId, long tokens, long questions, long budget) {}

    WorkPlan {
        contexts = List.copyOf(contexts);
    }

    /// @param tokenLimit most tokens that the contexts chosen may take, read and written; 0 for no limit
    static WorkPlan of(List<Load> loads, long tokenLimit) {
        List<Load> sorted = new ArrayList<>(loads);
        sorted.sort(Comparator.comparingLong(Load::tokens)
                .thenComparingLong(Load::budget)
                .reversed()
                .thenComparing(Load::contextId));
        List<Load> chosen = new ArrayList<>();
        long spent = 0;
        long left = 0;
        for (Load load : sorted) {
            if (tokenLimit > 0 && spent + load.tokens() + load.budget() > tokenLimit) {
                left += load.questions();
            } else {
                spent += load.tokens() + load.budget();
                chosen.add(load);
            }
        }
        return new WorkPlan(chosen, Math.clamp(chosen.size(), 1, MAX_PARTITIONS), left);
    }

    List<Row> rows() {
        List<Row> rows = new ArrayList<>(contexts.size());
        for (int place = 0; place < contexts.size(); place++) {
            rows.add(RowFactory.create(contexts.get(place).contextId(), place % partitions, place));
        }
        return rows;
    }

    long tokens() {
        return contexts.stream().mapToLong(Load::tokens).sum();
    }

    long questions() {
        return contexts.stream().mapToLong(Load::questions).sum();
    }
}
