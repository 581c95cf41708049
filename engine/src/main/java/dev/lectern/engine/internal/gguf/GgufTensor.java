package dev.lectern.engine.internal.gguf;

import dev.lectern.engine.internal.quant.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// One weight tensor of a GGUF file.
///
/// @param name  as the file spells it
/// @param type  how its weights are stored
/// @param shape outermost dimension first: the file's `ne` reversed
/// @param data  exactly the tensor's bytes; a slice of the file's mapping
public record GgufTensor(String name, TensorType type, List<Long> shape, MemorySegment data) {
    public GgufTensor {
        shape = List.copyOf(shape);
    }
}
