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

/// Against ggml's blocks and the gguf package's values: `golden/quants/quants.safetensors`, four of the types that
/// `make_quants.py` beside it writes (gguf 0.19.0, seed 1).
class WeightDecoderTest {
    @ParameterizedTest
    @EnumSource(names = "F32", mode = EnumSource.Mode.EXCLUDE)
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

    private static float[] values(SafetensorsTensor tensor) {
        float[] values = new float[(int) (tensor.data().byteSize() / Float.BYTES)];
        WeightDecoder.decode(TensorType.F32, tensor.data(), 0, values, 0, values.length);
        return values;
    }
}
