package dev.lectern.engine.internal.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Memory off the heap that grows to what is needed and stays; growing loses what was in it. It begins at a line of
/// the cache. For one thread at a time; the owner closes it.
public final class NativeBuffer implements AutoCloseable {
    /// A line of the cache, and the widest vector, in bytes.
    public static final int ALIGNMENT = 64;

    private Arena arena = Arena.ofShared();
    private MemorySegment data = MemorySegment.NULL;

    /// At least `bytes` of memory, the same as before where that is enough. Zero at first, then whatever was
    /// written.
    ///
    /// @throws OutOfMemoryError      when there is not so much; what was reserved before is gone too
    /// @throws IllegalStateException when this is closed
    public MemorySegment reserve(long bytes) {
        if (data.byteSize() < bytes) {
            // Where there is no more memory, what is left is nothing, not what was closed.
            data = MemorySegment.NULL;
            arena.close();
            arena = Arena.ofShared();
            data = arena.allocate(bytes, ALIGNMENT);
        }
        return data;
    }

    /// What was reserved last.
    public MemorySegment data() {
        return data;
    }

    @Override
    public void close() {
        arena.close();
    }
}
