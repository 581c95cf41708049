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
    /// Positions of a page. A multiple of every register tile's width; large enough that attention's blocks
    /// rarely cross pages, small enough that a question's own pages cost little.
    public static final int PAGE_TOKENS = 256;

    private final Arena arena = Arena.ofShared();
    private final long budgetBytes;
    private final Map<RowBytes, Deque<Page>> free = new HashMap<>();
    private long freeBytes;
    private long allocatedBytes;
    private long peakBytes;

    /// @param budgetBytes most bytes of all pages together
    public KvPool(long budgetBytes) {
        this.budgetBytes = budgetBytes;
    }

    /// Bytes that a layer caches of one position.
    ///
    /// @param keys   of the key
    /// @param values of the value; 0 where the key holds it
    record RowBytes(int keys, int values) {
        /// Bytes of a page.
        long page() {
            return (long) PAGE_TOKENS * (keys + values);
        }
    }

    /// Keys and values of [#PAGE_TOKENS] positions of one layer.
    ///
    /// @param keys   `(PAGE_TOKENS, kvHeads * keyDim)` float32
    /// @param values `(PAGE_TOKENS, kvHeads * valueDim)` float32; the keys themselves where they hold the values
    record Page(MemorySegment keys, MemorySegment values, RowBytes rowBytes) {
        /// Distance of one position's value from the next's.
        int valueStride() {
            return rowBytes.values == 0 ? rowBytes.keys : rowBytes.values;
        }
    }

    /// @throws EngineException.NotEnoughMemory when the budget has no room for another page
    synchronized Page take(RowBytes rowBytes) {
        Deque<Page> pages = free.get(rowBytes);
        if (pages != null && !pages.isEmpty()) {
            freeBytes -= rowBytes.page();
            return pages.pop();
        }
        if (allocatedBytes + rowBytes.page() > budgetBytes) {
            throw new EngineException.NotEnoughMemory("keys and values need more than the " + megabytes(budgetBytes)
                    + " MiB set aside for them (" + megabytes(usedBytes())
                    + " MiB in use): use shorter contexts, fewer at a time, or a larger kvMemoryBytes");
        }
        MemorySegment memory = arena.allocate(rowBytes.page(), 64);
        allocatedBytes += rowBytes.page();
        peakBytes = Math.max(peakBytes, allocatedBytes);
        long split = (long) PAGE_TOKENS * rowBytes.keys;
        MemorySegment keys = memory.asSlice(0, split);
        return new Page(keys, rowBytes.values == 0 ? keys : memory.asSlice(split), rowBytes);
    }

    synchronized void giveBack(Page page) {
        free.computeIfAbsent(page.rowBytes, bytes -> new ArrayDeque<>()).push(page);
        freeBytes += page.rowBytes.page();
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
