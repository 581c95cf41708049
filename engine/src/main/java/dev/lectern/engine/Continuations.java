package dev.lectern.engine;

import dev.lectern.engine.constraint.Constraint;
import dev.lectern.engine.constraint.Matcher;
import dev.lectern.engine.constraint.TokenMask;
import dev.lectern.engine.internal.backend.Phase;
import dev.lectern.engine.internal.kv.KvPool;
import dev.lectern.engine.internal.kv.PagedKv;
import dev.lectern.engine.internal.sampling.Sampler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Decodes the requests of one call together over their shared prefix: first all prompts, packed into pieces, then a
/// token of every unfinished request at a time.
final class Continuations {
    /// Sequences decoded together; more wait for the next wave.
    private static final int MAX_SEQUENCES = 128;

    private final Engine engine;
    private final @Nullable PagedKv prefix;
    private final Cancellation cancellation;

    Continuations(Engine engine, @Nullable PagedKv prefix, Cancellation cancellation) {
        this.engine = engine;
        this.prefix = prefix;
        this.cancellation = cancellation;
    }

    List<Generation> generate(List<GenerationRequest> requests) {
        List<Generation> generations = new ArrayList<>(requests.size());
        for (int from = 0; from < requests.size(); ) {
            int to = Math.min(requests.size(), from + waveSize(requests.subList(from, requests.size())));
            generations.addAll(wave(requests.subList(from, to)));
            from = to;
        }
        return generations;
    }

    /// As many leading requests as memory has room for, at least one.
    private int waveSize(List<GenerationRequest> requests) {
        long left = engine.pool().leftBytes();
        int size = 0;
        for (GenerationRequest request : requests) {
            // A request's first page may begin in the middle, hence one page more than its tokens fill.
            long tokens = (long) request.promptTokens().length + request.maxTokens() + KvPool.PAGE_TOKENS;
            left -= PagedKv.bytes(engine.model().layers(), tokens, engine.pieceTokens());
            if (size == MAX_SEQUENCES || left < 0) {
                break;
            }
            size++;
        }
        return Math.max(1, size);
    }

    private List<Generation> wave(List<GenerationRequest> requests) {
        List<Sequence> sequences = new ArrayList<>(requests.size());
        try {
            for (GenerationRequest request : requests) {
                long expected = (long) request.promptTokens().length + request.maxTokens();
                sequences.add(new Sequence(request, engine.newSequence(prefix, expected)));
            }
            readPrompts(sequences);
            List<Sequence> unfinished = unfinished(sequences);
            while (!unfinished.isEmpty()) {
                List<Sequence> step = unfinished;
                engine.locked(cancellation, workspace -> decodeStep(step));
                unfinished = unfinished(step);
            }
            return sequences.stream().map(Sequence::generation).toList();
        } finally {
            sequences.forEach(sequence -> sequence.kv.close());
        }
    }

    /// Packs the prompts into pieces; a prompt's last row gives its first token.
    private void readPrompts(List<Sequence> sequences) {
        List<Engine.Rows> parts = new ArrayList<>();
        List<Sequence> complete = new ArrayList<>();
        List<Integer> lastRows = new ArrayList<>();
        int rows = 0;
        for (Sequence sequence : sequences) {
            int[] prompt = sequence.request.promptTokens();
            for (int from = 0; from < prompt.length; ) {
                int count = Math.min(prompt.length - from, engine.pieceTokens() - rows);
                parts.add(new Engine.Rows(sequence.kv, Arrays.copyOfRange(prompt, from, from + count)));
                rows += count;
                from += count;
                if (from == prompt.length) {
                    complete.add(sequence);
                    lastRows.add(rows - 1);
                }
                if (rows == engine.pieceTokens()) {
                    readPiece(parts, complete, lastRows);
                    rows = 0;
                }
            }
        }
        if (rows > 0) {
            readPiece(parts, complete, lastRows);
        }
    }

    private void readPiece(List<Engine.Rows> parts, List<Sequence> complete, List<Integer> lastRows) {
        engine.locked(cancellation, workspace -> {
            // A piece in which no prompt ends is only read for its keys and values.
            engine.forward(parts, Phase.PREFILL, !complete.isEmpty());
            parts.forEach(part -> part.sequence().dropInvisible());
            int[] rows = lastRows.stream().mapToInt(Integer::intValue).toArray();
            engine.eachLogits(
                    rows, Phase.PREFILL, (i, logits) -> complete.get(i).accept(logits));
        });
        parts.clear();
        complete.clear();
        lastRows.clear();
    }

