package dev.lectern.engine;

import dev.lectern.engine.constraint.Constraint;
import dev.lectern.engine.internal.backend.Backend;
import dev.lectern.engine.internal.backend.Backends;
import dev.lectern.engine.internal.backend.Batch;
import dev.lectern.engine.internal.backend.PackedWeights;
import dev.lectern.engine.internal.backend.Phase;
import dev.lectern.engine.internal.backend.ProfilingBackend;
import dev.lectern.engine.internal.backend.Tensor;
import dev.lectern.engine.internal.decoder.Decoder;
import dev.lectern.engine.internal.decoder.DecoderWeights;
import dev.lectern.engine.internal.decoder.WeightRoles;
import dev.lectern.engine.internal.decoder.WeightsLoader;
import dev.lectern.engine.internal.decoder.Workspace;
import dev.lectern.engine.internal.kv.KvPool;
import dev.lectern.engine.internal.kv.PagedKv;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.ModelConfig;
import dev.lectern.engine.internal.speculation.EarlierAnswers;
import dev.lectern.engine.internal.speculation.StepCost;
import dev.lectern.engine.internal.speculation.TokenIndex;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A model that is ready to run: reads contexts, answers questions about them.
///
/// Owns the mapped weights, the backend with its threads, one workspace and the memory of all keys and values;
/// contexts end with it. Thread-safe: forward passes take turns, fairly, so that several callers' contexts
/// advance together.
public final class Engine implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Engine.class.getName());

    /// Rows of a prefill piece, at least: at more, decoding and turning a panel of weights is a hundredth of
    /// the work.
    private static final int PIECE_TOKENS = 2048;

    /// Rows of a piece that an expert should see on average, and the most rows that are taken for it: decoding
    /// and turning its weights is then a twentieth of the work.
    private static final int ROWS_PER_EXPERT = 512;

    private static final int MOST_PIECE_TOKENS = 8192;

    private static final int MIN_PIECE_TOKENS = 64;
    private static final long MAX_WORKSPACE_BYTES = 1L << 30;
    private static final int OUTPUT_ROWS = 64;

    private final ModelFiles files;
    private final Backend backend;
    private final Decoder decoder;
    private final KvPool pool;
    private final Workspace workspace;
    private final int pieceTokens;
    private final float[] logitsRow;
    private final boolean speculation;
    private final StepCost stepCost = new StepCost();
    private final EarlierAnswers earlierAnswers = new EarlierAnswers();
    private final ReentrantLock turn = new ReentrantLock(true);

    private Engine(ModelFiles files, EngineConfig config, boolean profiled) {
        this.files = files;
        ModelConfig model = files.definition().config();
        this.pieceTokens = pieceTokens(model);
        long workspaceBytes = Workspace.bytes(model, pieceTokens, OUTPUT_ROWS);
        DecoderWeights weights = WeightsLoader.load(files.source(), files.definition());
        long fileBytes = files.info().fileBytes();
        long packedBytes = Backends.packedBytes(new WeightRoles(weights).weights());
        boolean packs = PackedWeights.chosen(MachineMemory.hasRoomFor(fileBytes, packedBytes));
        long kvBytes = config.kvMemoryBytes() > 0
                ? config.kvMemoryBytes()
                : MachineMemory.leftForKeysAndValues(
                        packs ? Math.max(fileBytes, packedBytes) : fileBytes, workspaceBytes);
        Backend opened = Backends.open(config.backend(), config.threads(), packs);
        this.backend = profiled ? new ProfilingBackend(opened, new WeightRoles(weights)) : opened;
        this.decoder = new Decoder(model, weights, backend);
        this.workspace = new Workspace(model, pieceTokens, OUTPUT_ROWS);
        this.pool = new KvPool(kvBytes);
        this.logitsRow = new float[model.vocabSize()];
        this.speculation = config.speculation();
        LOG.log(
                System.Logger.Level.INFO,
                "{0}: {1}, {2} layers, {3} parameters, {4} weight bytes mapped; backend {5}, {6} threads",
                files.info().location(),
                files.info().architecture(),
                files.info().numLayers(),
                files.info().parameters(),
                files.info().fileBytes(),
                backend.name(),
                backend.threads());
    }

    /// @throws EngineException.ModelNotFound      when there is no model
    /// @throws EngineException.ModelCorrupt       when its files contradict their format or the metadata
    /// @throws EngineException.ModelUnsupported   when architecture or tensor types are unknown
    /// @throws EngineException.BackendUnavailable when the backend that is named cannot run here
    /// @throws EngineException.NotEnoughMemory    when packed weights do not fit
    public static Engine open(EngineConfig config) {
        return open(config, false);
    }

    /// Opens an engine that also measures where its time goes: [#takeProfile]. It is slower by some 60 ns for
    /// each operation of a layer; [#open]'s measures nothing and is as fast as it can be.
    public static Engine openProfiled(EngineConfig config) {
        return open(config, true);
    }

    private static Engine open(EngineConfig config, boolean profiled) {
        Engine engine = of(ModelFiles.open(config.model()), config, profiled);
        try {
            engine.decoder.prepare();
            return engine;
        } catch (RuntimeException e) {
            engine.close();
            throw e;
        }
    }

    private static Engine of(ModelFiles files, EngineConfig config, boolean profiled) {
        try {
            return new Engine(files, config, profiled);
        } catch (RuntimeException e) {
            files.close();
            throw e;
        }
    }

    public ModelInfo info() {
        return files.info();
    }

    public Tokenizer tokenizer() {
        return files.tokenizer();
    }

    public ChatFormat chat() {
        return files.chat();
    }

    /// Compiles a JSON Schema for requests to this engine.
    ///
    /// @param schema the schema's text
    /// @throws dev.lectern.engine.constraint.SchemaException by JSON pointer, when it is no schema, cannot be
    ///                                                       enforced exactly, or nothing satisfies it
    public Constraint constraint(String schema) {
        return files.constraint(schema);
    }

    public String backendName() {
        return backend.name();
    }

    public int threads() {
        return backend.threads();
    }

    /// Most bytes that keys and values have taken so far.
    public long kvPeakBytes() {
        return pool.peakBytes();
    }

    /// What the forward passes did since the last call, or since the engine was opened; waits for its turn. A
    /// [Cancellation] may call this between two passes.
    ///
    /// @throws IllegalStateException when the engine was not opened by [#openProfiled]
    public Profile takeProfile() {
        if (!(backend instanceof ProfilingBackend profiling)) {
            throw new IllegalStateException("a profile of an engine that was opened without one: use openProfiled");
        }
        turn.lock();
        try {
            return profiling.take();
        } finally {
            turn.unlock();
        }
    }

    /// Begins a context whose tokens stream in.
    ///
    /// @throws EngineException.ContextTooLong  when the expected tokens exceed the model's context length
    /// @throws EngineException.NotEnoughMemory when their keys and values will not fit
    public Prefill startPrefill(PrefillOptions options) {
        checkLength(options.expectedTokens(), "context");
        List<ModelConfig.LayerSpec> layers = decoder.config().layers();
        pool.require(
                PagedKv.bytes(layers, options.expectedTokens(), pieceTokens),
                "a context of " + options.expectedTokens() + " tokens");
        long expected = options.expectedTokens();
        PagedKv sequence = newSequence(null, expected > 0 ? expected : Integer.MAX_VALUE);
        TokenIndex index = speculation
                ? new TokenIndex((int) Math.min(expected, decoder.config().contextLength()))
                : null;
        return new Prefill(this, options, sequence, index, pieceTokens);
    }

    /// Reads a whole context.
    public Context prefill(int[] tokens, PrefillOptions options) {
        PrefillOptions expecting = new PrefillOptions(tokens.length, options.listener(), options.cancellation());
        try (Prefill prefill = startPrefill(expecting)) {
            prefill.append(tokens);
            return prefill.finish();
        }
    }

    /// Answers requests together: their prompts continue the context, which is shared and not copied.
    ///
    /// @param context what all prompts follow; null for nothing
    /// @return one a request, in order
    /// @throws EngineException.ContextTooLong when context and prompt exceed the model's context length
    /// @throws EngineException.Cancelled      when `cancellation` says so; what was generated so far is lost
    public List<Generation> generate(
            @Nullable Context context, List<GenerationRequest> requests, Cancellation cancellation) {
        PagedKv prefix = context == null ? null : context.acquire();
        try {
            int prefixTokens = prefix == null ? 0 : prefix.length();
            for (GenerationRequest request : requests) {
                checkLength(prefixTokens + (long) request.promptTokens().length, "context and prompt");
                checkTokens(request.promptTokens());
            }
            TokenIndex index = context == null ? null : context.index();
            return new Continuations(this, prefix, index, cancellation).generate(requests);
        } finally {
            if (context != null) {
                context.release();
            }
        }
    }

    /// Logits after each token, for comparison with a reference.
    ///
    /// @param tokens the sequence
    /// @param split  tokens of a piece; 0 for as many as the engine takes at once
    /// @return `(tokens.length, vocabSize)`
    public float[][] logits(int[] tokens, int split) {
        checkLength(tokens.length, "sequence");
        checkTokens(tokens);
        int step = split == 0 ? pieceTokens : Math.min(split, pieceTokens);
        float[][] logits = new float[tokens.length][];
        try (PagedKv sequence = newSequence(null, tokens.length)) {
            for (int from = 0; from < tokens.length; from += step) {
                int start = from;
                int[] piece = java.util.Arrays.copyOfRange(tokens, start, Math.min(tokens.length, start + step));
                locked(Cancellation.NONE, space -> {
                    forward(List.of(new Rows(sequence, piece)), Phase.PREFILL, true);
                    int[] rows =
                            java.util.stream.IntStream.range(0, piece.length).toArray();
                    eachLogits(rows, Phase.PREFILL, (row, values) -> logits[start + row] = values.clone());
                    sequence.dropInvisible();
                });
            }
        }
        return logits;
    }

    /// Consecutive tokens that one sequence adds to a batch.
    record Rows(PagedKv sequence, int[] tokens) {}

    /// Receives the logits of one row; the array is reused.
    interface LogitsVisitor {
        void visit(int index, float[] logits);

        /// Whether the logits of that row are needed, which those of the rows before it may have decided.
        default boolean wants(int index) {
            return true;
        }
    }

    /// Work that needs the workspace.
    interface Work {
        void run(Workspace workspace);
    }

    /// Runs work when this caller's turn has come.
    ///
    /// @return nanoseconds that the work took
    long locked(Cancellation cancellation, Work work) {
        turn.lock();
        try {
            if (cancellation.requested()) {
                throw new EngineException.Cancelled("cancelled by the caller");
            }
            long start = System.nanoTime();
            work.run(workspace);
            return System.nanoTime() - start;
        } finally {
            turn.unlock();
        }
    }

    /// Extends the sequences and runs their rows through the layers. Needs the turn.
    void forward(List<Rows> parts, Phase phase, boolean output) {
        int rows = parts.stream().mapToInt(part -> part.tokens().length).sum();
        int[] tokenIds = new int[rows];
        int[] positions = new int[rows];
        List<Batch.Span> spans = new ArrayList<>(parts.size());
        int row = 0;
        for (Rows part : parts) {
            int first = part.sequence().length();
            part.sequence().grow(part.tokens().length);
            spans.add(new Batch.Span(part.sequence(), row, part.tokens().length, first));
            for (int i = 0; i < part.tokens().length; i++, row++) {
                tokenIds[row] = part.tokens()[i];
                positions[row] = first + i;
            }
        }
        decoder.forward(new Batch(phase, tokenIds, positions, spans), workspace, output);
    }

    /// Visits the logits of those rows of the last batch that the visitor wants. Needs the turn.
    void eachLogits(int[] rows, Phase phase, LogitsVisitor visitor) {
        for (int from = 0; from < rows.length; from += OUTPUT_ROWS) {
            int[] some = java.util.Arrays.copyOfRange(rows, from, Math.min(rows.length, from + OUTPUT_ROWS));
            Tensor logits = decoder.logits(some, phase, workspace);
            for (int i = 0; i < some.length; i++) {
                if (visitor.wants(from + i)) {
                    MemorySegment.copy(
                            logits.data(), ValueLayout.JAVA_FLOAT, logits.rowOffset(i), logitsRow, 0, logitsRow.length);
                    visitor.visit(from + i, logitsRow);
                }
            }
        }
    }

    /// @param expectedTokens how long it will become; where it has a prefix, the prefix's expectation counts
    PagedKv newSequence(@Nullable PagedKv prefix, long expectedTokens) {
        int expected = (int) Math.min(expectedTokens, Integer.MAX_VALUE);
        return new PagedKv(pool, decoder.config().layers(), prefix, expected);
    }

    /// Whether continuations are guessed and verified.
    boolean speculates() {
        return speculation;
    }

    /// What was generated before. Needs the turn.
    EarlierAnswers earlierAnswers() {
        return earlierAnswers;
    }

    /// What decode steps have cost. Needs the turn.
    StepCost stepCost() {
        return stepCost;
    }

    KvPool pool() {
        return pool;
    }

    /// Whether the machine has processors that no forward pass uses.
    boolean leavesProcessors() {
        return backend.threads() < Runtime.getRuntime().availableProcessors();
    }

    ModelConfig model() {
        return decoder.config();
    }

    int pieceTokens() {
        return pieceTokens;
    }

    void checkLength(long tokens, String what) {
        if (tokens > files.info().contextLength()) {
            throw new EngineException.ContextTooLong(what + " of " + tokens + " tokens; the model's context length is "
                    + files.info().contextLength() + ": use a smaller context.maxTokens");
        }
    }

    void checkTokens(int[] tokens) {
        int vocabSize = files.info().vocabSize();
        for (int i = 0; i < tokens.length; i++) {
            if (tokens[i] < 0 || tokens[i] >= vocabSize) {
                throw new EngineException.InvalidRequest(
                        "token " + i + " is " + tokens[i] + "; the model's vocabulary is 0 to " + (vocabSize - 1)
                                + ": were the tokens made with this model's tokenizer?");
            }
        }
    }

    private static int pieceTokens(ModelConfig model) {
        int wanted = PIECE_TOKENS;
        for (ModelConfig.LayerSpec layer : model.layers()) {
            if (layer.mlp() instanceof MlpSpec.Moe moe) {
                int experts = Math.ceilDiv(moe.router().experts(), moe.router().topK());
                wanted = Math.clamp((long) ROWS_PER_EXPERT * experts, wanted, MOST_PIECE_TOKENS);
            }
        }
        int rows = Math.min(wanted, Math.max(MIN_PIECE_TOKENS, model.contextLength()));
        while (rows > MIN_PIECE_TOKENS && Workspace.bytes(model, rows, OUTPUT_ROWS) > MAX_WORKSPACE_BYTES) {
            rows /= 2;
        }
        return rows;
    }

    @Override
    public void close() {
        turn.lock();
        try {
            backend.close();
            workspace.close();
            pool.close();
            files.close();
        } finally {
            turn.unlock();
        }
    }
}
