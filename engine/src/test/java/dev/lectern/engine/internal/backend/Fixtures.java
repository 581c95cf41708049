package dev.lectern.engine.internal.backend;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;

/// Seeded tensors and weights.
final class Fixtures {
    private final Arena arena;
    private final Random random;

    Fixtures(Arena arena, long seed) {
        this.arena = arena;
        random = new Random(seed);
    }

    Random random() {
        return random;
    }

    Tensor zeros(int rows, int columns) {
        return new Tensor(arena.allocate(Math.max(4L, 4L * rows * columns), 64), rows, columns);
    }

    Tensor of(int columns, float... values) {
        Tensor tensor = zeros(values.length / columns, columns);
        MemorySegment.copy(values, 0, tensor.data(), JAVA_FLOAT, 0, values.length);
        return tensor;
    }

    /// Uniform in [-1, 1).
    Tensor random(int rows, int columns) {
        return random(rows, columns, 1);
    }

    Tensor random(int rows, int columns, float scale) {
        Tensor tensor = zeros(rows, columns);
        for (long i = 0; i < (long) rows * columns; i++) {
            tensor.data().setAtIndex(JAVA_FLOAT, i, (random.nextFloat() * 2 - 1) * scale);
        }
        return tensor;
    }

    Tensor copy(Tensor tensor) {
        Tensor copy = zeros(tensor.rows(), tensor.columns());
        MemorySegment.copy(tensor.data(), 0, copy.data(), 0, 4L * tensor.rows() * tensor.columns());
        return copy;
    }

    /// The rows from `first` on.
    Tensor rows(Tensor tensor, int first, int count) {
        return new Tensor(
                tensor.data().asSlice(tensor.rowOffset(first), 4L * count * tensor.columns()), count, tensor.columns());
    }

    static float[] values(Tensor tensor, int rows) {
        return tensor.data().asSlice(0, 4L * rows * tensor.columns()).toArray(JAVA_FLOAT);
    }

    Weight f32(int outputs, int inputs, float... values) {
        Tensor tensor = of(inputs, values);
        return new Weight("w", TensorType.F32, outputs, inputs, Weight.Order.OUTPUT_MAJOR, 4L * inputs, tensor.data());
    }

    /// Random weights with a few bytes between rows, and every block type's scale sane.
    Weight weight(TensorType type, Weight.Order order, int outputs, int inputs) {
        int width = order == Weight.Order.OUTPUT_MAJOR ? inputs : outputs;
        int rows = order == Weight.Order.OUTPUT_MAJOR ? outputs : inputs;
        long stride = type.bytes(width) + 2L * random.nextInt(3);
        MemorySegment data = arena.allocate(stride * rows, 2);
        for (int row = 0; row < rows; row++) {
            for (int block = 0; block < width / type.blockWeights(); block++) {
                fillBlock(type, data, row * stride + (long) block * type.blockBytes());
            }
        }
        String name = type + " " + order + " (" + outputs + ", " + inputs + ")";
        return new Weight(name, type, outputs, inputs, order, stride, data);
    }

    private void fillBlock(TensorType type, MemorySegment data, long at) {
        float value = random.nextFloat() * 2 - 1;
        switch (type) {
            case F32 -> data.set(JAVA_FLOAT_UNALIGNED, at, value);
            case F16 ->
                data.set(
                        JAVA_SHORT_UNALIGNED,
                        at,
                        Float.floatToFloat16(random.nextInt(16) == 0 ? value * 1e-5f : value));
            case BF16 -> data.set(JAVA_SHORT_UNALIGNED, at, (short) (Float.floatToRawIntBits(value) >>> 16));
            case Q8_0, Q4_0 -> {
                float scale = type == TensorType.Q8_0 ? value / 127 : value / 8;
                data.set(JAVA_SHORT_UNALIGNED, at, Float.floatToFloat16(scale));
                for (int i = 2; i < type.blockBytes(); i++) {
                    data.set(JAVA_BYTE, at + i, (byte) random.nextInt(256));
                }
            }
        }
    }

    /// Group borders: `groups` uneven groups, some of them empty.
    int[] starts(int rows, int groups) {
        int[] starts = new int[groups + 1];
        for (int g = 1; g < groups; g++) {
            starts[g] = random.nextInt(rows + 1);
        }
        starts[groups] = rows;
        Arrays.sort(starts);
        return starts;
    }
}
