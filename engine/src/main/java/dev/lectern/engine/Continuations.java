package dev.lectern.engine;

import dev.lectern.engine.constraint.Matcher;
import dev.lectern.engine.internal.backend.Phase;
import dev.lectern.engine.internal.kv.KvPool;
import dev.lectern.engine.internal.kv.PagedKv;
import dev.lectern.engine.internal.sampling.Sampler;
import dev.lectern.engine.internal.speculation.Proposer;
import dev.lectern.engine.internal.speculation.TokenIndex;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Decodes the requests of one call together over their shared prefix: first all prompts, packed into pieces, then a
/// token of every unfinished request at a time, with the tokens that its schema forces after it and those that it
/// may go on with as its context did.
///
/// Such a guess is read in the same step as the token before it. Every token is sampled as it would have been
/// without, from the same logits and the same random numbers; where it is the one that was guessed, the next one's
/// logits are there already, and where it is not, the rest of the guess is forgotten.
final class Continuations {
    /// Sequences decoded together; more wait for the next wave.
    private static final int MAX_SEQUENCES = 128;

    /// Tokens of a guess: more would hardly make a step cheaper a token.
    private static final int MAX_PROPOSED = 32;

    private static final int[] NONE = {};

    private final Engine engine;
    private final @Nullable PagedKv prefix;
    private final @Nullable TokenIndex index;
    private final Cancellation cancellation;

