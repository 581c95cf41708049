package dev.lectern.engine.internal.model;

import dev.lectern.engine.internal.quant.TensorType;
import java.lang.foreign.MemorySegment;

/// A weight matrix where it lies in the file: `out = in · Wᵀ` with `outputs` outputs and `inputs` inputs.
///
/// @param name        the file's tensor name, for messages
/// @param type        how the weights are stored
/// @param outputs     number of outputs
/// @param inputs      number of inputs
/// @param order       which dimension is contiguous
/// @param strideBytes distance of consecutive rows of storage: of outputs in `OUTPUT_MAJOR`, of inputs in
///                    `INPUT_MAJOR`
/// @param data        starts at the matrix's first weight; read only, owned by the model source
public record Weight(
        String name, TensorType type, int outputs, int inputs, Order order, long strideBytes, MemorySegment data) {

    /// Storage order.
    public enum Order {
        /// A row holds all inputs of one output (ordinary linears, GGUF).
        OUTPUT_MAJOR,
        /// A row holds all outputs of one input (Hugging Face's fused Llama 4 experts, used as `x @ W`). Only
        /// for types whose block is one weight.
        INPUT_MAJOR
    }

    public Weight {
        int contiguous = order == Order.OUTPUT_MAJOR ? inputs : outputs;
        int rows = order == Order.OUTPUT_MAJOR ? outputs : inputs;
        if (outputs <= 0 || inputs <= 0 || contiguous % type.blockWeights() != 0) {
            throw new IllegalArgumentException(
                    name + ": shape (" + outputs + ", " + inputs + ") does not fit blocks of " + type.blockWeights());
        }
        if (order == Order.INPUT_MAJOR && type.blockWeights() != 1) {
            throw new IllegalArgumentException(name + ": input-major storage of the block type " + type);
        }
        long needed = Math.addExact(Math.multiplyExact(rows - 1L, strideBytes), type.bytes(contiguous));
        if (strideBytes < type.bytes(contiguous) || data.byteSize() < needed) {
            throw new IllegalArgumentException(
                    name + ": needs " + needed + " bytes at stride " + strideBytes + ", has " + data.byteSize());
        }
    }

    /// Byte offset of the storage row `row` in [#data].
    public long rowOffset(int row) {
        return row * strideBytes;
    }
}