    private void decodeStep(List<Sequence> sequences) {
        List<Engine.Rows> parts = sequences.stream()
                .map(sequence -> new Engine.Rows(sequence.kv, new int[] {sequence.next}))
                .toList();
        engine.forward(parts, Phase.DECODE, true);
        parts.forEach(part -> part.sequence().dropInvisible());
        int[] rows = new int[sequences.size()];
        Arrays.setAll(rows, i -> i);
        engine.eachLogits(rows, Phase.DECODE, (i, logits) -> sequences.get(i).accept(logits));
    }

    private static List<Sequence> unfinished(List<Sequence> sequences) {
        return sequences.stream()
                .filter(sequence -> sequence.finishReason == null)
                .toList();
    }

    /// One request on its way.
    private final class Sequence {
        final GenerationRequest request;
        final PagedKv kv;
        private final Sampler sampler;
        private final int[] stopTokens;
        private final @Nullable Answer answer;
        private int[] tokens = new int[16];
        private int count;
        private int next;
        private @Nullable FinishReason finishReason;

        Sequence(GenerationRequest request, PagedKv kv) {
            this.request = request;
            this.kv = kv;
            this.sampler = Sampler.of(request.sampling());
            this.stopTokens = request.stopTokens();
            Constraint constraint = request.constraint();
            this.answer = constraint == null ? null : new Answer(constraint, stopTokens);
        }

        /// Takes the logits after the sequence's last row.
        void accept(float[] logits) {
            if (answer != null && !answer.restrict(logits)) {
                finishReason = answer.isComplete() ? FinishReason.STOP : FinishReason.DEAD_END;
                return;
            }
            int token = sampler.sample(logits);
            if (Float.isNaN(logits[token])) {
                throw new EngineException.ModelCorrupt("logits are not numbers at position " + kv.length()
                        + ": the weights are damaged or overflow float32");
            }
            for (int stop : stopTokens) {
                if (token == stop) {
                    finishReason = FinishReason.STOP;
                    return;
                }
            }
            if (count == tokens.length) {
                tokens = Arrays.copyOf(tokens, 2 * count);
            }
            tokens[count++] = token;
            next = token;
            if (answer != null) {
                answer.accept(token);
            }
            if (count == request.maxTokens()) {
                finishReason = FinishReason.LENGTH;
            } else if (kv.length() >= engine.model().contextLength()) {
                finishReason = FinishReason.CONTEXT_FULL;
            }
        }

        Generation generation() {
            FinishReason reason = finishReason;
            if (reason == null) {
                throw new IllegalStateException("generation taken before its end");
            }
            int prefixTokens = prefix == null ? 0 : prefix.length();
            return new Generation(Arrays.copyOf(tokens, count), reason, prefixTokens + request.promptTokens().length);
        }
    }

    /// An answer that is held to a schema, on its way.
    private static final class Answer {
        private final Matcher matcher;
        private final int[] stopTokens;
        private @Nullable TokenMask mask;

        Answer(Constraint constraint, int[] stopTokens) {
            this.matcher = constraint.matcher();
            this.stopTokens = stopTokens;
        }

        /// Takes the tokens that may not come next out of the choice.
        ///
        /// @return false when nothing may: the answer is whole, or can never be
        boolean restrict(float[] logits) {
            TokenMask allowed = mask;
            if (allowed == null) {
                allowed = new TokenMask(logits.length);
                mask = allowed;
            }
            matcher.mask(allowed);
            if (matcher.isComplete()) {
                for (int stop : stopTokens) {
                    allowed.allow(stop);
                }
            }
            boolean any = false;
            for (int id = 0; id < logits.length; id++) {
                if (allowed.allows(id)) {
                    any = true;
                } else {
                    logits[id] = Float.NEGATIVE_INFINITY;
                }
            }
            return any;
        }

        boolean isComplete() {
            return matcher.isComplete();
        }

        void accept(int token) {
            if (!matcher.accept(token)) {
                throw new IllegalStateException("token " + token + " was offered and then refused");
            }
        }
    }
}
