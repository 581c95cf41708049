package dev.lectern.engine.internal.convert;

import java.lang.foreign.MemorySegment;

/// Turns float32 into blocks of one type, with the least squared error that its search finds. Not thread-safe: one a
/// worker.
interface RowQuantiser {
    /// @param count  a multiple of the type's block; all weights finite
    /// @param out    receives the blocks from `offset` on
    void quantise(float[] weights, int at, int count, MemorySegment out, long offset);
}
