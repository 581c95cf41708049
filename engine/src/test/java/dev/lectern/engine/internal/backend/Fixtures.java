package dev.lectern.engine.internal.backend;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.IQ1_MLayout;
import dev.lectern.engine.internal.quant.Q2_KLayout;
import dev.lectern.engine.internal.quant.TensorType;
import dev.lectern.engine.internal.quant.WeightDecoder;
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
            case F8_E4M3 -> {
                // Magnitudes below 2.
                int bits = random.nextInt(0x40);
                data.set(JAVA_BYTE, at, (byte) (random.nextBoolean() ? bits : bits | 0x80));
            }
            case E8M0 -> data.set(JAVA_BYTE, at, (byte) (120 + random.nextInt(8)));
            // Magnitudes up to 1, since their scales are elsewhere.
            case E2M1_PAIRS -> data.set(JAVA_BYTE, at, (byte) (random.nextInt(3) | random.nextInt(4) << 6 & 0x80));
            case INT4_PAIRS -> data.set(JAVA_BYTE, at, (byte) (7 + random.nextInt(3) | 7 + random.nextInt(3) << 4));
            default -> {
                fillBytes(data, at, type.blockBytes());
                scaleBlock(type, data, at, 1);
                float[] weights = new float[type.blockWeights()];
                WeightDecoder.decode(type, data, at, weights, 0, weights.length);
                float largest = 1e-3f;
                for (float weight : weights) {
                    largest = Math.max(largest, Math.abs(weight));
                }
                scaleBlock(type, data, at, value / largest);
            }
        }
    }

    private void fillBytes(MemorySegment data, long at, int count) {
        for (int i = 0; i < count; i++) {
            data.set(JAVA_BYTE, at + i, (byte) random.nextInt(256));
        }
    }

    /// Sets a block's scale, and its minimum where it has one.
    private static void scaleBlock(TensorType type, MemorySegment data, long at, float scale) {
        short bits = Float.floatToFloat16(scale);
        switch (type) {
            case Q4_1, Q5_1, Q4_K, Q5_K -> {
                data.set(JAVA_SHORT_UNALIGNED, at, bits);
                data.set(JAVA_SHORT_UNALIGNED, at + 2, bits);
            }
            case Q2_K -> {
                data.set(JAVA_SHORT_UNALIGNED, at + Q2_KLayout.SCALE_OFFSET, bits);
                data.set(JAVA_SHORT_UNALIGNED, at + Q2_KLayout.MINIMUM_OFFSET, bits);
            }
            case Q3_K, Q6_K, TQ1_0, TQ2_0 -> data.set(JAVA_SHORT_UNALIGNED, at + type.blockBytes() - 2, bits);
            case IQ1_M -> {
                for (int quarter = 0; quarter < 4; quarter++) {
                    long group = at + IQ1_MLayout.GROUPS_OFFSET + 2 * quarter;
                    int scales = data.get(JAVA_SHORT_UNALIGNED, group) & 0xFFF;
                    data.set(JAVA_SHORT_UNALIGNED, group, (short) (scales | (bits >>> 4 * quarter & 0xF) << 12));
                }
            }
            case MXFP4 -> data.set(JAVA_BYTE, at, (byte) (Math.getExponent(scale) + 127));
            case NVFP4 -> {
                for (int group = 0; group < 4; group++) {
                    data.set(JAVA_BYTE, at + group, (byte)
                            (Math.clamp(Math.getExponent(scale) + 7, 0, 15) << 3 | group));
                }
            }
            default -> data.set(JAVA_SHORT_UNALIGNED, at, bits);
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
