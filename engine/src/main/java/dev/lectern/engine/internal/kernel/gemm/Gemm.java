package dev.lectern.engine.internal.kernel.gemm;

import dev.lectern.engine.internal.model.Weight;
import java.lang.foreign.MemorySegment;

/// A provider of products of many rows with stored weights, for prefill, beside the register tiles in Java.
///
/// Use: [#reserve] on one thread; then [#pack] for all rows, by several workers at once, each rows of its own; then
/// [#multiply] for pieces of the result, by several workers at once. Workers are numbered from 0; one number is used
/// by one thread at a time.
///
/// A row's result is the same to the last bit whatever other rows there are, and whatever the number of workers.
public interface Gemm extends AutoCloseable {
    /// What messages call it.
    String name();

    /// Whether [#multiply] takes this weight, by its type, order and shape.
    boolean takes(Weight weight);

    /// Outputs that [#multiply] computes at most in one call; pieces that begin at a multiple of it waste
    /// nothing.
    int outputsPerCall();

    /// Makes room for packed rows. What was packed before is gone.
    void reserve(int rows, int inputs);

    /// Takes rows of the batch over.
    ///
    /// @param in       float32
    /// @param offset   byte offset of row `first`
    /// @param rowBytes distance of rows
    /// @param first    first row, counted in what was reserved
    /// @param rows     number of rows
    void pack(MemorySegment in, long offset, long rowBytes, int first, int rows, int worker);

    /// Multiplies packed rows `[first, end)` with some outputs of a weight over its whole depth.
    ///
    /// @param weight   one that it takes, with as many inputs as were reserved
    /// @param output   first output
    /// @param width    number of outputs, at most [#outputsPerCall]
    /// @param out      float32, overwritten
    /// @param offset   byte offset of row `first`'s output `output`
    /// @param rowBytes distance of rows
    void multiply(
            Weight weight,
            int output,
            int width,
            int first,
            int end,
            MemorySegment out,
            long offset,
            long rowBytes,
            int worker);

    /// Frees what it holds; nothing runs afterwards.
    @Override
    void close();
}
