package dev.lectern.pipeline.infer;

import dev.lectern.inference.TaskSpec;
import java.io.Serializable;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.GlobPattern;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/// Contexts to the questions that are asked of them, each with its result's key.
///
/// @param questions of all tasks
/// @param budgets   most tokens that each question and its answer take, in the same order
/// @param tasks     by name
record PendingQuestions(List<Question> questions, List<Integer> budgets, Map<String, TaskSpec> tasks)
        implements FlatMapFunction<Row, Row>, Serializable {
    static final StructType TYPE = new StructType()
            .add("context_id", DataTypes.StringType, false)
            .add("token_count", DataTypes.IntegerType, false)
            .add("doc_id", DataTypes.StringType, true)
            .add("task", DataTypes.StringType, false)
            .add("question_id", DataTypes.StringType, false)
            .add("result_id", DataTypes.StringType, false)
            .add("prompt", DataTypes.StringType, false)
            .add("number", DataTypes.IntegerType, false)
            .add("budget", DataTypes.IntegerType, false);

    PendingQuestions {
        questions = List.copyOf(questions);
        budgets = List.copyOf(budgets);
        tasks = new HashMap<>(tasks);
    }

    /// @param context a row of [InferTransform#heads]
    @Override
    public Iterator<Row> call(Row context) {
        List<String> names = new ArrayList<>();
        for (String uri : context.<String>getList(context.fieldIndex("uris"))) {
            names.addAll(names(uri));
        }
        String contextId = context.getAs("context_id");
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            Question question = questions.get(i);
            TaskSpec task = tasks.get(question.task());
            if (task == null || !applies(question.document(), names)) {
                continue;
            }
            rows.add(RowFactory.create(
                    contextId,
                    context.getAs("token_count"),
                    context.getAs("doc_id"),
                    question.task(),
                    question.id(),
                    task.fingerprints().resultId(contextId, question.id(), question.text(), task.cite()),
                    question.prompt(),
                    i,
                    budgets.get(i)));
        }
        return rows.iterator();
    }

    private static boolean applies(@Nullable String glob, List<String> names) {
        if (glob == null) {
            return true;
        }
        GlobPattern pattern = new GlobPattern(glob);
        return names.stream().anyMatch(pattern::matches);
    }

    /// A document's file name, as the URI spells it and as a person would.
    static List<String> names(String uri) {
        String name = uri.substring(uri.lastIndexOf('/') + 1);
        try {
            String decoded = URLDecoder.decode(name.replace("+", "%2B"), StandardCharsets.UTF_8);
            return decoded.equals(name) ? List.of(name) : List.of(name, decoded);
        } catch (IllegalArgumentException e) {
            // A percent sign that encodes nothing is part of the name.
            return List.of(name);
        }
    }
}