    /// @param index of the prefix's tokens; null for none
    Continuations(Engine engine, @Nullable PagedKv prefix, @Nullable TokenIndex index, Cancellation cancellation) {
        this.engine = engine;
        this.prefix = prefix;
        this.index = index;
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
            if (size == Math.min(MAX_SEQUENCES, engine.pieceTokens()) || left < 0) {
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
                // Names and punctuation that are forced share the rows of a step evenly.
                int rows = Math.max(1, engine.pieceTokens() / requests.size());
                sequences.add(new Sequence(request, engine.newSequence(prefix, expected), rows));
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
        double leastProbability = engine.stepCost().leastProbability(sequences.size());
        List<Engine.Rows> parts = sequences.stream()
                .map(sequence -> new Engine.Rows(sequence.kv, sequence.begin(leastProbability)))
                .toList();
        long start = System.nanoTime();
        try (MaskWork masks = prepareMasks(sequences)) {
            engine.forward(parts, Phase.DECODE, true);
            masks.await();
        }
        Verification verification = new Verification(sequences);
        engine.eachLogits(verification.inBatch(), Phase.DECODE, verification);
        engine.stepCost().learn(verification.end, System.nanoTime() - start);
        for (Sequence sequence : sequences) {
            sequence.endStep();
        }
    }

    /// The rows of a step whose logits may decide a token: of each sequence that of its last token and those of
    /// what was guessed after it.
    private static final class Verification implements Engine.LogitsVisitor {
        private final List<Row> rows = new ArrayList<>();
        private int end;

        /// @param inSequence counted from the sequence's first row of the step
        /// @param inBatch    counted from the step's first row
        private record Row(Sequence sequence, int inSequence, int inBatch) {}

        Verification(List<Sequence> step) {
            for (Sequence sequence : step) {
                for (int row = sequence.decided - 1; row < sequence.reading.length; row++) {
                    rows.add(new Row(sequence, row, end + row));
                }
                end += sequence.reading.length;
            }
        }

        int[] inBatch() {
            return rows.stream().mapToInt(Row::inBatch).toArray();
        }

        @Override
        public boolean wants(int index) {
            Row row = rows.get(index);
            return row.sequence.wants(row.inSequence);
        }

        @Override
        public void visit(int index, float[] logits) {
            rows.get(index).sequence.accept(logits);
        }
    }

    /// Has the masks of this step worked out while its forward pass runs, where a processor is free for it;
    /// elsewhere they are worked out when they are needed.
    private MaskWork prepareMasks(List<Sequence> sequences) {
        List<ConstrainedAnswer> answers = new ArrayList<>();
        if (engine.leavesProcessors()) {
            for (Sequence sequence : sequences) {
                if (sequence.answer != null) {
                    answers.add(sequence.answer);
                }
            }
        }
        return MaskWork.start(answers);
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
        private final @Nullable ConstrainedAnswer answer;
        /// Most rows of one step.
        private final int stepRows;
        /// Most tokens of the answer, and why not more.
        private final int limit;

        private final FinishReason limitReason;
        private int[] tokens = new int[16];
        private int count;
        private int written;
        private int forcedTokens;
        private final @Nullable Proposer proposer;
        private int proposedTokens;
        private int acceptedTokens;
        /// The tokens of the answer that no row has read yet.
        private int[] next = NONE;
        /// What the step under way reads: tokens of the answer, then guessed ones.
        private int[] reading = NONE;
        /// How many of them are the answer's, as far as that is known.
        private int decided;

        private int guessed;

        private @Nullable FinishReason finishReason;

        Sequence(GenerationRequest request, PagedKv kv, int stepRows) {
            this.request = request;
            this.kv = kv;
            this.stepRows = stepRows;
            this.sampler = Sampler.of(request.sampling());
            this.stopTokens = request.stopTokens();
            Matcher matcher = request.matcher();
            // A model that has no tokenizer can write freely.
            this.answer = matcher == null
                    ? null
                    : new ConstrainedAnswer(
                            matcher,
                            engine.tokenizer(),
                            stopTokens,
                            engine.model().vocabSize());
            // The last token is not read, so that it needs no place in the context.
            int room = engine.model().contextLength() - kv.length() - request.promptTokens().length + 1;
            this.limit = Math.min(request.maxTokens(), room);
            this.proposer = engine.speculates()
                    ? new Proposer(index, engine.earlierAnswers(), request.promptTokens(), Math.max(0, limit))
                    : null;
            this.limitReason = limit == request.maxTokens() ? FinishReason.LENGTH : FinishReason.CONTEXT_FULL;
            if (answer != null && !answer.fits(limit)) {
                // No valid answer is that short: better none than a part of one.
                end(limitReason);
            }
        }

        /// What the sequence reads in a step: the answer's tokens that no row has read yet, and a guess at
        /// those that follow.
        int[] begin(double leastProbability) {
            int[] guess = guess(leastProbability);
            decided = next.length;
            guessed = guess.length;
            proposedTokens += guessed;
            reading = Arrays.copyOf(next, decided + guessed);
            System.arraycopy(guess, 0, reading, decided, guessed);
            next = NONE;
            return reading;
        }

        private int[] guess(double leastProbability) {
            if (proposer == null) {
                return NONE;
            }
            // The last token that an answer may have is not read.
            int most = Math.min(MAX_PROPOSED, Math.min(stepRows - next.length, limit - count - 1));
            int[] guess = proposer.propose(most, leastProbability);
            int length = 0;
            while (length < guess.length && !isStop(guess[length])) {
                length++;
            }
            guess = Arrays.copyOf(guess, length);
            return answer == null ? guess : Arrays.copyOf(guess, answer.admits(guess));
        }

        private boolean isStop(int token) {
            for (int stop : stopTokens) {
                if (token == stop) {
                    return true;
                }
            }
            return false;
        }

        /// Whether a row of the step under way is the last one that read a token of the answer.
        boolean wants(int row) {
            return finishReason == null && next.length == 0 && row == decided - 1;
        }

        /// Goes back to the answer where the guess left it.
        void endStep() {
            int read = reading.length;
            if (proposer != null && finishReason == null) {
                int right = decided - (read - guessed);
                proposer.learn(guessed, right);
            }
            kv.truncate(kv.length() - (read - decided));
            kv.dropInvisible();
            reading = NONE;
            guessed = 0;
            decided = 0;
        }

        /// Takes the logits of the last row that read a token of the answer.
        void accept(float[] logits) {
            if (finishReason != null) {
                return;
            }
            decide(logits);
            int right = 0;
            while (right < next.length && decided + right < reading.length && reading[decided + right] == next[right]) {
                right++;
            }
            decided += right;
            acceptedTokens += right;
            next = Arrays.copyOfRange(next, right, next.length);
        }

        /// Takes the next token, and those that are forced after it.
        private void decide(float[] logits) {
            if (answer != null && !answer.restrict(logits)) {
                end(answer.isComplete() ? FinishReason.STOP : FinishReason.DEAD_END);
                return;
            }
            int token = sampler.sample(logits);
            if (Float.isNaN(logits[token])) {
                throw new EngineException.ModelCorrupt("logits are not numbers at position " + kv.length()
                        + ": the weights are damaged or overflow float32");
            }
            if (isStop(token)) {
                end(FinishReason.STOP);
                return;
            }
            if (answer != null && !answer.take(token, limit - count - 1)) {
                end(limitReason);
                append(answer.closing());
                return;
            }
            append(token);
            next = new int[] {token};
            if (answer != null) {
                follow(answer, token);
            }
            if (finishReason == null && count == limit) {
                end(limitReason);
            }
        }

        /// Goes on after a token for as far as the schema leaves no choice.
        private void follow(ConstrainedAnswer held, int token) {
            int[] forced = held.takeForced(tokens, count, limit - count, stepRows - 1);
            if (forced.length > 0) {
                append(forced);
                forcedTokens += forced.length;
                next = new int[forced.length + 1];
                next[0] = token;
                System.arraycopy(forced, 0, next, 1, forced.length);
            }
            if (held.isEnded()) {
                end(FinishReason.STOP);
            }
        }

        private void end(FinishReason reason) {
            finishReason = reason;
            written = count;
            if (proposer != null && count > 0) {
                proposer.end();
            }
        }

        private void append(int... more) {
            if (count + more.length > tokens.length) {
                tokens = Arrays.copyOf(tokens, Math.max(count + more.length, 2 * count));
            }
            System.arraycopy(more, 0, tokens, count, more.length);
            count += more.length;
            if (proposer != null) {
                proposer.append(more, 0, more.length);
            }
        }

        Generation generation() {
            FinishReason reason = finishReason;
            if (reason == null) {
                throw new IllegalStateException("generation taken before its end");
            }
            int prefixTokens = prefix == null ? 0 : prefix.length();
            return new Generation(
                    Arrays.copyOf(tokens, count),
                    written,
                    reason,
                    prefixTokens + request.promptTokens().length,
                    forcedTokens,
                    proposedTokens,
                    acceptedTokens,
                    answer == null ? 0 : answer.maskNanos());
        }
    }
}
