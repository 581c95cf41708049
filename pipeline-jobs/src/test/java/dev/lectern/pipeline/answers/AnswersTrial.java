package dev.lectern.pipeline.answers;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.lectern.engine.Cancellation;
import dev.lectern.engine.Engine;
import dev.lectern.engine.Generation;
import dev.lectern.engine.GenerationRequest;
import dev.lectern.engine.SamplingParams;
import dev.lectern.engine.constraint.Constraint;
import dev.lectern.engine.constraint.Matcher;
import dev.lectern.engine.constraint.SchemaException;
import dev.lectern.engine.constraint.TokenMask;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/// Answers of a model that are held to schemas, several a schema, each judged by the [SecondOpinion]; and how long
/// schemas take to compile and masks to make, on one thread.
final class AnswersTrial {
    /// Answered together.
    private static final int SCHEMAS = 42;

    private static final String PROMPT = "Write the record as JSON.\n";

    private final Engine engine;
    private final int answersEach;
    private final int budgetTokens;
    private final float temperature;
    private final int[] prompt;
    private final int[] stopTokens;
    private final TokenMask mask;
    private final List<Subject> waiting = new ArrayList<>();

    private int schemas;
    private int refused;
    private int finished;
    private int closed;
    private int deadEnds;
    private long tokens;
    private long generatingNanos;
    private final List<String> tooLong = new ArrayList<>();
    private final List<String> unparsed = new ArrayList<>();
    private final List<String> invalid = new ArrayList<>();
    private final List<String> unjudged = new ArrayList<>();
    private final LongStream.Builder maskNanos = LongStream.builder();
    private final LongStream.Builder compileNanos = LongStream.builder();

    AnswersTrial(Engine engine, int answersEach, int budgetTokens, float temperature) {
        this.engine = engine;
        this.answersEach = answersEach;
        this.budgetTokens = budgetTokens;
        this.temperature = temperature;
        this.prompt = engine.tokenizer().encode(PROMPT).ids();
        this.stopTokens = engine.chat().stopTokens();
        this.mask = new TokenMask(engine.info().vocabSize());
    }

    private record Subject(SchemaLine line, Constraint constraint) {}

    /// Asks for answers by a schema, now or at the latest by [#finish].
    ///
    /// @return false if the schema cannot be enforced, which is no fault
    boolean take(SchemaLine line) {
        Constraint constraint;
        try {
            constraint = engine.constraint(line.schema().toString());
        } catch (SchemaException e) {
            refused++;
            return false;
        }
        schemas++;
        int shortest = constraint.shortestTokens();
        if (shortest > budgetTokens) {
            tooLong.add(line.name() + " (" + shortest + ")");
            return true;
        }
        waiting.add(new Subject(line, constraint));
        if (waiting.size() == SCHEMAS) {
            answer();
        }
        return true;
    }

    void finish() {
        if (!waiting.isEmpty()) {
            answer();
        }
    }

    private void answer() {
        List<GenerationRequest> requests = new ArrayList<>();
        for (Subject subject : waiting) {
            for (int i = 0; i < answersEach; i++) {
                long seed = subject.line().name().hashCode() * 31L + i;
                requests.add(new GenerationRequest(
                        prompt,
                        budgetTokens,
                        new SamplingParams(temperature, 0, 1f, 0f, seed),
                        stopTokens,
                        subject.constraint()));
            }
        }
        long begin = System.nanoTime();
        List<Generation> generations = engine.generate(null, requests, Cancellation.NONE);
        generatingNanos += System.nanoTime() - begin;
        for (int i = 0; i < waiting.size(); i++) {
            List<Generation> answers = generations.subList(i * answersEach, (i + 1) * answersEach);
            judge(waiting.get(i).line(), answers);
            measure(waiting.get(i).line(), answers);
        }
        waiting.clear();
    }

