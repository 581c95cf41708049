package dev.lectern.inference;

import dev.lectern.engine.Cancellation;
import dev.lectern.engine.Context;
import dev.lectern.engine.Engine;
import dev.lectern.engine.EngineException;
import dev.lectern.engine.Prefill;
import dev.lectern.engine.PrefillOptions;
import dev.lectern.engine.constraint.Constraint;
import dev.lectern.engine.constraint.SchemaException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.apache.spark.sql.Row;
import org.apache.spark.util.LongAccumulator;

/// One context from its rows to its parts: read, asked, checked, cited, written. Used for one context after the
/// other; not thread-safe.
final class ContextRun {
    /// Questions decoded together; the engine makes smaller waves where memory is short.
    private static final int BATCH = 64;

    private final Engine engine;
    private final Map<String, TaskRun> tasks;
    private final String runId;
    private final Cancellation stop;
    private final LongAccumulator tokensRead;
    private final LongAccumulator answered;

    ContextRun(
            Engine engine,
            Map<String, TaskRun> tasks,
            String runId,
            Cancellation stop,
            LongAccumulator tokensRead,
            LongAccumulator answered) {
        this.engine = engine;
        this.tasks = tasks;
        this.runId = runId;
        this.stop = stop;
        this.tokensRead = tokensRead;
        this.answered = answered;
    }

    /// A context's questions by task, in their order.
    private record Work(int place, String contextId, int tokenCount, Map<String, List<AskedQuestion>> questions) {
        List<AskedQuestion> all() {
            return questions.values().stream().flatMap(List::stream).toList();
        }
    }

    /// Does the next context of the input.
    ///
    /// @param attempt      distinguishes tries of the same work
    /// @param limitReached whether a cancellation is due to the run's limit rather than to Spark
    /// @return a manifest a task
    List<PartManifest> run(PeekingRows input, String attempt, BooleanSupplier limitReached) {
        Work work = questions(input);
        try {
            List<PartManifest> manifests = new ArrayList<>(takeFinished(work));
            if (!work.questions().isEmpty()) {
                manifests.addAll(limitReached.getAsBoolean() ? leave(work) : infer(work, input, attempt, limitReached));
            }
            return manifests;
        } catch (IOException e) {
            throw new UncheckedIOException("context " + work.contextId() + ": " + e.getMessage(), e);
        } finally {
            input.skip(work.place());
        }
    }

    private Work questions(PeekingRows input) {
        int place = input.nextPlace();
        Map<String, List<AskedQuestion>> questions = new LinkedHashMap<>();
        String contextId = null;
        int tokenCount = 0;
        for (Row row = input.take(place, WorkColumns.QUESTION);
                row != null;
                row = input.take(place, WorkColumns.QUESTION)) {
            TaskRun task = tasks.get(row.<String>getAs("task"));
            if (task == null) {
                throw new IllegalStateException("question of the unknown task " + row.getAs("task"));
            }
            contextId = row.getAs("context_id");
            tokenCount = row.getAs("token_count");
            questions
                    .computeIfAbsent(task.spec().name(), name -> new ArrayList<>())
                    .add(new AskedQuestion(
                            task,
                            row.getAs("question_id"),
                            row.getAs("result_id"),
                            row.getAs("doc_id"),
                            row.getAs("text")));
        }
        if (contextId == null) {
            throw new IllegalStateException("context at place " + place + " without a question");
        }
        return new Work(place, contextId, tokenCount, questions);
    }

    /// Removes from the work what an earlier attempt finished, and accounts for it.
    private List<PartManifest> takeFinished(Work work) throws IOException {
        List<PartManifest> finished = new ArrayList<>();
        for (Map.Entry<String, List<AskedQuestion>> entry :
                List.copyOf(work.questions().entrySet())) {
            ResultParts parts = entry.getValue().getFirst().task.parts();
            parts.find(partName(work, entry.getValue())).ifPresent(manifest -> {
                finished.add(manifest);
                work.questions().remove(entry.getKey());
            });
        }
        return finished;
    }

