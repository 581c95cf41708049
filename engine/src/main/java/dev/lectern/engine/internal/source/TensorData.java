package dev.lectern.engine.internal.source;

import dev.lectern.engine.internal.quant.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/// One tensor as it lies in a mapped file.
///
/// @param name  as the file spells it
/// @param type  how its weights are stored
/// @param shape outermost dimension first (GGUF's `ne` reversed); the innermost is contiguous, a multiple of the
///              block
/// @param data  exactly the tensor's bytes; read only, owned by the [ModelSource] that it came from
public record TensorData(String name, TensorType type, List<Long> shape, MemorySegment data) {
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
