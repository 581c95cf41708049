package dev.lectern.engine.internal.kv;

import dev.lectern.engine.EngineException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/// The memory of all cached keys and values of an engine: pages of [#PAGE_TOKENS] positions, reused when a
/// sequence ends. Owns every page; thread-safe.
public final class KvPool implements AutoCloseable {
    /// Positions of a page. A multiple of every register tile's width; large enough that attention's blocks rarely
    /// cross pages, small enough that a question's own pages cost little.
    public static final int PAGE_TOKENS = 256;

    private final Arena arena = Arena.ofShared();
    private final long budgetBytes;
    private final Map<Integer, Deque<Page>> free = new HashMap<>();
    private long freeBytes;
    private long allocatedBytes;
    private long peakBytes;

    /// @param budgetBytes most bytes of all pages together
    public KvPool(long budgetBytes) {
        this.budgetBytes = budgetBytes;
    }

    /// Keys and values of [#PAGE_TOKENS] positions of one layer.
    ///
    /// @param keys     `(PAGE_TOKENS, kvHeads * headDim)` float32
    /// @param values   as keys
    /// @param rowBytes of one position's keys
    record Page(MemorySegment keys, MemorySegment values, int rowBytes) {
        long bytes() {
            return bytesOf(rowBytes);
        }
    }

    static long bytesOf(int rowBytes) {
        return 2L * PAGE_TOKENS * rowBytes;
    }

    /// @throws EngineException.NotEnoughMemory when the budget has no room for another page
    synchronized Page take(int rowBytes) {
        Deque<Page> pages = free.get(rowBytes);
        if (pages != null && !pages.isEmpty()) {
            freeBytes -= bytesOf(rowBytes);
            return pages.pop();
        }
        if (allocatedBytes + bytesOf(rowBytes) > budgetBytes) {
            throw new EngineException.NotEnoughMemory("keys and values need more than the " + megabytes(budgetBytes)
                    + " MiB set aside for them (" + megabytes(usedBytes())
                    + " MiB in use): use shorter contexts, fewer at a time, or a larger kvMemoryBytes");
        }
        MemorySegment memory = arena.allocate(bytesOf(rowBytes), 64);
        allocatedBytes += bytesOf(rowBytes);
        peakBytes = Math.max(peakBytes, allocatedBytes);
        long half = (long) PAGE_TOKENS * rowBytes;
        return new Page(memory.asSlice(0, half), memory.asSlice(half, half), rowBytes);
    }

    synchronized void giveBack(Page page) {
        free.computeIfAbsent(page.rowBytes, bytes -> new ArrayDeque<>()).push(page);
        freeBytes += page.bytes();
    }

    /// Checks before the work what it will need in the end.
    ///
    /// @param neededBytes of pages, on top of those in use
    /// @param purpose     for the message: what needs them
    public synchronized void require(long neededBytes, String purpose) {
        if (neededBytes > leftBytes()) {
            throw new EngineException.NotEnoughMemory(purpose + " needs " + megabytes(neededBytes)
                    + " MiB for keys and values; there are " + megabytes(leftBytes()) + " of " + megabytes(budgetBytes)
                    + " MiB: use shorter contexts, fewer at a time, or a larger kvMemoryBytes");
        }
    }

    /// Bytes that sequences hold now.
    public synchronized long usedBytes() {
        return allocatedBytes - freeBytes;
    }

    /// Bytes that sequences may still take.
    public synchronized long leftBytes() {
        return budgetBytes - usedBytes();
    }

    /// Most bytes that the pool has held at once.
    public synchronized long peakBytes() {
        return peakBytes;
    }

    private static long megabytes(long bytes) {
        return Math.ceilDiv(bytes, 1L << 20);
    }

    @Override
    public void close() {
        arena.close();
    }
}