    private static String partName(Work work, List<AskedQuestion> questions) {
        return ResultParts.name(
                work.contextId(), questions.stream().map(q -> q.resultId).toList());
    }

    private List<PartManifest> infer(Work work, PeekingRows input, String attempt, BooleanSupplier limitReached)
            throws IOException {
        long prefillMillis = 0;
        int tokens = 0;
        long prefillEnd = System.nanoTime();
        ContextText text = new ContextText(input, work.place());
        try (Context context = prefill(work, input)) {
            tokens = context.tokenCount();
            prefillMillis = context.prefillMillis();
            prefillEnd = System.nanoTime();
            AnswerRounds rounds = new AnswerRounds(engine, context, constraints(work, text), prefillEnd, stop);
            List<AskedQuestion> all =
                    work.all().stream().filter(AskedQuestion::isOpen).toList();
            for (int from = 0; from < all.size(); from += BATCH) {
                rounds.ask(all.subList(from, Math.min(all.size(), from + BATCH)));
            }
        } catch (EngineException.ContextTooLong e) {
            work.all().forEach(question -> question.failed("CONTEXT_TOO_LONG", AnswerRounds.text(e)));
        } catch (EngineException.NotEnoughMemory e) {
            work.all().forEach(question -> question.failed("NOT_ENOUGH_MEMORY", AnswerRounds.text(e)));
        } catch (EngineException.Cancelled e) {
            if (limitReached.getAsBoolean()) {
                return leave(work);
            }
            throw e;
        }
        long decodeMillis = (System.nanoTime() - prefillEnd) / 1_000_000;
        lookUp(work, text);
        return write(work, attempt, tokens, prefillMillis, decodeMillis);
    }

    /// What the answers of each task are held to. Where they quote, that is the text of this context.
    private static Map<String, Constraint> constraints(Work work, ContextText text) {
        Map<String, Constraint> constraints = new HashMap<>();
        work.questions().forEach((name, questions) -> {
            Constraint constraint = questions.getFirst().task.constraint();
            try {
                if (constraint != null) {
                    constraints.put(name, constraint.quotes() ? constraint.quoting(text.quoteSource()) : constraint);
                }
            } catch (SchemaException e) {
                // A context may have too little text for what has to be quoted.
                questions.forEach(question -> question.failed(
                        "NOTHING_TO_QUOTE", "the context has no text that the answer could quote: " + e.reason()));
            }
        });
        return constraints;
    }

    private Context prefill(Work work, PeekingRows input) {
        long[] counted = {0};
        PrefillOptions options = new PrefillOptions(
                work.tokenCount(),
                done -> {
                    tokensRead.add(done - counted[0]);
                    counted[0] = done;
                },
                stop);
        try (Prefill prefill = engine.startPrefill(options)) {
            int chunk = 0;
            int tokens = 0;
            for (Row row = input.take(work.place(), WorkColumns.CHUNK);
                    row != null;
                    row = input.take(work.place(), WorkColumns.CHUNK)) {
                int index = row.getAs("sequence");
                if (index != chunk) {
                    throw new IllegalStateException("context " + work.contextId() + ": chunk " + index + " where chunk "
                            + chunk + " should be; the contexts table is damaged, pack again");
                }
                byte[] bytes = row.getAs("tokens");
                int[] ids = new int[bytes.length / Integer.BYTES];
                ByteBuffer.wrap(bytes)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asIntBuffer()
                        .get(ids);
                prefill.append(ids);
                tokens += ids.length;
                chunk++;
            }
            if (tokens != work.tokenCount()) {
                throw new IllegalStateException("context " + work.contextId() + ": " + tokens + " tokens in " + chunk
                        + " chunks, expected " + work.tokenCount() + "; the contexts table is damaged, pack again");
            }
            return prefill.finish();
        }
    }

