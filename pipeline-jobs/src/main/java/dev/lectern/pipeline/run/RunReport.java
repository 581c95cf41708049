package dev.lectern.pipeline.run;

import dev.lectern.inference.GuessedTokens;
import dev.lectern.inference.SchemaWork;
import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.conf.JobConf;
import dev.lectern.pipeline.pack.TokenAccount;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a run did, used and came to: a row of the runs table and, with more structure, `run.json`.
///
/// @param runId           unique; sorts by start
/// @param conf            the whole job, defaults and overrides included
/// @param status          SUCCEEDED, FAILED or STOPPED
/// @param message         why it did not succeed; null when it did
/// @param documents       what became of the files
/// @param tokens          where the document tokens went
/// @param work            what the engine did
/// @param results         what became of the questions
/// @param stageMillis     time that each stage took, in the order of the stages
/// @param peakMemoryBytes most resident memory of a process of the run; null where no system told
/// @param heapMaxBytes    the driver's heap limit
/// @param notes           what the user should know, each in a sentence
public record RunReport(
        String runId,
        String name,
        String version,
        Instant startedAt,
        Instant finishedAt,
        String status,
        ExitCode exitCode,
        @Nullable String message,
        Documents documents,
        TokenAccount tokens,
        Work work,
        Results results,
        Identity identity,
        Map<String, Long> stageMillis,
        @Nullable Long peakMemoryBytes,
        long heapMaxBytes,
        List<String> notes,
        JobConf conf) {
    public RunReport {
        notes = List.copyOf(notes);
        stageMillis = Collections.unmodifiableMap(new LinkedHashMap<>(stageMillis));
    }

    /// @param files         found
    /// @param documents     of them, readable
    /// @param rejectsByCode files and documents that went no further
    public record Documents(long files, long documents, Map<String, Long> rejectsByCode) {
        public static final Documents NONE = new Documents(0, 0, Map.of());

        public Documents {
            rejectsByCode = Collections.unmodifiableMap(new TreeMap<>(rejectsByCode));
        }

        public long rejects() {
            return rejectsByCode.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /// Of this run alone, not of the runs that it resumed.
    ///
    /// @param contextTokens   tokens of contexts that the engine read
    /// @param promptTokens    tokens of questions that it read behind them
    /// @param tokensReused    context tokens that a question needed and found already read
    /// @param tokensGenerated tokens that the engine wrote
    /// @param prefillMillis   engine time to read contexts, summed over contexts
    /// @param decodeMillis    time to answer, summed over contexts
    /// @param schemaWork      of holding answers to their schemas
    /// @param guessedTokens   of the tokens written, those that were guessed
    /// @param compileMicros   time to compile the tasks' schemas
    public record Work(
            long contextTokens,
            long promptTokens,
            long tokensReused,
            long tokensGenerated,
            long prefillMillis,
            long decodeMillis,
            SchemaWork schemaWork,
            GuessedTokens guessedTokens,
            long compileMicros) {
        public static final Work NONE = new Work(0, 0, 0, 0, 0, 0, SchemaWork.NONE, GuessedTokens.NONE, 0);

        public long tokensPrefilled() {
            return contextTokens + promptTokens;
        }

        /// Context tokens read a second; null when nothing was read.
        public @Nullable Double prefillTokensPerSecond() {
            return prefillMillis == 0 ? null : contextTokens * 1000.0 / prefillMillis;
        }

        /// Tokens written a second; null when nothing was written.
        public @Nullable Double decodeTokensPerSecond() {
            return decodeMillis == 0 ? null : tokensGenerated * 1000.0 / decodeMillis;
        }
    }

    /// @param questions      pairs of context and question
    /// @param answeredBefore of them, answered by earlier runs
    /// @param left           of them, left for the next run by a limit
    /// @param disagreements  results, of this run and earlier ones, whose answer was held to its schema and is
    ///                       refused by the validator
    /// @param byStatus       this run's results per status
    /// @param errorsByCode   this run's results that are not OK, per code
    public record Results(
            long questions,
            long answeredBefore,
            long left,
            long disagreements,
            Map<String, Long> byStatus,
            Map<String, Long> errorsByCode) {
        public static final Results NONE = new Results(0, 0, 0, Map.of(), Map.of());

        /// Without disagreements.
        public Results(
                long questions,
                long answeredBefore,
                long left,
                Map<String, Long> byStatus,
                Map<String, Long> errorsByCode) {
            this(questions, answeredBefore, left, 0, byStatus, errorsByCode);
        }

        public Results {
            byStatus = Collections.unmodifiableMap(new TreeMap<>(byStatus));
            errorsByCode = Collections.unmodifiableMap(new TreeMap<>(errorsByCode));
        }
    }

    /// Fingerprints and machinery; null what the run did not come to.
    public record Identity(
            @Nullable String model,
            @Nullable String tokenizer,
            @Nullable String recipe,
            @Nullable String backend,
            @Nullable Integer threads) {
        public static final Identity NONE = new Identity(null, null, null, null, null);
    }

    public boolean succeeded() {
        return exitCode == ExitCode.OK;
    }
}
