package dev.lectern.inference;

import dev.lectern.engine.FinishReason;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A question on its way from its prompt to its row. Not thread-safe.
final class AskedQuestion {
    /// @param promptTokens after the context
    /// @param millis       from the end of the prefill
    record Reply(String text, FinishReason finish, long promptTokens, long tokensOut, long millis) {}

    final TaskRun task;
    final String questionId;
    final String resultId;
    final @Nullable String docId;
    final String prompt;
    private @Nullable Reply reply;
    private @Nullable Answer answer;
    private Citations.@Nullable Cited cited;
    private ResultRow.@Nullable Problem problem;

    AskedQuestion(TaskRun task, String questionId, String resultId, @Nullable String docId, String prompt) {
        this.task = task;
        this.questionId = questionId;
        this.resultId = resultId;
        this.docId = docId;
        this.prompt = prompt;
    }

    void answered(Reply newReply) {
        reply = newReply;
        answer = task.parser().parse(newReply.text(), newReply.finish());
    }

    void failed(String code, String message) {
        problem = new ResultRow.Problem(code, message);
    }

    @Nullable
    Reply reply() {
        return reply;
    }

    /// Hands the answer's values to the search; does nothing without an answer, or where the task does not cite.
    void lookUp(Citations citations) {
        if (task.spec().cite() && answer instanceof Answer.Valid valid) {
            cited = citations.add(valid.output());
        }
    }

    boolean isLookedUp() {
        return cited != null;
    }

    /// @param contextTokens that the model read; 0 when it could not read the context
    /// @param prefillMillis 0 for all questions of a context but the first
    ResultRow row(String contextId, String runId, long contextTokens, boolean prefillReused, long prefillMillis) {
        Answer found = answer;
        ResultRow.Problem error = switch (found) {
            case null -> problem == null ? new ResultRow.Problem("NOT_ASKED", "no answer was given") : problem;
            case Answer.Valid valid -> null;
            case Answer.Incomplete incomplete -> new ResultRow.Problem(incomplete.code(), incomplete.message());
            case Answer.Invalid invalid -> new ResultRow.Problem(invalid.code().name(), invalid.message());
        };
        ResultStatus status = switch (found) {
            case null -> ResultStatus.FAILED;
            case Answer.Valid valid -> ResultStatus.OK;
            case Answer.Incomplete incomplete -> ResultStatus.INCOMPLETE;
            case Answer.Invalid invalid -> ResultStatus.FAILED;
        };
        Citations.Cited search = cited;
        Reply said = reply;
        return new ResultRow(
                resultId,
                contextId,
                docId,
                questionId,
                found instanceof Answer.Valid valid ? valid.output() : null,
                said == null ? null : said.text(),
                search == null ? List.of() : search.citations(),
                status,
                error,
                said == null ? null : said.finish().name(),
                contextTokens + (said == null ? 0 : said.promptTokens()),
                said == null ? 0 : said.tokensOut(),
                prefillReused,
                task.spec().fingerprints(),
                runId,
                prefillMillis,
                said == null ? 0 : said.millis(),
                Instant.now().truncatedTo(ChronoUnit.MICROS));
    }
}
