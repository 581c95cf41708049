package dev.lectern.engine.internal.convert;

import dev.lectern.engine.internal.kernel.Kernels;
import dev.lectern.engine.internal.kernel.vector.VectorKernels;
import dev.lectern.engine.internal.model.Weight;

/// A matrix output by output, however it is stored.
///
/// @param weight the matrix
/// @param order  the order in which its outputs are wanted
record WeightRows(Weight weight, HeadOrder order) implements OutputTensor.Rows {
    private static final Kernels KERNELS = new VectorKernels();

    @Override
    public void read(long first, int count, float[] weights) {
        int inputs = weight.inputs();
        if (weight.order() == Weight.Order.INPUT_MAJOR) {
            readTransposed((int) first, count, weights);
        } else if (order == HeadOrder.SAME) {
            KERNELS.decode(weight, (int) first, 0, count, inputs, weights, inputs);
        } else {
            float[] row = new float[inputs];
            for (int i = 0; i < count; i++) {
                KERNELS.decode(weight, order.stored((int) first + i), 0, 1, inputs, row, inputs);
                System.arraycopy(row, 0, weights, i * inputs, inputs);
            }
        }
    }

    /// Reads the wanted outputs of every input, then turns them round.
    private void readTransposed(int first, int count, float[] weights) {
        if (order != HeadOrder.SAME) {
            throw new IllegalStateException(weight.name() + ": heads stored input by input");
        }
        int inputs = weight.inputs();
        int step = weight.step();
        int width = (count - 1) * step + 1;
        float[] stored = new float[Math.multiplyExact(inputs, width)];
        KERNELS.decode(weight, 0, first * step, inputs, width, stored, width);
        for (int output = 0; output < count; output++) {
            for (int input = 0; input < inputs; input++) {
                weights[output * inputs + input] = stored[input * width + output * step];
            }
        }
    }
}
