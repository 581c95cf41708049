package dev.lectern.engine.internal.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.internal.quant.TensorType;
import dev.lectern.engine.internal.quant.WeightDecoder;
import dev.lectern.engine.internal.safetensors.SafetensorsBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Quantised folders, against values computed here from the formats' definitions.
class HuggingFaceTensorsTest {
    private static final String FP8 =
            "{\"quant_method\": \"fp8\", \"fmt\": \"e4m3\", \"activation_scheme\": \"dynamic\","
                    + " \"weight_block_size\": [128, 128]}";
    private static final String MXFP4 =
            "{\"quant_method\": \"mxfp4\", \"modules_to_not_convert\": [\"model.layers.*.self_attn\"]}";

    private final Random random = new Random(4);

    @TempDir
    Path folder;

    /// DeepSeek V3: 128x128 blocks, cut off at the edges; the scale has no relation to the name's suffix `_inv`.
    @Test
    void float8WithBlocksOf128() throws IOException {
        int rows = 200;
        int columns = 300;
        byte[] weights = finiteFloat8(rows * columns);
        float[] scales = scales(2 * 3);
        write(
                FP8,
                new SafetensorsBuilder()
                        .tensor("a.weight", "F8_E4M3", new long[] {rows, columns}, weights)
                        .floats("a.weight_scale_inv", new long[] {2, 3}, scales)
                        .floats("norm.weight", new long[] {2}, 1, 2));
        open(source -> {
            assertThat(source.tensors())
                    .extracting(TensorData::name)
                    .containsExactlyInAnyOrder("a.weight", "norm.weight");
            TensorData tensor = source.require("a.weight");
            assertThat(tensor.shape()).containsExactly((long) rows, (long) columns);
            float[] actual = decode(tensor, 0);
            for (int r = 0; r < rows; r++) {
                for (int c = 0; c < columns; c++) {
                    float scale = scales[r / 128 * 3 + c / 128];
                    assertThat(actual[r * columns + c]).isEqualTo(float8(weights[r * columns + c]) * scale);
                }
            }
            assertThat(source.require("norm.weight").scales()).isNull();
        });
    }

    /// One scale for all, or one for each output, with and without a second dimension.
    @ParameterizedTest
    @CsvSource({"'[]',1", "'[1]',1", "'[1, 1]',1", "'[6]',6", "'[6, 1]',6"})
    void float8WithScalesOfRows(String shape, int count) throws IOException {
        byte[] weights = finiteFloat8(6 * 4);
        float[] scales = scales(count);
        write(
                compressed("float-quantized", "\"num_bits\": 8, \"type\": \"float\", \"strategy\": \"channel\""),
                new SafetensorsBuilder()
                        .tensor("a.weight", "F8_E4M3", new long[] {6, 4}, weights)
                        .floats("a.weight_scale", longs(shape), scales));
        open(source -> {
            float[] actual = decode(source.require("a.weight"), 0);
            for (int i = 0; i < actual.length; i++) {
                assertThat(actual[i]).isEqualTo(float8(weights[i]) * scales[i / 4 % count]);
            }
        });
    }

    /// Llama 4's fused experts `(experts, inputs, outputs)` have a scale for each output: a column of storage.
    @Test
    void float8ExpertsWithScalesOfColumns() throws IOException {
        byte[] weights = finiteFloat8(2 * 3 * 5);
        float[] scales = scales(2 * 5);
        write(
                "{\"quant_method\": \"fbgemm_fp8\"}",
                new SafetensorsBuilder()
                        .tensor("experts.gate_up_proj", "F8_E4M3", new long[] {2, 3, 5}, weights)
                        .floats("experts.gate_up_proj_scale", new long[] {2, 1, 5}, scales));
        open(source -> {
            for (int expert = 0; expert < 2; expert++) {
                float[] actual = decode(source.require("experts.gate_up_proj"), expert);
                for (int i = 0; i < 15; i++) {
                    assertThat(actual[i]).isEqualTo(float8(weights[expert * 15 + i]) * scales[expert * 5 + i % 5]);
                }
            }
        });
    }

