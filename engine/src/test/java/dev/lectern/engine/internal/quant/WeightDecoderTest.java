package dev.lectern.engine.internal.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.engine.internal.safetensors.SafetensorsFile;
import dev.lectern.engine.internal.safetensors.SafetensorsTensor;
import dev.lectern.engine.internal.source.GoldenModels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Against ggml's blocks and the gguf package's values: `golden/quants/quants.safetensors` has the first 256 columns
/// of rows 0, 6 (zeros) and 7 (an outlier) of what `make_quants.py` beside it writes (gguf 0.19.0, seed 1).
class WeightDecoderTest {
    @ParameterizedTest
    @EnumSource(
            names = {"F32", "F8_E4M3", "E8M0", "E2M1_PAIRS", "INT4_PAIRS"},
            mode = EnumSource.Mode.EXCLUDE)
    void decodesAsTheReferenceBitForBit(TensorType type) {
        try (Arena arena = Arena.ofConfined()) {
            SafetensorsFile file = SafetensorsFile.open(GoldenModels.path("quants/quants.safetensors"), arena);
            SafetensorsTensor blocks = Objects.requireNonNull(file.find(type + ".blocks"));
            float[] expected = values(Objects.requireNonNull(file.find(type + ".values")));
            float[] actual = new float[expected.length + 2];
            WeightDecoder.decode(type, blocks.data(), 0, actual, 1, expected.length);
            for (int i = 0; i < expected.length; i++) {
                assertThat(Float.floatToRawIntBits(actual[i + 1]))
                        .as("%s weight %d", type, i)
                        .isEqualTo(Float.floatToRawIntBits(expected[i]));
            }
            assertThat(actual[0]).isZero();
            assertThat(actual[expected.length + 1]).isZero();
        }
    }

    /// Every value of torch's float8_e4m3fn: magnitudes up to 448, no infinities, one NaN of each sign.
    @Test
    void decodesEveryFloat8() {
        float[] weights = decodeAllBytes(TensorType.F8_E4M3, 1);
        for (int bits = 0; bits < weights.length; bits++) {
            int exponent = bits >> 3 & 15;
            int fraction = bits & 7;
            double magnitude =
                    exponent == 0 ? fraction / 8.0 * Math.pow(2, -6) : (1 + fraction / 8.0) * Math.pow(2, exponent - 7);
            float expected = (bits & 0x7F) == 0x7F ? Float.NaN : (float) (bits < 128 ? magnitude : -magnitude);
            assertThat(weights[bits]).as("bits %x", bits).isEqualTo((Float) expected);
        }
        assertThat(weights[0x7E]).isEqualTo(448);
    }

    @Test
    void decodesEveryPowerOfTwo() {
        float[] weights = decodeAllBytes(TensorType.E8M0, 1);
        for (int bits = 0; bits < 255; bits++) {
            assertThat(weights[bits]).isEqualTo((float) Math.pow(2, bits - 127));
        }
        assertThat(weights[255]).isNaN();
    }

    @Test
    void decodesPairsTheLowNibbleFirst() {
        float[] floats = decodeAllBytes(TensorType.E2M1_PAIRS, 2);
        float[] integers = decodeAllBytes(TensorType.INT4_PAIRS, 2);
        float[] values = {0, .5f, 1, 1.5f, 2, 3, 4, 6, 0, -.5f, -1, -1.5f, -2, -3, -4, -6};
        for (int pair = 0; pair < 256; pair++) {
            assertThat(floats[2 * pair]).isEqualTo(values[pair & 15]);
            assertThat(floats[2 * pair + 1]).isEqualTo(values[pair >> 4]);
            assertThat(integers[2 * pair]).isEqualTo((pair & 15) - 8);
            assertThat(integers[2 * pair + 1]).isEqualTo((pair >> 4) - 8);
        }
    }

    @Test
    void decodesFromTheMiddleOfAnUnalignedRow() {
        // Two bytes in front, then blocks of scale 1 and scale 2 whose quants count up.
        byte[] bytes = new byte[2 + 2 * Q8_0Layout.BLOCK_BYTES];
        bytes[3] = 0x3C;
        bytes[2 + Q8_0Layout.BLOCK_BYTES + 1] = 0x40;
        for (int i = 0; i < Q8_0Layout.BLOCK_WEIGHTS; i++) {
            bytes[2 + Q8_0Layout.BLOCK_BYTES + Q8_0Layout.QUANTS_OFFSET + i] = (byte) (i - 16);
        }
        float[] weights = new float[32];
        WeightDecoder.decode(TensorType.Q8_0, MemorySegment.ofArray(bytes), 2 + Q8_0Layout.BLOCK_BYTES, weights, 0, 32);
        for (int i = 0; i < weights.length; i++) {
            assertThat(weights[i]).isEqualTo(2f * (i - 16));
        }
    }

    @Test
    void refusesPartsOfBlocks() {
        MemorySegment bytes = MemorySegment.ofArray(new byte[Q4_0Layout.BLOCK_BYTES]);
        assertThatThrownBy(() -> WeightDecoder.decode(TensorType.Q4_0, bytes, 0, new float[32], 0, 31))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("31", "Q4_0", "32");
    }

    private static float[] decodeAllBytes(TensorType type, int weightsPerByte) {
        byte[] bytes = new byte[256];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        float[] weights = new float[256 * weightsPerByte];
        WeightDecoder.decode(type, MemorySegment.ofArray(bytes), 0, weights, 0, weights.length);
        return weights;
    }

    private static float[] values(SafetensorsTensor tensor) {
        float[] values = new float[(int) (tensor.data().byteSize() / Float.BYTES)];
        WeightDecoder.decode(TensorType.F32, tensor.data(), 0, values, 0, values.length);
        return values;
    }
}
