package dev.lectern.engine;

import dev.lectern.engine.internal.kv.PagedKv;
import dev.lectern.engine.internal.speculation.TokenIndex;
import org.jspecify.annotations.Nullable;

/// A prefilled, immutable prefix that any number of questions continue. Holds memory of its engine until [#close].
/// Thread-safe: closing while generations run lets them end first.
public final class Context implements AutoCloseable {
    private final PagedKv kv;
    private final @Nullable TokenIndex index;
    private final int tokenCount;
    private final long prefillMillis;
    private int users;
    private boolean closed;

    /// @param index of its tokens; null where continuations are not to be guessed from them
    Context(PagedKv kv, @Nullable TokenIndex index, long prefillMillis) {
        this.kv = kv;
        this.index = index;
        this.tokenCount = kv.length();
        this.prefillMillis = prefillMillis;
    }

    public int tokenCount() {
        return tokenCount;
    }

    /// Time that the prefill's forward passes took, without waiting for other work of the engine.
    public long prefillMillis() {
        return prefillMillis;
    }

    @Nullable
    TokenIndex index() {
        return index;
    }

    synchronized PagedKv acquire() {
        if (closed) {
            throw new IllegalStateException("this context is closed");
        }
        users++;
        return kv;
    }

    synchronized void release() {
        users--;
        freeIfUnused();
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            freeIfUnused();
        }
    }

    private void freeIfUnused() {
        if (closed && users == 0) {
            kv.close();
        }
    }
}
