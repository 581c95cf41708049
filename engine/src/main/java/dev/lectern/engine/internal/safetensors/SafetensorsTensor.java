package dev.lectern.engine.internal.safetensors;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// One tensor of a safetensors file, of any type.
///
/// @param name  as the file spells it
/// @param dtype as the file spells it: `BF16`, `I32`
/// @param shape outermost dimension first; empty for a scalar
/// @param data  exactly the tensor's bytes; a slice of the file's mapping, not aligned
public record SafetensorsTensor(String name, String dtype, List<Long> shape, MemorySegment data) {
    public SafetensorsTensor {
        shape = List.copyOf(shape);
    }
}
