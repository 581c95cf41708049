package dev.lectern.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lectern.engine.internal.quant.TensorType;
import dev.lectern.engine.internal.quant.WeightDecoder;
import dev.lectern.engine.internal.safetensors.SafetensorsBuilder;
import dev.lectern.engine.internal.safetensors.SafetensorsFile;
import dev.lectern.engine.internal.safetensors.SafetensorsTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Quantised folders give the logits of the same weights without quantisation, from the file to the last product. The
/// tiny models' own weights are quantised here, and written twice: packed, and as the floats that they stand for.
class QuantisedFolderTest {
    private static final Path GOLDEN = Path.of("src", "test", "resources", "golden", "hf");

    @TempDir
    Path temporary;

    @Test
    void float8InBlocks() throws IOException {
        for (String model : List.of("llama3", "deepseek-v3")) {
            check(model, "{\"quant_method\": \"fp8\", \"weight_block_size\": [24, 40]}", 0, (tensor, out) -> {
                out.float8(tensor, 24, 40, "_scale_inv");
            });
        }
    }

    /// A scale an output; fused experts are stored with their outputs as columns.
    @Test
    void float8WithScalesOfOutputs() throws IOException {
        check("llama4-scout", "{\"quant_method\": \"fbgemm_fp8\"}", 0, (tensor, out) -> {
            boolean fused = tensor.shape().size() == 3;
            out.float8(tensor, fused ? Integer.MAX_VALUE : 1, fused ? 1 : Integer.MAX_VALUE, "_scale");
        });
    }

    @Test
    void packedIntegers() throws IOException {
        check(
                "qwen3-moe",
                "{\"quant_method\": \"compressed-tensors\", \"format\": \"pack-quantized\", \"config_groups\": {\"group_0\":"
                        + " {\"weights\": {\"num_bits\": 4, \"type\": \"int\", \"strategy\": \"group\","
                        + " \"group_size\": 32}}}}",
                0,
                (tensor, out) -> {
                    if (tensor.shape().size() == 2 && tensor.shape().getLast() % 32 == 0) {
                        out.int4(tensor);
                    } else {
                        out.plain(tensor);
                    }
                });
    }

    /// Packed experts are stored the other way round than plain ones, so that sums differ in their last bits.
    @Test
    void mxfp4() throws IOException {
        check("gpt-oss", "{\"quant_method\": \"mxfp4\"}", 1e-4f, (tensor, out) -> {
            if (tensor.shape().size() == 3) {
                out.mxfp4(tensor);
            } else {
                out.plain(tensor);
            }
        });
    }

    private void check(String model, String quantization, float tolerance, Quantiser quantiser) throws IOException {
        Path plain = Files.createDirectories(temporary.resolve(model + "-plain"));
        Path packed = Files.createDirectories(temporary.resolve(model + "-packed"));
        String config = Files.readString(GOLDEN.resolve(model).resolve("config.json"));
        Files.writeString(plain.resolve("config.json"), config);
        Files.writeString(
                packed.resolve("config.json"),
                config.replaceFirst("\\{", "{\"quantization_config\": " + quantization + ","));
        Output out = new Output(new SafetensorsBuilder(), new SafetensorsBuilder());
        try (Arena arena = Arena.ofConfined()) {
            SafetensorsFile file = SafetensorsFile.open(GOLDEN.resolve(model).resolve("model.safetensors"), arena);
            for (SafetensorsTensor tensor : file.tensors().values()) {
                if (tensor.name().contains("_proj") && tensor.shape().size() >= 2) {
                    quantiser.quantise(tensor, out);
                } else {
                    out.plain(tensor);
                }
            }
        }
        out.plain.write(plain.resolve("model.safetensors"));
        out.packed.write(packed.resolve("model.safetensors"));
        int[] tokens = ReferenceLogits.read(GOLDEN.resolve(model).resolve("golden.safetensors"))
                .tokens();
        float[][] expected = logits(plain, tokens);
        float[][] actual = logits(packed, tokens);
        for (int row = 0; row < expected.length; row++) {
            for (int id = 0; id < expected[row].length; id++) {
                assertThat(Math.abs(actual[row][id] - expected[row][id]))
                        .as("%s, position %d, token %d", model, row, id)
                        .isLessThanOrEqualTo(tolerance);
            }
        }
    }

    private static float[][] logits(Path folder, int[] tokens) {
        try (Engine engine = Engine.open(new EngineConfig(folder, "cpu", 1, 0))) {
            return engine.logits(tokens, 7);
        }
    }

    @FunctionalInterface
    private interface Quantiser {
        void quantise(SafetensorsTensor tensor, Output out);
    }

    private record Output(SafetensorsBuilder packed, SafetensorsBuilder plain) {
        void plain(SafetensorsTensor tensor) {
            byte[] bytes = tensor.data().toArray(ValueLayout.JAVA_BYTE);
            packed.tensor(tensor.name(), tensor.dtype(), shape(tensor), bytes);
            plain.tensor(tensor.name(), tensor.dtype(), shape(tensor), bytes);
        }

