package dev.lectern.engine.internal.kernel.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lectern.engine.internal.kernel.WeightPanels;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.BlockScales;
import dev.lectern.engine.internal.quant.IQ1_MLayout;
import dev.lectern.engine.internal.quant.Q2_KLayout;
import dev.lectern.engine.internal.quant.Q3_KLayout;
import dev.lectern.engine.internal.quant.Q6_KLayout;
import dev.lectern.engine.internal.quant.TQ1_0Layout;
import dev.lectern.engine.internal.quant.TQ2_0Layout;
import dev.lectern.engine.internal.quant.TensorType;
import dev.lectern.engine.internal.quant.WeightDecoder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Random bytes as weights; sizes that end within a panel and within what is read of one at a time.
final class WeightPanelsTest {
    /// Types whose blocks have a float16 to scale them.
    private static final List<TensorType> SCALED = Stream.concat(
                    Stream.of(TensorType.Q8_0, TensorType.Q4_0, TensorType.Q4_K, TensorType.Q6_K),
                    UnpackedPanels.TYPES.stream()
                            .filter(type -> type.blockBytes() > Short.BYTES
                                    && type != TensorType.MXFP4
                                    && type != TensorType.NVFP4))
            .toList();
    private static final List<TensorType> TYPES = Stream.concat(
                    SCALED.stream(),
                    Stream.of(
                            TensorType.MXFP4, TensorType.NVFP4, TensorType.INT4_PAIRS, TensorType.BF16, TensorType.F16))
            .toList();
    private static final int ONE = Float.floatToFloat16(1) & 0xFFFF;
    /// The smallest that times 2^10 is infinite.
    private static final int LARGE = Float.floatToFloat16(64) & 0xFFFF;

    private static final int SMALLEST = 1;
    private static final int MOST_ROWS = 9;
    private static final long SEED = 23;

    private final Random random = new Random(SEED);

    @Test
    void decodesWhatTheScalarDecoderDoes() {
        for (TensorType type : TYPES) {
            for (int blocks : new int[] {1, 2, 3, 16, 17, 35}) {
                try (Arena arena = Arena.ofConfined()) {
                    WeightPanels panels = panels(type);
                    int inputs = blocks * panels.multiple();
                    int outputs = panels.columns() + 3;
                    Weight weight = weight(arena, type, outputs, inputs, random.nextInt(0x7C00));
                    MemorySegment data = pack(arena, panels, weight);
                    float[] expected = new float[inputs];
                    for (int output = 0; output < outputs; output++) {
                        WeightDecoder.decode(type, weight.data(), weight.rowOffset(output), expected, 0, inputs);
                        checkOutput(panels, data, weight, output, expected);
                    }
                }
            }
        }
    }

    private static void checkOutput(
            WeightPanels panels, MemorySegment data, Weight weight, int output, float[] expected) {
        int inputs = weight.inputs();
        int columns = panels.columns();
        int tile = panels.tileColumns();
        long at = output / columns * panels.panelBytes(inputs);
        for (int first = 0; first < inputs; first += panels.multiple()) {
            int count = Math.min(panels.multiple(), inputs - first);
            float[] weights = decode(panels, data, at, inputs, output % columns / tile * tile, first, count);
            for (int k = 0; k < count; k++) {
                assertThat(Float.floatToIntBits(weights[k * tile + output % tile]))
                        .as("%s, output %d, input %d of %d, seed %d", weight, output, first + k, inputs, SEED)
                        .isEqualTo(Float.floatToIntBits(expected[first + k]));
            }
        }
    }

    /// Weights that are stored input by input, alone or with others' between the outputs.
    @Test
    void packsEitherOrder() {
        packsEitherOrder(TensorType.BF16);
        packsEitherOrder(TensorType.F16);
    }

