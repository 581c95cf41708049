package dev.lectern.inference;

import dev.lectern.engine.FinishReason;
import dev.lectern.engine.Generation;
import dev.lectern.engine.Tokenizer;
import dev.lectern.engine.constraint.Constraint;
import dev.lectern.engine.constraint.Matcher;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A question on its way from its prompt to its row. Not thread-safe.
final class AskedQuestion {
    /// @param text         the answer so far, whole if it was closed
    /// @param written      how many of its characters the model wrote
    /// @param requests     how many there were
    /// @param promptTokens after the context, all requests together
    /// @param millis       from the end of the prefill
    record Reply(
            String text,
            int written,
            FinishReason finish,
            int requests,
            long promptTokens,
            long tokensOut,
            long forcedTokens,
            GuessedTokens guessedTokens,
            long maskNanos,
            long millis) {
        static final Reply NONE = new Reply("", 0, FinishReason.STOP, 0, 0, 0, 0, GuessedTokens.NONE, 0, 0);

        SchemaWork schemaWork() {
            return new SchemaWork(forcedTokens, Math.max(0, requests - 1), maskNanos / 1_000);
        }
    }

    final TaskRun task;
    final String questionId;
    final String resultId;
    final @Nullable String docId;
    final String prompt;
    private Reply reply = Reply.NONE;
    private @Nullable ListContinuation continuation;
    private @Nullable Answer answer;
    private Citations.@Nullable Cited cited;
    private @Nullable ListCoverage coverage;
    private ResultRow.@Nullable Problem problem;

    AskedQuestion(TaskRun task, String questionId, String resultId, @Nullable String docId, String prompt) {
        this.task = task;
        this.questionId = questionId;
        this.resultId = resultId;
        this.docId = docId;
        this.prompt = prompt;
    }

    /// The answer's text as far as it is kept for the next request.
    String begun() {
        ListContinuation next = continuation;
        return next == null ? "" : next.begun();
    }

    /// What the model is shown of it.
    String shown() {
        ListContinuation next = continuation;
        return next == null ? "" : next.shown();
    }

    boolean hasBegun() {
        return continuation != null;
    }

    /// Most tokens of the next request.
    int nextTokens() {
        return (int) Math.min(task.spec().maxTokens(), task.spec().maxAnswerTokens() - reply.tokensOut());
    }

    /// Takes what a request gave.
    ///
    /// @param constraint what the answer is held to; null if it is written freely
    /// @return whether the answer is to be continued by another request
    boolean answered(
            Generation generation,
            Tokenizer tokenizer,
            int promptTokens,
            long millis,
            @Nullable Constraint constraint) {
        String before = begun();
        int[] tokens = generation.tokens();
        // What a constraint follows are the bytes; a tokenizer's decode may leave a first space out.
        String text = constraint == null ? tokenizer.decode(tokens) : text(tokenizer, tokens, tokens.length);
        int written = text.length();
        if (generation.closed()) {
            String own = text(tokenizer, tokens, generation.written());
            int mismatch = Arrays.mismatch(own.toCharArray(), text.toCharArray());
            written = mismatch < 0 ? own.length() : mismatch;
        }
        reply = new Reply(
                before + text,
                before.length() + written,
                generation.finishReason(),
                reply.requests() + 1,
                reply.promptTokens() + promptTokens,
                reply.tokensOut() + tokens.length,
                reply.forcedTokens() + generation.forcedTokens(),
                reply.guessedTokens().plus(new GuessedTokens(generation.proposedTokens(), generation.acceptedTokens())),
                reply.maskNanos() + generation.maskNanos(),
                millis);
        if (generation.finishReason() == FinishReason.LENGTH && constraint != null && nextTokens() > 0) {
            ListContinuation next = ListContinuation.of(reply.text().substring(0, reply.written()), before.length());
            if (next != null && closes(constraint, next.begun())) {
                continuation = next;
                return true;
            }
        }
        end(constraint != null);
        return false;
    }

    /// Whether another request's tokens suffice to go on and to end.
    private boolean closes(Constraint constraint, String begun) {
        Matcher matcher = constraint.matcher();
        return matcher.acceptBytes(begun.getBytes(StandardCharsets.UTF_8)) && matcher.closesWithin(nextTokens());
    }

    /// Ends an answer that could be continued, but is not.
    void endAsItIs() {
        end(true);
    }

    private void end(boolean held) {
        Answer found = task.parser().parse(reply.text(), reply.finish(), held);
        answer = held && found instanceof Answer.Incomplete cut
                ? new Answer.Incomplete(cut.code(), CutAnswer.message(reply))
                : found;
    }

    private static String text(Tokenizer tokenizer, int[] tokens, int count) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(count * 4);
        for (int i = 0; i < count; i++) {
            bytes.writeBytes(tokenizer.textBytes(tokens[i]));
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /// Whether it is still to be asked.
    boolean isOpen() {
        return problem == null;
    }

    void failed(String code, String message) {
        problem = new ResultRow.Problem(code, message);
    }

    Reply reply() {
        return reply;
    }

    boolean disagreed() {
        return answer instanceof Answer.Invalid invalid && invalid.code() == Answer.Code.DISAGREEMENT;
    }

    /// Hands the answer's values to the search; does nothing without an answer, or where nothing is cited.
    void lookUp(Citations citations) {
        AnswerSchema schema = task.schema();
        boolean all = task.spec().cite();
        if ((all || schema.cites() || schema.quotes()) && answer instanceof Answer.Valid valid) {
            cited = citations.add(
                    valid.output(), pointer -> all || schema.cited(pointer) || schema.quoted(pointer), schema::quoted);
        }
    }

    boolean isLookedUp() {
        return cited != null || coverage != null;
    }

    /// Has the answer's long lists compared with what the text enumerates. Only of answers that are held to a
    /// schema: who writes freely is not known to have had room for all.
    void checkLists() {
        if (task.constraint() != null && answer instanceof Answer.Valid valid) {
            ListCoverage lists = new ListCoverage(valid.output(), task.schema()::complete);
            coverage = lists.isEmpty() ? null : lists;
        }
    }

    /// Looks at one run of the context's text.
    void scan(String docId, String text, int charStart, List<PageSpan> pages) {
        ListCoverage lists = coverage;
        if (lists != null) {
            lists.scan(docId, text, charStart, pages);
        }
    }

    /// When all the text has been looked at.
    void endScan() {
        ListCoverage lists = coverage;
        String problem = lists == null ? null : lists.problem();
        if (problem != null) {
            answer = new Answer.Incomplete("SHORT_LIST", problem);
        }
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
        boolean replied = reply.requests() > 0;
        return new ResultRow(
                resultId,
                contextId,
                docId,
                questionId,
                found instanceof Answer.Valid valid ? valid.output() : null,
                replied ? reply.text() : null,
                search == null ? List.of() : search.citations(),
                status,
                error,
                replied ? reply.finish().name() : null,
                contextTokens + reply.promptTokens(),
                reply.tokensOut(),
                prefillReused,
                task.spec().fingerprints(),
                runId,
                prefillMillis,
                reply.millis(),
                Instant.now().truncatedTo(ChronoUnit.MICROS));
    }
}
