package dev.lectern.pipeline.infer;

import dev.lectern.inference.GuessedTokens;
import dev.lectern.inference.PartManifest;
import dev.lectern.inference.SchemaWork;
import dev.lectern.pipeline.ExitCode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What a run of inference did. Tokens and times are of this run alone.
///
/// @param contexts      contexts asked in this run
/// @param questions     rows written in this run
/// @param earlier       rows that were there already
/// @param left          questions that a limit left for the next run
/// @param disagreements rows, of this run and earlier ones, whose answer was held to its schema and is refused by
///                      the validator: the engine and the validator read the schema differently
/// @param codes         rows of this run by error code
/// @param prefillTokens tokens of contexts read
/// @param promptTokens  tokens of questions read
/// @param prefillMillis engine time of the prefills, summed over contexts
/// @param decodeMillis  time of the answers, summed over contexts
/// @param schemaWork    of holding answers to their schemas
/// @param guessedTokens of the tokens written, those that were guessed
/// @param compileMicros time to compile the tasks' schemas, before any model ran
/// @param wallMillis    time of the whole job
/// @param notes         what the user should know: parts of schemas stored as JSON, globs that matched nothing
public record InferSummary(
        String runId,
        long contexts,
        long questions,
        long earlier,
        long left,
        long ok,
        long incomplete,
        long failed,
        long disagreements,
        Map<String, Long> codes,
        long prefillTokens,
        long promptTokens,
        long tokensOut,
        long prefillMillis,
        long decodeMillis,
        SchemaWork schemaWork,
        GuessedTokens guessedTokens,
        long compileMicros,
        long wallMillis,
        List<String> notes) {
    public InferSummary {
        codes = new TreeMap<>(codes);
        notes = List.copyOf(notes);
    }

    /// @param earlier       rows that were there already
    /// @param disagreements of them
    /// @param unplanned     questions left out from the start
    static InferSummary of(
            String runId,
            List<PartManifest> parts,
            long earlier,
            long disagreements,
            long unplanned,
            long compileMicros,
            long wallMillis,
            List<String> notes) {
        Map<String, Long> codes = new TreeMap<>();
        Set<String> contexts = new HashSet<>();
        Set<String> timed = new HashSet<>();
        long questions = 0;
        long left = unplanned;
        long ok = 0;
        long incomplete = 0;
        long failed = 0;
        long disagreeing = disagreements;
        long prefillTokens = 0;
        long promptTokens = 0;
        long tokensOut = 0;
        long prefillMillis = 0;
        long decodeMillis = 0;
        SchemaWork schemaWork = SchemaWork.NONE;
        GuessedTokens guessedTokens = GuessedTokens.NONE;
        for (PartManifest part : parts) {
            if (part.stopped()) {
                left += part.questions();
                continue;
            }
            contexts.add(part.contextId());
            questions += part.questions();
            ok += part.ok();
            incomplete += part.incomplete();
            failed += part.failed();
            disagreeing += part.disagreements();
            part.codes().forEach((code, rows) -> codes.merge(code, rows, Long::sum));
            prefillTokens += part.prefillTokens();
            promptTokens += part.promptTokens();
            tokensOut += part.tokensOut();
            prefillMillis += part.prefillMillis();
            schemaWork = schemaWork.plus(part.schemaWork());
            guessedTokens = guessedTokens.plus(part.guessedTokens());
            if (timed.add(part.contextId())) {
                decodeMillis += part.decodeMillis();
            }
        }
        return new InferSummary(
                runId,
                contexts.size(),
                questions,
                earlier,
                left,
                ok,
                incomplete,
                failed,
                disagreeing,
                codes,
                prefillTokens,
                promptTokens,
                tokensOut,
                prefillMillis,
                decodeMillis,
                schemaWork,
                guessedTokens,
                compileMicros,
                wallMillis,
                notes);
    }

    /// A disagreement weighs more than what is left: more of the same is of no use.
    public ExitCode exitCode() {
        if (disagreements > 0) {
            return ExitCode.QUALITY;
        }
        return left > 0 ? ExitCode.STOPPED : ExitCode.OK;
    }

    /// Why a run with disagreements fails, and what to do.
    public static String disagreement(long rows) {
        return rows + (rows == 1 ? " answer" : " answers")
                + " held to the schema to the end, yet refused by the JSON Schema validator (rows with the code"
                + " DISAGREEMENT in the table results keep the text and the reason): a defect of one of the two; please"
                + " report the schema, or change what the reason names";
    }

    public double prefillTokensPerSecond() {
        return prefillMillis == 0 ? 0 : prefillTokens * 1_000.0 / prefillMillis;
    }

    /// Of all answers of a context together.
    public double decodeTokensPerSecond() {
        return decodeMillis == 0 ? 0 : tokensOut * 1_000.0 / decodeMillis;
    }

    /// For a person: one line, and one for each note.
    public String text() {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                java.util.Locale.ROOT,
                "%d questions about %d contexts: %d OK, %d incomplete, %d failed%s; %d were answered before%s;"
                        + " %d tokens read (%.0f/s), %d written (%.0f/s) in %.1f s",
                questions,
                contexts,
                ok,
                incomplete,
                failed,
                codes.isEmpty() ? "" : " " + codes,
                earlier,
                left == 0 ? "" : ", " + left + " are left by a limit: run the same command to go on",
                prefillTokens + promptTokens,
                prefillTokensPerSecond(),
                tokensOut,
                decodeTokensPerSecond(),
                wallMillis / 1_000.0));
        if (compileMicros > 0) {
            text.append(String.format(
                    java.util.Locale.ROOT,
                    "; schemas compiled in %.1f ms, masks %.1f ms, %d tokens forced, %d requests to continue lists",
                    compileMicros / 1_000.0,
                    schemaWork.maskMicros() / 1_000.0,
                    schemaWork.forcedTokens(),
                    schemaWork.continuations()));
        }
        if (guessedTokens.proposed() > 0) {
            text.append(String.format(
                    java.util.Locale.ROOT,
                    "; %d of %d guessed tokens were right",
                    guessedTokens.accepted(),
                    guessedTokens.proposed()));
        }
        if (disagreements > 0) {
            text.append('\n').append(disagreement(disagreements));
        }
        notes.forEach(note -> text.append('\n').append(note));
        return text.toString();
    }
}
