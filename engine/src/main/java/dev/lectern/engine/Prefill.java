package dev.lectern.engine;

import dev.lectern.engine.internal.backend.Phase;
import dev.lectern.engine.internal.kv.PagedKv;
import dev.lectern.engine.internal.speculation.TokenIndex;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A context in the making: tokens stream in, whole pieces go through the layers as they fill.
///
/// Pieces are cut at multiples of the engine's piece size whatever the sizes of the appended parts, so the result
/// does not depend on how the tokens came. Used by one thread; [#close] frees everything unless [#finish] handed
/// it over.
public final class Prefill implements AutoCloseable {
    private final Engine engine;
    private final PrefillOptions options;
    private final int[] piece;
    private final @Nullable TokenIndex index;
    private int filled;
    private @Nullable PagedKv kv;
    private long workNanos;

    /// @param index that the tokens are added to; null for none
    Prefill(Engine engine, PrefillOptions options, PagedKv kv, @Nullable TokenIndex index, int pieceTokens) {
        this.engine = engine;
        this.options = options;
        this.kv = kv;
        this.index = index;
        this.piece = new int[pieceTokens];
    }

    /// Appends tokens to the context; runs every piece that is full.
    ///
    /// @throws EngineException.ContextTooLong when the model's context length is exceeded
    /// @throws EngineException.Cancelled      when the options' cancellation says so
    public void append(int[] tokens) {
        PagedKv sequence = open();
        long total = (long) sequence.length() + filled + tokens.length;
        engine.checkLength(total, "context");
        engine.checkTokens(tokens);
        if (index != null) {
            index.append(tokens, 0, tokens.length);
        }
        for (int from = 0; from < tokens.length; ) {
            int count = Math.min(tokens.length - from, piece.length - filled);
            System.arraycopy(tokens, from, piece, filled, count);
            filled += count;
            from += count;
            if (filled == piece.length) {
                flush(sequence);
            }
        }
    }

    /// Runs what is left and hands the context over.
    public Context finish() {
        PagedKv sequence = open();
        if (filled > 0) {
            flush(sequence);
        }
        if (sequence.length() == 0) {
            throw new EngineException.InvalidRequest("empty context: a prefill needs at least one token");
        }
        if (index != null) {
            index.trim();
        }
        kv = null;
        return new Context(sequence, index, workNanos / 1_000_000);
    }

    private void flush(PagedKv sequence) {
        int[] tokens = java.util.Arrays.copyOf(piece, filled);
        workNanos += engine.locked(options.cancellation(), workspace -> {
            engine.forward(List.of(new Engine.Rows(sequence, tokens)), Phase.PREFILL, false);
            sequence.dropInvisible();
        });
        filled = 0;
        options.listener().progress(sequence.length());
    }

    private PagedKv open() {
        PagedKv sequence = kv;
        if (sequence == null) {
            throw new IllegalStateException("this prefill is finished or closed");
        }
        return sequence;
    }

    @Override
    public void close() {
        PagedKv sequence = kv;
        if (sequence != null) {
            kv = null;
            sequence.close();
        }
    }
}