    /// Each expert's blocks begin at its own first row, also where an expert's rows are no multiple of the block.
    @Test
    void float8ExpertsWithBlocks() throws IOException {
        byte[] weights = finiteFloat8(2 * 130 * 4);
        float[] scales = scales(2 * 2);
        write(
                FP8,
                new SafetensorsBuilder()
                        .tensor("experts.down_proj", "F8_E4M3", new long[] {2, 130, 4}, weights)
                        .floats("experts.down_proj_scale_inv", new long[] {2, 2, 1}, scales));
        open(source -> {
            float[] actual = decode(source.require("experts.down_proj"), 1);
            for (int r = 0; r < 130; r++) {
                assertThat(actual[r * 4]).isEqualTo(float8(weights[(130 + r) * 4]) * scales[2 + r / 128]);
            }
        });
    }

    /// GPT-OSS: weight 2j of a row is the low nibble of byte j, block after block.
    @Test
    void mxfp4() throws IOException {
        float[] values = {0, .5f, 1, 1.5f, 2, 3, 4, 6, -0f, -.5f, -1, -1.5f, -2, -3, -4, -6};
        byte[] blocks = bytes(2 * 3 * 2 * 16);
        byte[] exponents = new byte[2 * 3 * 2];
        for (int i = 0; i < exponents.length; i++) {
            exponents[i] = (byte) (110 + random.nextInt(30));
        }
        write(
                MXFP4,
                new SafetensorsBuilder()
                        .tensor("mlp.experts.down_proj_blocks", "U8", new long[] {2, 3, 2, 16}, blocks)
                        .tensor("mlp.experts.down_proj_scales", "U8", new long[] {2, 3, 2}, exponents)
                        .floats("mlp.experts.down_proj_bias", new long[] {2, 3}, 1, 2, 3, 4, 5, 6));
        open(source -> {
            assertThat(source.tensors())
                    .extracting(TensorData::name)
                    .containsExactlyInAnyOrder("mlp.experts.down_proj", "mlp.experts.down_proj_bias");
            TensorData tensor = source.require("mlp.experts.down_proj");
            assertThat(tensor.shape()).containsExactly(2L, 3L, 64L);
            for (int expert = 0; expert < 2; expert++) {
                float[] actual = decode(tensor, expert);
                for (int i = 0; i < actual.length; i++) {
                    int at = expert * actual.length + i;
                    int code = blocks[at / 2] >> 4 * (at % 2) & 15;
                    double expected = values[code] * Math.pow(2, (exponents[at / 32] & 0xFF) - 127);
                    assertThat((double) actual[i]).as("weight %d", at).isEqualTo(expected);
                }
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"32,group", "128,group", "256,channel"})
    void int4(int group, String strategy) throws IOException {
        int inputs = 256;
        int[] quants = random.ints(3 * inputs, -8, 8).toArray();
        ByteBuffer packed = ByteBuffer.allocate(3 * inputs / 2).order(ByteOrder.LITTLE_ENDIAN);
        for (int word = 0; word < quants.length / 8; word++) {
            int bits = 0;
            for (int i = 0; i < 8; i++) {
                bits |= (quants[word * 8 + i] + 8) << 4 * i;
            }
            packed.putInt(bits);
        }
        float[] scales = scales(3 * inputs / group);
        byte[] halves = new byte[scales.length * 2];
        for (int i = 0; i < scales.length; i++) {
            int bits = Float.floatToRawIntBits(scales[i]) & 0xFFFF0000;
            scales[i] = Float.intBitsToFloat(bits);
            halves[2 * i] = (byte) (bits >> 16);
            halves[2 * i + 1] = (byte) (bits >> 24);
        }
        write(
                compressed(
                        "pack-quantized",
                        "\"num_bits\": 4, \"type\": \"int\", \"symmetric\": true, \"group_size\": " + group
                                + ", \"strategy\": \"" + strategy + "\""),
                new SafetensorsBuilder()
                        .tensor("up.weight_packed", "I32", new long[] {3, inputs / 8}, packed.array())
                        .tensor("up.weight_scale", "BF16", new long[] {3, inputs / group}, halves)
                        .ints("up.weight_shape", 3, inputs)
                        .floats("lm_head.weight", new long[] {1, 2}, 3, 4));
        open(source -> {
            assertThat(source.tensors())
                    .extracting(TensorData::name)
                    .containsExactlyInAnyOrder("up.weight", "lm_head.weight");
            TensorData tensor = source.require("up.weight");
            assertThat(tensor.type()).isEqualTo(TensorType.INT4_PAIRS);
            assertThat(tensor.shape()).containsExactly(3L, (long) inputs);
            float[] actual = decode(tensor, 0);
            for (int i = 0; i < actual.length; i++) {
                assertThat(actual[i]).isEqualTo(quants[i] * scales[i / group]);
            }
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'quant_method': 'awq', 'bits': 4} | quantization_config.quant_method' is 'awq'",
                "{'bits': 4} | is 'unnamed'",
                "{'quant_method': 'fp8', 'fmt': 'e5m2'} | quantization_config.fmt' is 'e5m2'",
                "{'quant_method': 'compressed-tensors', 'format': 'nvfp4-pack-quantized', 'config_groups': {'g':"
                        + " {'weights': {'num_bits': 4, 'type': 'float'}}}} | format' is 'nvfp4-pack-quantized'",
                "{'quant_method': 'compressed-tensors', 'format': 'pack-quantized', 'config_groups': {'g':"
                        + " {'weights': {'num_bits': 8, 'type': 'int'}}}} | type' is '8-bit int'",
                "{'quant_method': 'compressed-tensors', 'format': 'pack-quantized', 'config_groups': {'g':"
                        + " {'weights': {'num_bits': 4, 'type': 'int', 'symmetric': false}}}} | symmetric' is 'false'",
                "{'quant_method': 'compressed-tensors', 'format': 'pack-quantized', 'sparsity_config': {'format':"
                        + " 'sparse-24-bitmask'}} | sparsity_config.format' is 'sparse-24-bitmask'",
            })
    void otherMethodsAreRefusedByName(String config, String message) throws IOException {
        write(config.replace('\'', '"'), new SafetensorsBuilder().floats("a", new long[] {1}, 1));
        assertThatThrownBy(() -> open(source -> {}))
                .isInstanceOf(ModelUnsupported.class)
                .hasMessageContainingAll("[config.json]", message, "supported: fp8", "mxfp4", "compressed-tensors");
    }

    @Test
    void integersOutOfOrderAreRefusedByName() throws IOException {
        for (String part : List.of("g_idx", "zero_point")) {
            write(
                    compressed("pack-quantized", "\"num_bits\": 4, \"strategy\": \"group\", \"group_size\": 32"),
                    new SafetensorsBuilder()
                            .tensor("up.weight_packed", "I32", new long[] {1, 4}, new byte[16])
                            .floats("up.weight_scale", new long[] {1, 1}, 1)
                            .ints("up.weight_shape", 1, 32)
                            .ints("up.weight_" + part, 0));
            assertThatThrownBy(() -> open(source -> {}))
                    .isInstanceOf(ModelUnsupported.class)
                    .hasMessageContainingAll("[model.safetensors]", "'up.weight_" + part + "'");
        }
    }

    @Test
    void partsThatDoNotFitAreCorrupt() throws IOException {
        SafetensorsBuilder weight = new SafetensorsBuilder().tensor("a", "F8_E4M3", new long[] {129, 1}, new byte[129]);
        write(FP8, weight);
        assertCorrupt("'a'", "scales are missing", "'a_scale_inv'");
        write(FP8, weight.floats("a_scale_inv", new long[] {3, 1}, 1, 2, 3));
        assertCorrupt("'a_scale_inv'", "shape [3, 1] does not fit a of [129, 1]", "128 x 128");
        write(MXFP4, new SafetensorsBuilder().tensor("x_blocks", "U8", new long[] {1, 1, 16}, new byte[16]));
        assertCorrupt("'x_blocks'", "'x_scales' is missing");
        write(
                MXFP4,
                new SafetensorsBuilder()
                        .tensor("x_blocks", "U8", new long[] {1, 2, 8}, new byte[16])
                        .tensor("x_scales", "U8", new long[] {1, 2}, new byte[2]));
        assertCorrupt("'x_blocks'", "[1, 2, 8]", "expected (…, outputs, groups, 16)");
        write(
                compressed("pack-quantized", "\"num_bits\": 4, \"strategy\": \"group\", \"group_size\": 32"),
                new SafetensorsBuilder()
                        .tensor("up.weight_packed", "I32", new long[] {1, 4}, new byte[16])
                        .floats("up.weight_scale", new long[] {1, 1}, 1)
                        .ints("up.weight_shape", 2, 32));
        assertCorrupt("'up.weight_packed'", "shape [1, 4]; expected (2, 4)");
    }

    private void assertCorrupt(String... parts) {
        assertThatThrownBy(() -> open(source -> {}))
                .isInstanceOf(ModelCorrupt.class)
                .isInstanceOf(EngineException.class)
                .hasMessageContainingAll(parts);
    }

    private static String compressed(String format, String weights) {
        return "{\"quant_method\": \"compressed-tensors\", \"format\": \"" + format + "\", \"ignore\": [\"lm_head\"],"
                + " \"config_groups\": {\"group_0\": {\"targets\": [\"Linear\"], \"input_activations\": null,"
                + " \"weights\": {" + weights + "}}}}";
    }

    private void write(String quantization, SafetensorsBuilder tensors) throws IOException {
        Files.writeString(
                folder.resolve("config.json"),
                "{\"model_type\": \"llama\", \"quantization_config\": " + quantization + "}");
        tensors.write(folder.resolve("model.safetensors"));
    }

    private void open(Consumer<ModelSource> check) {
        try (ModelSource source = ModelSources.open(folder)) {
            assertThat(source.fingerprint()).hasSize(64);
            check.accept(source);
        }
    }

    /// One matrix of a tensor.
    private static float[] decode(TensorData tensor, int matrix) {
        int rank = tensor.shape().size();
        int rows = Math.toIntExact(tensor.shape().get(rank - 2));
        int columns = Math.toIntExact(tensor.shape().get(rank - 1));
        float[] weights = new float[rows * columns];
        long bytes = tensor.type().bytes(weights.length);
        WeightDecoder.decode(tensor.type(), tensor.data(), matrix * bytes, weights, 0, weights.length);
        TensorScales scales = tensor.scales();
        assertThat(scales).isNotNull();
        if (scales != null) {
            for (int row = 0; row < rows; row++) {
                scales.matrix(matrix).apply(row, 0, columns, weights, row * columns);
            }
        }
        return weights;
    }

    private static float float8(byte bits) {
        int exponent = bits >> 3 & 15;
        int fraction = bits & 7;
        double magnitude = exponent == 0 ? fraction * Math.pow(2, -9) : (8 + fraction) * Math.pow(2, exponent - 10);
        return (float) (bits < 0 ? -magnitude : magnitude);
    }

    private byte[] finiteFloat8(int count) {
        byte[] bytes = bytes(count);
        for (int i = 0; i < count; i++) {
            if ((bytes[i] & 0x7F) == 0x7F) {
                bytes[i] = 0;
            }
        }
        return bytes;
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private float[] scales(int count) {
        float[] scales = new float[count];
        for (int i = 0; i < count; i++) {
            scales[i] = 0.001f + random.nextFloat();
        }
        return scales;
    }

    private static long[] longs(String list) {
        String inner = list.substring(1, list.length() - 1);
        return inner.isEmpty()
                ? new long[0]
                : List.of(inner.split(", ")).stream().mapToLong(Long::parseLong).toArray();
    }
}