    private void packsEitherOrder(TensorType type) {
        WeightPanels panels = panels(type);
        for (int step : new int[] {1, 2}) {
            try (Arena arena = Arena.ofConfined()) {
                Weight weight = weight(arena, type, panels.columns() + 3, 96, ONE);
                long inputBytes = 2L * (weight.outputs() * step + 1);
                MemorySegment turned = arena.allocate(inputBytes * weight.inputs());
                for (int output = 0; output < weight.outputs(); output++) {
                    for (int k = 0; k < weight.inputs(); k++) {
                        long from = weight.rowOffset(output) + 2L * k;
                        short bits = weight.data().get(ValueLayout.JAVA_SHORT_UNALIGNED, from);
                        turned.set(ValueLayout.JAVA_SHORT_UNALIGNED, inputBytes * k + 2L * output * step, bits);
                    }
                }
                Weight inputMajor = new Weight(
                        "turned",
                        type,
                        weight.outputs(),
                        weight.inputs(),
                        Weight.Order.INPUT_MAJOR,
                        step,
                        inputBytes,
                        turned,
                        null);
                assertThat(panels.holds(inputMajor)).isTrue();
                assertThat(pack(arena, panels, inputMajor).toArray(ValueLayout.JAVA_BYTE))
                        .as("%s, step %d, seed %d", type, step, SEED)
                        .isEqualTo(pack(arena, panels, weight).toArray(ValueLayout.JAVA_BYTE));
            }
        }
    }

    /// Where scales lie in a tensor of their own; a row's are for more weights than a group has.
    @Test
    void packsScalesThatLieElsewhere() {
        for (TensorType type : List.of(TensorType.E2M1_PAIRS, TensorType.INT4_PAIRS)) {
            for (int perScale : new int[] {32, 128}) {
                try (Arena arena = Arena.ofConfined()) {
                    WeightPanels panels = panels(type);
                    int outputs = panels.columns() + 3;
                    int inputs = 384;
                    BlockScales scales = scales(arena, outputs, inputs, perScale);
                    Weight bare = weight(arena, type, outputs, inputs, ONE);
                    Weight weight = new Weight(
                            type + " with scales",
                            type,
                            outputs,
                            inputs,
                            Weight.Order.OUTPUT_MAJOR,
                            1,
                            bare.strideBytes(),
                            bare.data(),
                            scales);
                    assertThat(panels.holds(weight)).isTrue();
                    MemorySegment data = pack(arena, panels, weight);
                    float[] expected = new float[inputs];
                    for (int output = 0; output < outputs; output++) {
                        new VectorKernels().decode(weight, output, 0, 1, inputs, expected, inputs);
                        checkOutput(panels, data, weight, output, expected);
                    }
                }
            }
            assertThat(panels(type).holds(withScalesFor(type, 8))).isFalse();
        }
    }

    private BlockScales scales(Arena arena, int outputs, int inputs, int perScale) {
        MemorySegment numbers = arena.allocate(4L * outputs * inputs / perScale);
        for (long i = 0; i < numbers.byteSize() / 4; i++) {
            numbers.setAtIndex(ValueLayout.JAVA_FLOAT, i, random.nextFloat() - 0.4f);
        }
        return new BlockScales(numbers, TensorType.F32, 1, perScale, 4L * inputs / perScale, 0, 1, 0);
    }

    private static Weight withScalesFor(TensorType type, int weights) {
        MemorySegment data = MemorySegment.ofArray(new byte[64]);
        BlockScales scales = new BlockScales(data, TensorType.F32, 1, weights, 4L * 64 / weights, 0, 1, 0);
        return new Weight("halves of groups", type, 1, 64, Weight.Order.OUTPUT_MAJOR, 1, type.bytes(64), data, scales);
    }

    /// However many rows go together; and close to the sum in double precision. With the larger scale and the smallest
    /// one side by side, no power of 2 makes all of a panel's scales normal.
    @Test
    void multipliesEachRowForItself() {
        for (TensorType type : TYPES) {
            for (int scale : new int[] {ONE, LARGE}) {
                for (int inputs : new int[] {256, 768, 2304}) {
                    multiplyEachRowForItself(type, scale, inputs);
                }
            }
        }
    }

