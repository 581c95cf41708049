package dev.lectern.pipeline.pack;

import dev.lectern.pipeline.conf.JobConf;
import dev.lectern.pipeline.infer.Question;
import dev.lectern.pipeline.infer.Questions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/// How much room a job's questions and their answers need behind a context.
final class QuestionTokens {
    private QuestionTokens() {}

    /// Tokens of the longest question of any task, the rest of the chat layout included, with its answer's budget.
    /// The budget counts whole, since nobody knows an answer's length before it is written.
    static int longest(JobConf conf, Configuration hadoop, ModelText model) {
        Map<String, Integer> budgets = new HashMap<>();
        for (JobConf.Task task : conf.tasks()) {
            budgets.put(task.name(), task.maxTokens());
        }
        return longest(Questions.read(conf, hadoop), budgets, model);
    }

    private static int longest(List<Question> questions, Map<String, Integer> budgets, ModelText model) {
        int suffix = model.chat().userSuffix().length;
        return questions.stream()
                .mapToInt(
                        question -> model.tokenizer().encode(question.prompt()).length()
                                + suffix
                                + budgets.getOrDefault(question.task(), 0))
                .max()
                .orElse(0);
    }
}
