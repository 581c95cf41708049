package dev.lectern.inference;

import dev.lectern.engine.Cancellation;
import dev.lectern.engine.Context;
import dev.lectern.engine.Engine;
import dev.lectern.engine.EngineException;
import dev.lectern.engine.Generation;
import dev.lectern.engine.GenerationRequest;
import dev.lectern.engine.constraint.Constraint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Asks a context's questions: all together in a first round, then those again whose lists were cut, from the last
/// entry on, until they are whole or have had all their tokens. Not thread-safe.
final class AnswerRounds {
    private final Engine engine;
    private final Context context;
    /// By task: what answers are held to; nothing for tasks whose model writes freely.
    private final Map<String, Constraint> constraints;
    private final Cancellation stop;
    private final long prefillEnd;

    AnswerRounds(
            Engine engine, Context context, Map<String, Constraint> constraints, long prefillEnd, Cancellation stop) {
        this.engine = engine;
        this.context = context;
        this.constraints = constraints;
        this.prefillEnd = prefillEnd;
        this.stop = stop;
    }

    void ask(List<AskedQuestion> questions) {
        List<AskedQuestion> open = questions;
        while (!open.isEmpty()) {
            open = round(open);
        }
    }

    /// @return the questions that go on
    private List<AskedQuestion> round(List<AskedQuestion> questions) {
        List<GenerationRequest> requests = questions.stream().map(this::request).toList();
        List<Generation> generations;
        try {
            generations = engine.generate(context, requests, stop);
        } catch (EngineException.ContextTooLong | EngineException.NotEnoughMemory e) {
            if (questions.size() > 1) {
                // One long question must not fail its neighbours.
                List<AskedQuestion> goingOn = new ArrayList<>();
                questions.forEach(question -> goingOn.addAll(round(List.of(question))));
                return goingOn;
            }
            AskedQuestion question = questions.getFirst();
            if (question.hasBegun()) {
                question.endAsItIs();
            } else {
                question.failed(
                        e instanceof EngineException.ContextTooLong ? "CONTEXT_TOO_LONG" : "NOT_ENOUGH_MEMORY",
                        text(e));
            }
            return List.of();
        }
        long millis = (System.nanoTime() - prefillEnd) / 1_000_000;
        List<AskedQuestion> goingOn = new ArrayList<>();
        for (int i = 0; i < generations.size(); i++) {
            AskedQuestion question = questions.get(i);
            int promptTokens = requests.get(i).promptTokens().length;
            if (question.answered(generations.get(i), engine.tokenizer(), promptTokens, millis, constraint(question))) {
                goingOn.add(question);
            }
        }
        return goingOn;
    }

    static String text(EngineException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private @Nullable Constraint constraint(AskedQuestion question) {
        return constraints.get(question.task.spec().name());
    }

    private GenerationRequest request(AskedQuestion question) {
        TaskSpec task = question.task.spec();
        return new GenerationRequest(
                promptTokens(question),
                question.nextTokens(),
                task.sampling(question.resultId),
                engine.chat().stopTokens(),
                constraint(question),
                question.begun());
    }

    /// The question, the end of its turn, and what is shown of an answer that goes on.
    private int[] promptTokens(AskedQuestion question) {
        int[] text = engine.tokenizer().encode(question.prompt).ids();
        int[] suffix = engine.chat().userSuffix();
        int[] shown = engine.tokenizer().encode(question.shown()).ids();
        int[] tokens = new int[text.length + suffix.length + shown.length];
        System.arraycopy(text, 0, tokens, 0, text.length);
        System.arraycopy(suffix, 0, tokens, text.length, suffix.length);
        System.arraycopy(shown, 0, tokens, text.length + suffix.length, shown.length);
        return tokens;
    }
}