    /// Finds the answers' values in the context's text, one run of a document at a time, and what their lists
    /// lack.
    private static void lookUp(Work work, ContextText text) {
        Citations citations = new Citations(text.quotes());
        List<AskedQuestion> all = work.all();
        all.forEach(question -> question.lookUp(citations));
        all.forEach(AskedQuestion::checkLists);
        if (all.stream().anyMatch(AskedQuestion::isLookedUp)) {
            text.forEach((docId, run, charStart, pages) -> {
                citations.scan(docId, run, charStart, pages);
                all.forEach(question -> question.scan(docId, run, charStart, pages));
            });
        }
        all.forEach(AskedQuestion::endScan);
    }

    private List<PartManifest> write(Work work, String attempt, int tokens, long prefillMillis, long decodeMillis)
            throws IOException {
        List<PartManifest> manifests = new ArrayList<>();
        boolean first = true;
        for (List<AskedQuestion> questions : work.questions().values()) {
            List<ResultRow> rows = new ArrayList<>(questions.size());
            boolean readForIt = first && tokens > 0;
            for (AskedQuestion question : questions) {
                boolean reused = !first && tokens > 0;
                rows.add(question.row(work.contextId(), runId, tokens, reused, first ? prefillMillis : 0));
                first = false;
            }
            TaskRun task = questions.getFirst().task;
            PartManifest manifest = manifest(
                    work,
                    task.spec().name(),
                    partName(work, questions),
                    questions,
                    rows,
                    tokens,
                    readForIt ? tokens : 0,
                    readForIt ? prefillMillis : 0,
                    decodeMillis);
            task.parts().write(partName(work, questions), rows, manifest, attempt);
            answered.add(rows.size());
            manifests.add(manifest);
        }
        return manifests;
    }

    private static PartManifest manifest(
            Work work,
            String task,
            String part,
            List<AskedQuestion> questions,
            List<ResultRow> rows,
            long tokens,
            long prefillTokens,
            long prefillMillis,
            long decodeMillis) {
        Map<String, Long> codes = new TreeMap<>();
        Map<ResultStatus, Long> statuses = new TreeMap<>();
        long promptTokens = 0;
        long tokensOut = 0;
        SchemaWork schemaWork = SchemaWork.NONE;
        GuessedTokens guessedTokens = GuessedTokens.NONE;
        for (AskedQuestion question : questions) {
            schemaWork = schemaWork.plus(question.reply().schemaWork());
            guessedTokens = guessedTokens.plus(question.reply().guessedTokens());
        }
        for (ResultRow row : rows) {
            statuses.merge(row.status(), 1L, Long::sum);
            ResultRow.Problem error = row.error();
            if (error != null) {
                codes.merge(error.code(), 1L, Long::sum);
            }
            promptTokens += row.tokensIn() - tokens;
            tokensOut += row.tokensOut();
        }
        return new PartManifest(
                work.contextId(),
                task,
                part,
                rows.size(),
                statuses.getOrDefault(ResultStatus.OK, 0L),
                statuses.getOrDefault(ResultStatus.INCOMPLETE, 0L),
                statuses.getOrDefault(ResultStatus.FAILED, 0L),
                codes,
                work.tokenCount(),
                prefillTokens,
                promptTokens,
                tokensOut,
                prefillMillis,
                decodeMillis,
                schemaWork,
                guessedTokens,
                ExecutorEngine.worker());
    }

    /// What a limit leaves for the next run.
    private static List<PartManifest> leave(Work work) {
        List<PartManifest> left = new ArrayList<>();
        work.questions()
                .forEach((task, questions) -> left.add(new PartManifest(
                        work.contextId(),
                        task,
                        null,
                        questions.size(),
                        0,
                        0,
                        0,
                        Map.of(),
                        work.tokenCount(),
                        0,
                        0,
                        0,
                        0,
                        0,
                        SchemaWork.NONE,
                        GuessedTokens.NONE,
                        ExecutorEngine.worker())));
        return left;
    }
}
