package dev.lectern.pipeline.conf;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A whole job file, parsed and checked; relative paths are already resolved against the job file's folder, all
/// paths are Hadoop URIs. Serialisable: jobs ship it to executors.
public record JobConf(
        String name,
        Input input,
        Model model,
        Context context,
        List<Task> tasks,
        Sampling sampling,
        Limits limits,
        Output output)
        implements java.io.Serializable {
    public JobConf {
        tasks = List.copyOf(tasks);
    }

    /// @param paths   files, folders (all below) or globs
    /// @param exclude globs on the full path of files to leave out
    public record Input(List<String> paths, List<String> exclude) implements java.io.Serializable {
        public Input {
            paths = List.copyOf(paths);
            exclude = List.copyOf(exclude);
        }
    }

    /// @param path    GGUF file or Hugging Face folder
    /// @param backend `auto`, `cpu`, `scalar` (or `cuda`, which fails where there is none)
    /// @param threads 0 for all cores
    /// @param speculation whether tokens are guessed and verified several in one pass
    public record Model(String path, String backend, int threads, boolean speculation) implements java.io.Serializable {
        /// With speculation.
        public Model(String path, String backend, int threads) {
            this(path, backend, threads, true);
        }
    }

    /// @param grouping       one document a context, or as many as fit
    /// @param maxTokens      most tokens of a context, its prompt prefix and padding included
    /// @param overflow       what happens to a document that is longer
    /// @param alignQuestions pad the end so that question and answer share an attention chunk
    /// @param alignSentences let chunk borders fall between sentences
    /// @param maxPaddingPercent most that alignSentences may spend, in percent of a context's document tokens
    public record Context(
            Grouping grouping,
            int maxTokens,
            Overflow overflow,
            boolean alignQuestions,
            boolean alignSentences,
            double maxPaddingPercent)
            implements java.io.Serializable {}

    public enum Grouping {
        DOCUMENT,
        PACKED
    }

    public enum Overflow {
        SPLIT,
        REJECT
    }

    /// @param name      of the task and of its results table: letters, digits, `_` and `-`
    /// @param schema    JSON Schema of an answer
    /// @param questions CSV or JSONL whose columns fill the template; null for the one question that `question`
    ///                  is
    /// @param question  template: `{column}` is replaced by the column's value
    /// @param prompt    template of the user's turn; begins with `{document}` and holds `{question}`
    /// @param maxTokens most tokens of one request
    /// @param maxAnswerTokens most tokens of an answer whose lists are continued by further requests; 0 for
    ///                  [#CONTINUED] times `maxTokens`
    /// @param enforceSchema whether answers are held to the schema while they are written; else they are written
    ///                  freely and checked afterwards
    /// @param cite      whether answers are cited
    public record Task(
            String name,
            String schema,
            @Nullable String questions,
            String question,
            String prompt,
            int maxTokens,
            int maxAnswerTokens,
            boolean enforceSchema,
            boolean cite)
            implements java.io.Serializable {
        /// How many requests an answer may take where the job does not say.
        private static final int CONTINUED = 32;

        /// Most tokens of an answer, all its requests together.
        public int answerTokens() {
            return maxAnswerTokens > 0
                    ? maxAnswerTokens
                    : (int) Math.min((long) CONTINUED * maxTokens, Integer.MAX_VALUE);
        }
    }

    /// See the engine's `SamplingParams`.
    public record Sampling(float temperature, int topK, float topP, float minP, long seed)
            implements java.io.Serializable {}

    /// @param tokens          most tokens that a run may prefill and generate; 0 for no limit
    /// @param wallClockMillis most time that a run may take; 0 for no limit
    public record Limits(long tokens, long wallClockMillis) implements java.io.Serializable {}

    public record Output(String path) implements java.io.Serializable {}
}
