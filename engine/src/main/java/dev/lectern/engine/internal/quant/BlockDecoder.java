package dev.lectern.engine.internal.quant;

import java.lang.foreign.MemorySegment;

/// One block of a type to float32, in plain loops: what a Layout class says in words, as code.
@FunctionalInterface
interface BlockDecoder {
    /// @param data    quantised row, read only
    /// @param block   byte offset of the block
    /// @param weights destination; receives all of the block's values from `at` on
    void decode(MemorySegment data, long block, float[] weights, int at);
}