    private void multiplyEachRowForItself(TensorType type, int scale, int inputs) {
        try (Arena arena = Arena.ofConfined()) {
            WeightPanels panels = panels(type);
            Weight weight = weight(arena, type, panels.columns(), inputs, scale);
            MemorySegment data = pack(arena, panels, weight);
            MemorySegment in = arena.allocate(4L * MOST_ROWS * inputs, 64);
            for (int i = 0; i < MOST_ROWS * inputs; i++) {
                in.setAtIndex(ValueLayout.JAVA_FLOAT, i, random.nextFloat() - 0.4f);
            }
            float[] alone = new float[0];
            for (int rows = 1; rows <= MOST_ROWS; rows++) {
                float[] sums = multiply(panels, data, in, inputs, rows);
                assertThat(Arrays.copyOf(sums, alone.length))
                        .as("%s, scale %x, %d inputs, %d rows", type, scale, inputs, rows)
                        .isEqualTo(alone);
                checkRow(weight, in, rows - 1, sums);
                alone = sums;
            }
        }
    }

    private static float[] multiply(WeightPanels panels, MemorySegment data, MemorySegment in, int inputs, int rows) {
        int floats = panels.preparedFloats(inputs);
        float[] x = new float[5 + rows * floats];
        for (int row = 0; row < rows; row++) {
            panels.prepare(in, 4L * row * inputs, inputs, x, 5 + row * floats);
        }
        float[] sums = new float[rows * panels.columns()];
        Arrays.fill(sums, Float.NaN);
        panels.dots(data, 0, inputs, x, 5, rows, new float[panels.scratchFloats(rows)], sums);
        return sums;
    }

    private static float[] decode(
            WeightPanels panels, MemorySegment data, long at, int inputs, int column, int first, int count) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment weights = arena.allocate(ValueLayout.JAVA_FLOAT, (long) count * panels.tileColumns());
            panels.decode(data, at, inputs, column, first, count, weights);
            return weights.toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    private static void checkRow(Weight weight, MemorySegment in, int row, float[] sums) {
        int inputs = weight.inputs();
        float[] weights = new float[inputs];
        for (int output = 0; output < weight.outputs(); output++) {
            WeightDecoder.decode(weight.type(), weight.data(), weight.rowOffset(output), weights, 0, inputs);
            double sum = 0;
            double absolute = 0;
            for (int k = 0; k < inputs; k++) {
                double product = (double) weights[k] * in.getAtIndex(ValueLayout.JAVA_FLOAT, (long) row * inputs + k);
                sum += product;
                absolute += Math.abs(product);
            }
            assertThat(Math.abs(sums[row * weight.outputs() + output] - sum))
                    .as("%s, output %d, row %d", weight, output, row)
                    .isLessThan(5e-7 * absolute);
        }
    }

    @Test
    void leavesNumbersToOthersThatAreNone() {
        for (TensorType type : SCALED) {
            for (int scale : new int[] {0x7C00, 0xFC00, 0x7C01, 0xFFFF}) {
                try (Arena arena = Arena.ofConfined()) {
                    WeightPanels panels = panels(type);
                    Weight weight = weight(arena, type, 2, type.blockWeights() * 2, ONE);
                    setScale(weight, 1, 1, scale);
                    MemorySegment out = arena.allocate(panels.panelBytes(weight.inputs()));
                    assertThat(panels.pack(weight, 0, out, 0))
                            .as("%s, scale %x, seed %d", type, scale, SEED)
                            .isFalse();
                }
            }
        }
    }

    @Test
    void leavesHalvesToOthersThatAreNoNumbers() {
        for (int bits : new int[] {0x7C00, 0xFC00, 0x7C01, 0xFFFF}) {
            try (Arena arena = Arena.ofConfined()) {
                WeightPanels panels = panels(TensorType.F16);
                Weight weight = weight(arena, TensorType.F16, 2, 96, ONE);
                setInt16(weight, weight.rowOffset(1) + 2 * 70, bits);
                MemorySegment out = arena.allocate(panels.panelBytes(weight.inputs()));
                assertThat(panels.pack(weight, 0, out, 0)).isFalse();
            }
        }
    }

