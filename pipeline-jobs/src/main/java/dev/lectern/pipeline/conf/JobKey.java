package dev.lectern.pipeline.conf;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Every key of a job file: the one place that knows its name, its type and its default. `conf/job.yaml` explains
/// each.
enum JobKey {
    NAME("name", Type.NAME, null),
    INPUT_PATHS("input.paths", Type.PATHS, null),
    INPUT_EXCLUDE("input.exclude", Type.PATHS, "[]"),
    MODEL_PATH("model.path", Type.PATH, null),
    MODEL_BACKEND("model.backend", Type.BACKEND, "auto"),
    MODEL_THREADS("model.threads", Type.COUNT, "0"),
    MODEL_SPECULATION("model.speculation", Type.BOOLEAN, "true"),
    CONTEXT_GROUPING("context.grouping", Type.GROUPING, "document"),
    CONTEXT_MAX_TOKENS("context.maxTokens", Type.COUNT, "0"),
    CONTEXT_OVERFLOW("context.overflow", Type.OVERFLOW, "split"),
    CONTEXT_ALIGN_QUESTIONS("context.alignQuestions", Type.BOOLEAN, "true"),
    CONTEXT_ALIGN_SENTENCES("context.alignSentences", Type.BOOLEAN, "true"),
    CONTEXT_MAX_PADDING_PERCENT("context.maxPaddingPercent", Type.PERCENT, "3.0"),
    TASK_NAME("tasks[].name", Type.NAME, null),
    TASK_SCHEMA("tasks[].schema", Type.PATH, null),
    TASK_QUESTIONS("tasks[].questions", Type.PATH, "null"),
    TASK_QUESTION("tasks[].question", Type.TEXT, null),
    TASK_PROMPT("tasks[].prompt", Type.PROMPT, "\"{document}\\n\\nQuestion: {question}\""),
    TASK_MAX_TOKENS("tasks[].maxTokens", Type.POSITIVE, "256"),
    TASK_MAX_ANSWER_TOKENS("tasks[].maxAnswerTokens", Type.COUNT, "0"),
    TASK_ENFORCE_SCHEMA("tasks[].enforceSchema", Type.BOOLEAN, "true"),
    TASK_CITE("tasks[].cite", Type.BOOLEAN, "true"),
    SAMPLING_TEMPERATURE("sampling.temperature", Type.NOT_NEGATIVE, "0"),
    SAMPLING_TOP_K("sampling.topK", Type.COUNT, "0"),
    SAMPLING_TOP_P("sampling.topP", Type.FRACTION, "1"),
    SAMPLING_MIN_P("sampling.minP", Type.FRACTION, "0"),
    SAMPLING_SEED("sampling.seed", Type.INTEGER, "0"),
    LIMITS_TOKENS("limits.tokens", Type.LONG_COUNT, "0"),
    LIMITS_WALL_CLOCK("limits.wallClock", Type.DURATION, "0"),
    OUTPUT_PATH("output.path", Type.PATH, null);

    /// What a value has to be; the label completes the sentence "expected …".
    enum Type {
        NAME("a name of letters, digits, '_' and '-', beginning with a letter or digit, at most 64 long"),
        TEXT("text"),
        PATH("a path or URI"),
        PATHS("a list of paths, URIs or globs"),
        PROMPT("a template that begins with {document} and holds {question} once"),
        BACKEND("auto, cpu, scalar or cuda"),
        GROUPING("document or packed"),
        OVERFLOW("split or reject"),
        BOOLEAN("true or false"),
        INTEGER("a whole number"),
        COUNT("a whole number from 0 to 2147483647"),
        LONG_COUNT("a whole number, 0 or more"),
        POSITIVE("a whole number from 1 to 2147483647"),
        PERCENT("a number from 0 to 100"),
        NOT_NEGATIVE("a number, 0 or more"),
        FRACTION("a number from 0 to 1"),
        DURATION("a duration with its unit, such as 6h, 30m, 90s or 1h30m, or 0");

        private final String label;

        Type(String label) {
            this.label = label;
        }

        String label() {
            return label;
        }
    }

    private final String path;
    private final Type type;
    private final @Nullable String defaultYaml;

    JobKey(String path, Type type, @Nullable String defaultYaml) {
        this.path = path;
        this.type = type;
        this.defaultYaml = defaultYaml;
    }

    /// Dotted from the top of the file; `tasks[]` stands for any task.
    String path() {
        return path;
    }

    Type type() {
        return type;
    }

    /// The value, as YAML, of a key that is not there; empty for a required key.
    Optional<String> defaultYaml() {
        return Optional.ofNullable(defaultYaml);
    }

    /// Names directly below a section (`""` for the top, `context`, `tasks[]`): sections and keys.
    static List<String> namesBelow(String section) {
        String prefix = section.isEmpty() ? "" : section + ".";
        return Arrays.stream(values())
                .map(JobKey::path)
                .filter(p -> p.startsWith(prefix))
                .map(p -> p.substring(prefix.length()))
                .map(p -> p.contains(".") ? p.substring(0, p.indexOf('.')) : p)
                .map(p -> p.replace("[]", ""))
                .distinct()
                .toList();
    }

    static Optional<JobKey> ofPath(String path) {
        return Arrays.stream(values()).filter(k -> k.path.equals(path)).findFirst();
    }
}
