package dev.lectern.engine.internal.model;

import dev.lectern.engine.internal.quant.BlockScales;
import dev.lectern.engine.internal.quant.TensorType;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A weight matrix where it lies in the file: `out = in · Wᵀ` with `outputs` outputs and `inputs` inputs.
///
/// @param name        the file's tensor name, for messages
/// @param type        how the weights are stored
/// @param outputs     number of outputs
/// @param inputs      number of inputs
/// @param order       which dimension is contiguous
/// @param step        stored weights from one output to the next in `INPUT_MAJOR`, where other outputs may lie
///                    between (GPT-OSS, gate and up in turns); 1 in `OUTPUT_MAJOR`
/// @param strideBytes distance of consecutive rows of storage: of outputs in `OUTPUT_MAJOR`, of inputs in
///                    `INPUT_MAJOR`
/// @param data        starts at the matrix's first weight; read only, owned by the model source
/// @param scales      scales that lie in a tensor of their own; null where there are none
public record Weight(
        String name,
        TensorType type,
        int outputs,
        int inputs,
        Order order,
        int step,
        long strideBytes,
        MemorySegment data,
        @Nullable BlockScales scales) {

    /// A matrix without gaps between outputs and without scales of its own.
    public Weight(
            String name, TensorType type, int outputs, int inputs, Order order, long strideBytes, MemorySegment data) {
        this(name, type, outputs, inputs, order, 1, strideBytes, data, null);
    }

    /// Storage order.
    public enum Order {
        /// A row holds all inputs of one output (ordinary linears, GGUF).
        OUTPUT_MAJOR,
        /// A row holds all outputs of one input (Hugging Face's fused Llama 4 experts, used as `x @ W`). Only
        /// for types whose block is one weight.
        INPUT_MAJOR
    }

    public Weight {
        int rows = order == Order.OUTPUT_MAJOR ? outputs : inputs;
        int contiguous = order == Order.OUTPUT_MAJOR ? inputs : (outputs - 1) * step + 1;
        if (outputs <= 0
                || inputs <= 0
                || step < 1
                || order == Order.OUTPUT_MAJOR && step != 1
                || contiguous % type.blockWeights() != 0) {
            throw new IllegalArgumentException(name + ": shape (" + outputs + ", " + inputs + "), step " + step
                    + ", does not fit blocks of " + type.blockWeights());
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

    /// Rows of storage: outputs in `OUTPUT_MAJOR`, inputs in `INPUT_MAJOR`.
    public int storageRows() {
        return order == Order.OUTPUT_MAJOR ? outputs : inputs;
    }

    /// Weights of a row of storage, those between the outputs of an `INPUT_MAJOR` matrix included.
    public int storageColumns() {
        return order == Order.OUTPUT_MAJOR ? inputs : (outputs - 1) * step + 1;
    }

    /// Byte offset of the storage row `row` in [#data].
    public long rowOffset(int row) {
        return row * strideBytes;
    }
}