    private void judge(SchemaLine line, List<Generation> answers) {
        SecondOpinion opinion = null;
        try {
            opinion = SecondOpinion.on(line.schema());
        } catch (RuntimeException e) {
            unjudged.add(line.name() + ": " + e.getMessage());
        }
        for (Generation answer : answers) {
            tokens += answer.tokens().length;
            switch (answer.finishReason()) {
                case STOP -> finished++;
                case LENGTH, CONTEXT_FULL -> closed++;
                case DEAD_END -> deadEnds++;
            }
            String text = engine.tokenizer().decode(answer.tokens());
            if (!SecondOpinion.parses(text)) {
                unparsed.add(line.name() + ", " + answer.finishReason() + ": " + text);
            } else if (opinion != null) {
                judge(line.name() + ", " + answer.finishReason(), text, opinion);
            }
        }
    }

    private void judge(String name, String text, SecondOpinion opinion) {
        try {
            List<String> violations = opinion.violations(text);
            if (!violations.isEmpty()) {
                invalid.add(name + ": " + violations + " in " + text);
            }
        } catch (RuntimeException | JsonProcessingException e) {
            unjudged.add(name + ": " + e + " on " + text);
        }
    }

    /// Compiles the schema once more and reads the answers along, as an engine would that has just met it.
    private void measure(SchemaLine line, List<Generation> answers) {
        String schema = line.schema().toString();
        long begin = System.nanoTime();
        Constraint constraint = engine.constraint(schema);
        compileNanos.add(System.nanoTime() - begin);
        for (Generation answer : answers) {
            Matcher matcher = constraint.matcher();
            for (int token : answer.tokens()) {
                begin = System.nanoTime();
                matcher.mask(mask);
                maskNanos.add(System.nanoTime() - begin);
                if (!mask.allows(token) || !matcher.accept(token)) {
                    throw new IllegalStateException(
                            line.name() + ": token " + token + " was written, is not admitted in "
                                    + engine.tokenizer().decode(answer.tokens()));
                }
            }
        }
    }

    int schemas() {
        return schemas;
    }

    /// Schemas without an answer within the budget, each with the number of tokens of a short one.
    List<String> tooLong() {
        return tooLong;
    }

    /// Answers that are no JSON, each with its schema's name.
    List<String> unparsed() {
        return unparsed;
    }

    /// Answers, finished by the model or closed for it, that the second opinion calls invalid.
    List<String> invalid() {
        return invalid;
    }

    /// Schemas and answers that the second opinion cannot cope with.
    List<String> unjudged() {
        return unjudged;
    }

    /// Answers that the model has ended.
    int finished() {
        return finished;
    }

    /// Answers that were closed because their tokens ran out.
    int closed() {
        return closed;
    }

    int deadEnds() {
        return deadEnds;
    }

    String figures() {
        long[] masks = maskNanos.build().sorted().toArray();
        long[] compiling = compileNanos.build().sorted().toArray();
        return String.format(
                Locale.ROOT,
                "%d schemas (%d refused before, %d too long for the budget %s), %d answers of %d tokens in %.1f s: %d finished,"
                        + " %d closed, %d in dead ends; %d no JSON, %d invalid, %d unjudged; mask p50 %.1f us, p99 %.1f us,"
                        + " p99.9 %.1f us; compiling p50 %.1f us, p99 %.1f us",
                schemas,
                refused,
                tooLong.size(),
                tooLong,
                finished + closed + deadEnds,
                tokens,
                generatingNanos / 1e9,
                finished,
                closed,
                deadEnds,
                unparsed.size(),
                invalid.size(),
                unjudged.size(),
                micros(masks, 0.5),
                micros(masks, 0.99),
                micros(masks, 0.999),
                micros(compiling, 0.5),
                micros(compiling, 0.99));
    }

    private static double micros(long[] sortedNanos, double quantile) {
        return sortedNanos.length == 0
                ? 0
                : sortedNanos[(int) Math.min(sortedNanos.length - 1, (long) (quantile * sortedNanos.length))] / 1e3;
    }
}
