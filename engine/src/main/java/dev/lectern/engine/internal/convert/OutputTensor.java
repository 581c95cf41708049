package dev.lectern.engine.internal.convert;

import dev.lectern.engine.internal.quant.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A tensor to be written.
///
/// @param name   in the new file
/// @param type   in the new file
/// @param shape  outermost dimension first; the innermost is a row
/// @param rows   its weights
/// @param stored the tensor's bytes where they already are what the new file shall hold; they are copied then
record OutputTensor(
        String name,
        TensorType type,
        List<Long> shape,
        Rows rows,
        @Nullable MemorySegment stored) {
    /// Where a tensor's rows come from. Thread-safe.
    @FunctionalInterface
    interface Rows {
        /// Reads `count` rows from `first` on, one after the other.
        void read(long first, int count, float[] weights);
    }

    /// Of tensors whose bytes are copied.
    static final Rows COPIED = (first, count, weights) -> {
        throw new IllegalStateException("rows of a tensor whose bytes are copied");
    };

    OutputTensor {
        shape = List.copyOf(shape);
        if (shape.isEmpty() || shape.getLast() % type.blockWeights() != 0) {
            throw new IllegalArgumentException("tensor '" + name + "' of shape " + shape + " does not fit blocks of "
                    + type.blockWeights() + " (" + type + ")");
        }
        if (stored != null && stored.byteSize() != type.bytes(weights(shape))) {
            throw new IllegalArgumentException("tensor '" + name + "': " + stored.byteSize() + " bytes stored");
        }
    }

    /// Weights of a row.
    int rowWeights() {
        return Math.toIntExact(shape.getLast());
    }

    long rowCount() {
        return shape.getLast() == 0 ? 0 : weights() / shape.getLast();
    }

    long weights() {
        return weights(shape);
    }

    long bytes() {
        return type.bytes(weights());
    }

    private static long weights(List<Long> shape) {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }
}
