package dev.lectern.engine.internal.kernel.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.TensorType;
import dev.lectern.engine.internal.quant.WeightDecoder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Random bytes, every one of which is some weight: infinities, NaN and subnormal numbers included.
final class RowDecoderTest {
    private static final long SEED = 11;
    private static final float UNTOUCHED = -7;

    @Test
    void decodesWhatTheScalarDecoderDoes() {
        Random random = new Random(SEED);
        for (TensorType type : TensorType.values()) {
            for (int blocks : new int[] {1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 33, 65}) {
                int count = blocks * type.blockWeights();
                byte[] bytes = new byte[blocks * type.blockBytes() + 6];
                random.nextBytes(bytes);
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
                    float[] expected = new float[count];
                    float[] actual = new float[count];
                    WeightDecoder.decode(type, data, 6, expected, 0, count);
                    RowDecoder.decode(type, data.address() + 6, 0, 1, count, actual, 0);
                    for (int i = 0; i < count; i++) {
                        assertThat(Float.floatToIntBits(actual[i]))
                                .as("%s, weight %d of %d, seed %d", type, i, count, SEED)
                                .isEqualTo(Float.floatToIntBits(expected[i]));
                    }
                }
            }
        }
    }

    @Test
    void decodesRowsApartFromEachOther() {
        Random random = new Random(SEED);
        int rows = 3;
        for (TensorType type : TensorType.values()) {
            // Longer than what is copied at a time.
            for (int count : new int[] {type.blockWeights(), 256, 35 * 256, 70_400}) {
                int rowBytes = (int) type.bytes(count);
                int strideBytes = rowBytes + 3;
                byte[] bytes = new byte[rows * strideBytes];
                random.nextBytes(bytes);
                int stride = count + 5;
                float[] expected = new float[rows * stride + 7];
                Arrays.fill(expected, UNTOUCHED);
                float[] actual = expected.clone();
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
                    for (int row = 0; row < rows; row++) {
                        WeightDecoder.decode(type, data, (long) row * strideBytes, expected, row * stride, count);
                    }
                    RowDecoder.decode(type, data.address(), strideBytes, rows, count, actual, stride);
                }
                for (int i = 0; i < expected.length; i++) {
                    assertThat(Float.floatToIntBits(actual[i]))
                            .as("%s, rows of %d, element %d, seed %d", type, count, i, SEED)
                            .isEqualTo(Float.floatToIntBits(expected[i]));
                }
            }
        }
    }

    @Test
    void readsNothingBeyondTheData() {
        for (TensorType type : TensorType.values()) {
            int count = 4 * type.blockWeights();
            float[] weights = new float[count];
            try (Arena arena = Arena.ofConfined()) {
                long bytes = type.bytes(count);
                Weight weight =
                        new Weight("one row", type, 1, count, Weight.Order.OUTPUT_MAJOR, bytes, arena.allocate(bytes));
                assertThatThrownBy(() -> new VectorKernels().decode(weight, 0, 0, 2, count, weights, 0))
                        .as("%s", type)
                        .isInstanceOf(IndexOutOfBoundsException.class);
            }
        }
    }

    @Test
    void decodesEveryFloat16() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(2 << 16, 2);
            for (int bits = 0; bits < 1 << 16; bits++) {
                data.setAtIndex(ValueLayout.JAVA_SHORT, bits, (short) bits);
            }
            float[] actual = new float[1 << 16];
            RowDecoder.decode(TensorType.F16, data.address(), 0, 1, actual.length, actual, 0);
            for (int bits = 0; bits < 1 << 16; bits++) {
                assertThat(Float.floatToIntBits(actual[bits]))
                        .as("bits %x", bits)
                        .isEqualTo(Float.floatToIntBits(Float.float16ToFloat((short) bits)));
            }
        }
    }
}