    private static WeightPanels panels(TensorType type) {
        return Objects.requireNonNull(new VectorKernels().panels(type));
    }

    private static MemorySegment pack(Arena arena, WeightPanels panels, Weight weight) {
        long bytes = panels.panelBytes(weight.inputs());
        int count = Math.ceilDiv(weight.outputs(), panels.columns());
        MemorySegment data = arena.allocate(bytes * count, 64);
        for (int panel = 0; panel < count; panel++) {
            assertThat(panels.pack(weight, panel * panels.columns(), data, panel * bytes))
                    .isTrue();
        }
        return data;
    }

    /// @param scale bits of the float16 of every other block, whose neighbours have the smallest there is
    private Weight weight(Arena arena, TensorType type, int outputs, int inputs, int scale) {
        long stride = type.bytes(inputs) + 2;
        byte[] bytes = new byte[(int) stride * outputs];
        random.nextBytes(bytes);
        MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
        if (type == TensorType.BF16 || type == TensorType.F16) {
            for (long at = 0; at < data.byteSize(); at += Short.BYTES) {
                set16(data, at, type, scale);
            }
            return new Weight("random", type, outputs, inputs, Weight.Order.OUTPUT_MAJOR, stride, data);
        }
        Weight weight = new Weight("random", type, outputs, inputs, Weight.Order.OUTPUT_MAJOR, stride, data);
        if (type.blockBytes() == 1) {
            return weight;
        }
        for (int output = 0; output < outputs; output++) {
            for (int block = 0; block < inputs / type.blockWeights(); block++) {
                setScale(weight, output, block, (block + output) % 5 == 4 ? SMALLEST : scale);
            }
        }
        return weight;
    }

    /// Numbers between -0.4 and 0.6, but for those of a scale; the smallest ones are subnormal float16.
    private void set16(MemorySegment data, long at, TensorType type, int scale) {
        float value = random.nextInt(9) == 0
                ? Float.float16ToFloat((short) (random.nextBoolean() ? scale : SMALLEST))
                : random.nextFloat() - 0.4f;
        int bits = type == TensorType.BF16 ? Float.floatToRawIntBits(value) >>> 16 : Float.floatToFloat16(value);
        data.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) bits);
    }

    private void setScale(Weight weight, int output, int block, int scale) {
        long at = weight.rowOffset(output) + (long) block * weight.type().blockBytes();
        switch (weight.type()) {
            case Q6_K -> setInt16(weight, at + Q6_KLayout.SCALE_OFFSET, scale);
            case Q3_K -> setInt16(weight, at + Q3_KLayout.SCALE_OFFSET, scale);
            case TQ1_0 -> setInt16(weight, at + TQ1_0Layout.SCALE_OFFSET, scale);
            case TQ2_0 -> setInt16(weight, at + TQ2_0Layout.SCALE_OFFSET, scale);
            case Q2_K -> setScaleAndMinimum(weight, at + Q2_KLayout.SCALE_OFFSET, scale);
            case Q4_1, Q5_1, Q4_K, Q5_K -> setScaleAndMinimum(weight, at, scale);
            case IQ1_M -> {
                for (int quarter = 0; quarter < 4; quarter++) {
                    int bits = scale >>> 4 * quarter << 12 & 0xF000 | random.nextInt(0x1000);
                    setInt16(weight, at + IQ1_MLayout.GROUPS_OFFSET + 2 * quarter, bits);
                }
            }
            case MXFP4 -> {
                int exponent = 127 + Math.getExponent(Float.float16ToFloat((short) scale));
                weight.data().set(ValueLayout.JAVA_BYTE, at, (byte) exponent);
            }
            // Any bytes are scales.
            case NVFP4 -> {}
            default -> setInt16(weight, at, scale);
        }
    }

    private static void setScaleAndMinimum(Weight weight, long at, int scale) {
        setInt16(weight, at, scale);
        setInt16(weight, at + Short.BYTES, scale ^ 0x8000);
    }

    private static void setInt16(Weight weight, long at, int value) {
        weight.data().set(ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) value);
    }
}