        /// Blocks of at most `blockRows` x `blockColumns`.
        void float8(SafetensorsTensor tensor, int blockRows, int blockColumns, String suffix) {
            float[] weights = weights(tensor);
            float[] values = values(TensorType.F8_E4M3);
            int[] size = matrixSize(tensor);
            int rows = Math.ceilDiv(size[0], blockRows);
            int columns = Math.ceilDiv(size[1], blockColumns);
            float[] scales = new float[weights.length / size[0] / size[1] * rows * columns];
            int[] blockOf = new int[weights.length];
            for (int i = 0; i < weights.length; i++) {
                int row = i / size[1] % size[0];
                int matrix = i / size[1] / size[0];
                blockOf[i] = (matrix * rows + row / blockRows) * columns + i % size[1] / blockColumns;
                scales[blockOf[i]] = Math.max(scales[blockOf[i]], Math.abs(weights[i]) / 448);
            }
            byte[] codes = new byte[weights.length];
            for (int i = 0; i < weights.length; i++) {
                codes[i] = (byte) nearest(values, weights[i] / scales[blockOf[i]]);
                weights[i] = values[codes[i] & 0xFF] * scales[blockOf[i]];
            }
            long[] shape = shape(tensor);
            long[] scaleShape = shape.clone();
            scaleShape[shape.length - 2] = rows;
            scaleShape[shape.length - 1] = columns;
            packed.tensor(tensor.name(), "F8_E4M3", shape, codes).floats(tensor.name() + suffix, scaleShape, scales);
            plain.floats(tensor.name(), shape, weights);
        }

        void int4(SafetensorsTensor tensor) {
            float[] weights = weights(tensor);
            float[] scales = new float[weights.length / 32];
            byte[] pairs = new byte[weights.length / 2];
            for (int i = 0; i < weights.length; i++) {
                scales[i / 32] = Math.max(scales[i / 32], Math.abs(weights[i]) / 7);
            }
            for (int i = 0; i < weights.length; i++) {
                int quant = Math.clamp(Math.round(weights[i] / scales[i / 32]), -8, 7);
                pairs[i / 2] |= (byte) (quant + 8 << i % 2 * 4);
                weights[i] = quant * scales[i / 32];
            }
            long[] shape = shape(tensor);
            packed.tensor(tensor.name() + "_packed", "I32", new long[] {shape[0], shape[1] / 8}, pairs)
                    .floats(tensor.name() + "_scale", new long[] {shape[0], shape[1] / 32}, scales)
                    .ints(tensor.name() + "_shape", (int) shape[0], (int) shape[1]);
            plain.floats(tensor.name(), shape, weights);
        }

        /// From `(experts, inputs, outputs)` to blocks of each output's inputs.
        void mxfp4(SafetensorsTensor tensor) {
            float[] weights = weights(tensor);
            float[] values = {0, .5f, 1, 1.5f, 2, 3, 4, 6, 0, -.5f, -1, -1.5f, -2, -3, -4, -6};
            int[] size = matrixSize(tensor);
            int inputs = size[0];
            int outputs = size[1];
            byte[] pairs = new byte[weights.length / 2];
            byte[] exponents = new byte[weights.length / 32];
            for (int block = 0; block < exponents.length; block++) {
                int expert = block * 32 / inputs / outputs;
                int output = block * 32 / inputs % outputs;
                int input = block * 32 % inputs;
                float largest = Float.MIN_NORMAL;
                for (int i = 0; i < 32; i++) {
                    largest = Math.max(largest, Math.abs(weights[(expert * inputs + input + i) * outputs + output]));
                }
                int exponent = Math.getExponent(largest) - 2;
                exponents[block] = (byte) (exponent + 127);
                for (int i = 0; i < 32; i++) {
                    int at = (expert * inputs + input + i) * outputs + output;
                    int code = nearest(values, Math.scalb(weights[at], -exponent));
                    pairs[(block * 32 + i) / 2] |= (byte) (code << i % 2 * 4);
                    weights[at] = Math.scalb(values[code], exponent);
                }
            }
            long experts = tensor.shape().getFirst();
            packed.tensor(tensor.name() + "_blocks", "U8", new long[] {experts, outputs, inputs / 32, 16}, pairs)
                    .tensor(tensor.name() + "_scales", "U8", new long[] {experts, outputs, inputs / 32}, exponents);
            plain.floats(tensor.name(), shape(tensor), weights);
        }

        private static int nearest(float[] values, float value) {
            int best = 0;
            for (int code = 0; code < values.length; code++) {
                if (Math.abs(values[code] - value) < Math.abs(values[best] - value)) {
                    best = code;
                }
            }
            return best;
        }

        private static float[] values(TensorType type) {
            float[] values = new float[256];
            for (int code = 0; code < values.length; code++) {
                byte[] one = {(byte) code};
                WeightDecoder.decode(type, MemorySegment.ofArray(one), 0, values, code, 1);
            }
            return values;
        }

        private static float[] weights(SafetensorsTensor tensor) {
            TensorType type = TensorType.valueOf(tensor.dtype());
            float[] weights = new float[Math.toIntExact(tensor.data().byteSize() / type.blockBytes())];
            WeightDecoder.decode(type, tensor.data(), 0, weights, 0, weights.length);
            return weights;
        }

        private static int[] matrixSize(SafetensorsTensor tensor) {
            int rank = tensor.shape().size();
            return new int[] {
                Math.toIntExact(tensor.shape().get(rank - 2)),
                Math.toIntExact(tensor.shape().get(rank - 1))
            };
        }

        private static long[] shape(SafetensorsTensor tensor) {
            return tensor.shape().stream().mapToLong(Long::longValue).toArray();
        }
    }
}
