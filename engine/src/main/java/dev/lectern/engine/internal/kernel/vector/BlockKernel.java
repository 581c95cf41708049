package dev.lectern.engine.internal.kernel.vector;

import java.lang.foreign.MemorySegment;

/// One stored block to float32, with vectors.
@FunctionalInterface
interface BlockKernel {
    /// @param block   byte offset of the block
    /// @param weights receives all of the block's values from `at` on
    void decode(MemorySegment data, long block, float[] weights, int at);
}
