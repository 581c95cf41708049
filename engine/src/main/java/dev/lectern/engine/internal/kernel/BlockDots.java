package dev.lectern.engine.internal.kernel;

import dev.lectern.engine.internal.model.Weight;
import java.lang.foreign.MemorySegment;

/// Dot products of rows with weight rows of one storage type, straight on the stored blocks: what decode does, where
/// each weight is used once or a few times and its way from memory is what counts.
///
/// A block's scale multiplies the sum of its products, not each weight. A row is first brought into the order in
/// which the type's blocks hold their weights. Each dot product is a vector of chains of fused multiply-adds down
/// the depth whose lanes the caller adds in the end; it depends on nothing else in the call, to the last bit.
/// Implementations are stateless.
public interface BlockDots {
    /// What the number of inputs must be a multiple of.
    int multiple();

    /// Bytes of a prepared row; a multiple of [NativeBuffer#ALIGNMENT].
    long preparedBytes(int inputs);

    /// Brings a row into the blocks' order.
    ///
    /// @param in     the row's floats from byte `offset` on
    /// @param inputs whole blocks
    /// @param out    receives [#preparedBytes] bytes from `at` on
    void prepare(MemorySegment in, long offset, int inputs, MemorySegment out, long at);

    /// Dot products of prepared rows with the outputs `[output, output + outputs)`.
    ///
    /// @param x       prepared rows, `xStride` bytes apart, from `xAt` on; its address and both multiples of
    ///                [NativeBuffer#ALIGNMENT], or each load of a vector touches two lines of the cache
    /// @param scratch memory of the calling thread
    /// @param sums    shape (rows, outputs, lanes)
    void dots(
            Weight weight,
            int output,
            int outputs,
            MemorySegment x,
            long xAt,
            long xStride,
            int rows,
            Scratch scratch,
            float[] sums);

    /// A worker's memory for the scales of a call's weight rows; grows and stays.
    final class Scratch {
        /// Unused at an array's end, two cache lines: no other worker's array shares a line with what is
        /// used.
        private static final int UNSHARED_BYTES = 128;

        private long[] words = new long[0];
        private float[] scales = new float[0];

        /// Packed scales.
        public long[] words(int size) {
            if (words.length < size) {
                words = new long[size + UNSHARED_BYTES / Long.BYTES];
            }
            return words;
        }

        public float[] scales(int size) {
            if (scales.length < size) {
                scales = new float[size + UNSHARED_BYTES / Float.BYTES];
            }
            return scales;
        }
    }
}
