package dev.lectern.engine.internal.kernel.gemm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lectern.engine.internal.kernel.Kernels;
import dev.lectern.engine.internal.kernel.vector.VectorKernels;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// Needs oneDNN (the profile `onednn` says where it is looked for) and a processor with VNNI; skipped without, with
/// the reason.
final class OneDnnGemmTest {
    private static final int SEED = 7;

    private final Arena arena = Arena.ofConfined();
    private final Random random = new Random(SEED);
    private final Kernels kernels = new VectorKernels();

    @AfterEach
    void free() {
        arena.close();
    }

    @Test
    void takesTypesOfWholeNumbersInGroups() {
        try (Gemm gemm = open(16)) {
            assertThat(gemm.takes(weight(TensorType.Q8_0, 3, 64))).isTrue();
            assertThat(gemm.takes(weight(TensorType.Q4_K, 3, 256))).isTrue();
            assertThat(gemm.takes(weight(TensorType.F32, 3, 64))).isFalse();
            assertThat(gemm.takes(weight(TensorType.Q6_K, 3, 256))).isFalse();
        }
    }

    @Test
    void sixteenBitsAreCloseToExact() {
        for (TensorType type : new TensorType[] {
            TensorType.Q8_0, TensorType.Q4_0, TensorType.Q5_1, TensorType.Q4_K, TensorType.IQ4_XS, TensorType.MXFP4
        }) {
            assertThat(relativeError(type, 16)).as(type.name()).isBetween(1e-7, 6e-5);
        }
    }

    @Test
    void eightBitsAreWhatTheirNameSays() {
        assertThat(relativeError(TensorType.Q8_0, 8)).isBetween(1e-3, 1.5e-2);
        assertThat(relativeError(TensorType.Q4_K, 8)).isBetween(1e-3, 1.5e-2);
    }

    /// The number of rows chooses the product's shape, never the result.
    @Test
    void rowsDoNotChangeEachOther() {
        int rows = 700;
        Weight weight = weight(TensorType.Q8_0, 70, 384);
        MemorySegment in = rows(rows, 384, 1);
        try (Gemm gemm = open(16)) {
            float[] all = multiply(gemm, in, rows, weight);
            for (int row : new int[] {0, 511, 512, 640, 699}) {
                float[] alone = multiply(gemm, in.asSlice(4L * row * 384, 4L * 384), 1, weight);
                for (int o = 0; o < 70; o++) {
                    assertThat(alone[o]).as("row %d, output %d", row, o).isEqualTo(all[row * 70 + o]);
                }
            }
        }
    }

    @Test
    void rowsOfZerosAndOfOneLargeValue() {
        Weight weight = weight(TensorType.Q4_0, 5, 128);
        MemorySegment in = arena.allocate(4L * 2 * 128, 64);
        in.setAtIndex(ValueLayout.JAVA_FLOAT, 128 + 17, 1e6f);
        try (Gemm gemm = open(16)) {
            float[] out = multiply(gemm, in, 2, weight);
            float[] decoded = new float[5 * 128];
            kernels.decode(weight, 0, 0, 5, 128, decoded, 128);
            for (int o = 0; o < 5; o++) {
                assertThat(out[o]).isZero();
                float expected = 1e6f * decoded[o * 128 + 17];
                // The error is that of the whole row's weights.
                assertThat(out[5 + o]).isCloseTo(expected, within(1f));
            }
        }
    }

    @Test
    void bitsThatThereAreNot() {
        assertThatThrownBy(() -> OneDnnGemm.open(kernels, 4, 1)).hasMessageContaining("bits 4");
    }

    private double relativeError(TensorType type, int bits) {
        int rows = 37;
        Weight weight = weight(type, 75, 512);
        MemorySegment in = rows(rows, 512, 1);
        float[] decoded = new float[75 * 512];
        kernels.decode(weight, 0, 0, 75, 512, decoded, 512);
        double difference = 0;
        double length = 0;
        try (Gemm gemm = open(bits)) {
            float[] out = multiply(gemm, in, rows, weight);
            for (int row = 0; row < rows; row++) {
                for (int o = 0; o < 75; o++) {
                    double exact = 0;
                    for (int k = 0; k < 512; k++) {
                        exact += (double) in.getAtIndex(ValueLayout.JAVA_FLOAT, row * 512 + k) * decoded[o * 512 + k];
                    }
                    difference += Math.pow(out[row * 75 + o] - exact, 2);
                    length += exact * exact;
                }
            }
        }
        return Math.sqrt(difference / length);
    }

    private float[] multiply(Gemm gemm, MemorySegment in, int rows, Weight weight) {
        int outputs = weight.outputs();
        MemorySegment out = arena.allocate(4L * rows * outputs, 64);
        gemm.reserve(rows, weight.inputs());
        gemm.pack(in, 0, 4L * weight.inputs(), 0, rows, 0);
        for (int output = 0; output < outputs; output += gemm.outputsPerCall()) {
            int width = Math.min(gemm.outputsPerCall(), outputs - output);
            gemm.multiply(weight, output, width, 0, rows, out, 4L * output, 4L * outputs, 0);
        }
        return out.toArray(ValueLayout.JAVA_FLOAT);
    }

    private MemorySegment rows(int rows, int inputs, float size) {
        MemorySegment in = arena.allocate(4L * rows * inputs, 64);
        for (int i = 0; i < rows * inputs; i++) {
            in.setAtIndex(ValueLayout.JAVA_FLOAT, i, size * (float) random.nextGaussian());
        }
        return in;
    }

    /// Random bits, but scales and minima of some 2^-7 (and 1 for MXFP4).
    private Weight weight(TensorType type, int outputs, int inputs) {
        byte[] bytes = new byte[Math.toIntExact(type.bytes((long) outputs * inputs))];
        random.nextBytes(bytes);
        for (int block = 0; block < bytes.length; block += type.blockBytes()) {
            if (type == TensorType.MXFP4) {
                bytes[block] = 127;
            } else if (type != TensorType.F32 && type != TensorType.Q6_K) {
                bytes[block + 1] = 0x20;
                if (type == TensorType.Q5_1 || type == TensorType.Q4_K) {
                    bytes[block + 3] = 0x20;
                }
            }
        }
        MemorySegment data = arena.allocate(bytes.length, 64);
        data.copyFrom(MemorySegment.ofArray(bytes));
        return new Weight(type.name(), type, outputs, inputs, Weight.Order.OUTPUT_MAJOR, type.bytes(inputs), data);
    }

    private Gemm open(int bits) {
        try {
            return OneDnnGemm.open(kernels, bits, 1);
        } catch (GemmUnavailable e) {
            return Assumptions.abort(e.toString());
        }
    }
}
