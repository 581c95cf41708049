package dev.lectern.engine.internal.convert;

import dev.lectern.engine.internal.gguf.GgufTensor;
import dev.lectern.engine.internal.kernel.Kernels;
import dev.lectern.engine.internal.kernel.vector.VectorKernels;
import dev.lectern.engine.internal.model.Weight;

/// The rows of a tensor as they lie in the file, those of all its matrices one after the other.
final class StoredRows implements OutputTensor.Rows {
    private static final Kernels KERNELS = new VectorKernels();

    private final Weight weight;

    /// @param tensor not empty
    StoredRows(GgufTensor tensor) {
        int rowWeights = Math.toIntExact(tensor.shape().getLast());
        weight = new Weight(
                tensor.name(),
                tensor.type(),
                Math.toIntExact(GgufPlan.weights(tensor) / rowWeights),
                rowWeights,
                Weight.Order.OUTPUT_MAJOR,
                tensor.type().bytes(rowWeights),
                tensor.data());
    }

    @Override
    public void read(long first, int count, float[] weights) {
        KERNELS.decode(weight, (int) first, 0, count, weight.inputs(), weights, weight.inputs());
    }
}
