package dev.lectern.engine.internal.source;

import dev.lectern.engine.internal.quant.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One tensor as it lies in a mapped file.
///
/// Weights that are packed into integers under other names (`X.weight_packed`, `X_blocks`) appear under their plain
/// name with the shape of what they stand for. GPT-OSS's packed experts are then `(experts, outputs, inputs)`; in its
/// checkpoints without quantisation, tensors of the same name are `(experts, inputs, outputs)`.
///
/// @param name   as the file spells it, without suffixes of packing
/// @param type   how its weights are stored
/// @param shape  outermost dimension first (GGUF's `ne` reversed); the innermost is contiguous, a multiple of the
///               block
/// @param data   exactly the tensor's bytes; read only, owned by the [ModelSource] that it came from
/// @param scales that the decoded weights are multiplied by; null where the type's blocks hold them, or have none
public record TensorData(
        String name,
        TensorType type,
        List<Long> shape,
        MemorySegment data,
        @Nullable TensorScales scales) {
    /// A tensor without scales of its own.
    public TensorData(String name, TensorType type, List<Long> shape, MemorySegment data) {
        this(name, type, shape, data, null);
    }

    public TensorData {
        shape = List.copyOf(shape);
    }

    public long weights() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    @Override
    public String toString() {
        return "tensor '" + name + "' " + type + Arrays.toString(shape.toArray());
    }
}
