package dev.lectern.engine.internal.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lectern.engine.internal.quant.WeightDecoder;
import dev.lectern.engine.internal.safetensors.HuggingFaceFolder;
import dev.lectern.engine.internal.safetensors.SafetensorsBuilder;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Folders with damage in config.json, the index or the weights: every weight of what still opens is decoded, so that
/// an access out of bounds would show.
class HuggingFaceFuzzTest {
    private static final int FEW = 5_000;

    /// What [Mutations] would rarely put together.
    private static final List<String> HOSTILE_JSON = List.of(
            "9223372036854775807",
            "-9223372036854775808",
            "1e999",
            "NaN",
            "0",
            "-1",
            "2147483647",
            "null",
            "true",
            "\"\"",
            "[]",
            "{}",
            "[[],[[]]]",
            "[".repeat(5000),
            "{\"a\":".repeat(5000),
            "[1,2,3,4,5,6,7,8]",
            "\"\\u0000\"",
            "123456789012345678901234567890");

    private static final List<Folder> FOLDERS = List.of(
            new Folder(
                    "{\"quant_method\":\"fp8\",\"weight_block_size\":[128,128]}",
                    new SafetensorsBuilder()
                            .tensor("a.weight", "F8_E4M3", new long[] {130, 2}, new byte[260])
                            .floats("a.weight_scale_inv", new long[] {2, 1}, 1, 2)
                            .tensor("e", "F8_E4M3", new long[] {2, 2, 3}, new byte[12])
                            .floats("e_scale", new long[] {2, 1, 3}, 1, 2, 3, 4, 5, 6)),
            new Folder(
                    "{\"quant_method\":\"mxfp4\"}",
                    new SafetensorsBuilder()
                            .tensor("x_blocks", "U8", new long[] {2, 1, 2, 16}, new byte[64])
                            .tensor("x_scales", "U8", new long[] {2, 1, 2}, new byte[4])
                            .floats("x_bias", new long[] {2, 1}, 1, 2)),
            new Folder(
                    "{\"quant_method\":\"compressed-tensors\",\"format\":\"pack-quantized\",\"config_groups\":{\"g\":"
                            + "{\"weights\":{\"num_bits\":4,\"type\":\"int\",\"strategy\":\"group\",\"group_size\":32}}}}",
                    new SafetensorsBuilder()
                            .tensor("u.weight_packed", "I32", new long[] {2, 8}, new byte[64])
                            .tensor("u.weight_scale", "BF16", new long[] {2, 2}, new byte[8])
                            .ints("u.weight_shape", 2, 64)));

    @TempDir
    Path folder;

    @Test
    void damagedFoldersNeverDoWorseThanAMessage() throws InterruptedException {
        double read = Fuzzing.run(HuggingFaceFuzzTest.class, "Hugging Face folders", FEW, random -> {
            FOLDERS.get(random.nextInt(FOLDERS.size())).writeDamaged(folder, random);
            // As ModelSources opens it, but for its shared arena, whose closing would take most of the time.
            try (Arena arena = Arena.ofConfined()) {
                HuggingFaceFolder files = HuggingFaceFolder.open(folder, arena);
                Metadata metadata = Metadata.ofJson(HuggingFaceFolder.CONFIG, files.config());
                HuggingFaceTensors.read(files, metadata).forEach(HuggingFaceFuzzTest::decode);
            }
        });
        assertThat(read).isBetween(0.01, 0.9);
    }

    /// All weights with their scales, where there are few enough.
    private static void decode(TensorData tensor) {
        List<Long> shape = tensor.shape();
        int rank = shape.size();
        if (rank < 2 || tensor.weights() == 0 || tensor.weights() > 1 << 16) {
            return;
        }
        int rows = Math.toIntExact(shape.get(rank - 2));
        int columns = Math.toIntExact(shape.get(rank - 1));
        int matrices = Math.toIntExact(tensor.weights() / rows / columns);
        long rowBytes = tensor.type().bytes(columns);
        float[] row = new float[columns];
        TensorScales scales = tensor.scales();
        for (int matrix = 0; matrix < matrices; matrix++) {
            for (int r = 0; r < rows; r++) {
                long at = ((long) matrix * rows + r) * rowBytes;
                WeightDecoder.decode(tensor.type(), tensor.data(), at, row, 0, columns);
                if (scales != null) {
                    scales.matrix(matrix).apply(r, 0, columns, row, 0);
                }
            }
        }
    }

    private record Folder(String config, byte[] weights) {
        Folder(String quantization, SafetensorsBuilder weights) {
            this(
                    "{\"model_type\":\"llama\",\"text_config\":{\"hidden_size\":64},\"quantization_config\":"
                            + quantization + "}",
                    weights.bytes());
        }

        void writeDamaged(Path folder, Random random) throws IOException {
            byte[] json = config.getBytes(UTF_8);
            byte[] tensors = weights;
            switch (random.nextInt(4)) {
                case 0 -> json = Mutations.damage(json, random);
                case 1 -> json = replaceValue(config, random).getBytes(UTF_8);
                case 2 -> tensors = Mutations.damage(tensors, random);
                default -> tensors = damageHeader(tensors, random);
            }
            replace(folder.resolve("config.json"), json);
            replace(folder.resolve("model.safetensors"), tensors);
        }

        /// Some file systems write a file that is made empty and filled again to the disk at once; a new one not.
        private static void replace(Path file, byte[] bytes) throws IOException {
            Files.deleteIfExists(file);
            Files.write(file, bytes);
        }

        /// Something else after one of the colons.
        private static String replaceValue(String json, Random random) {
            int colon = json.indexOf(':', random.nextInt(json.length()));
            if (colon < 0) {
                return json;
            }
            int end = colon + 1;
            while (end < json.length() && ",}]".indexOf(json.charAt(end)) < 0) {
                end++;
            }
            String hostile = HOSTILE_JSON.get(random.nextInt(HOSTILE_JSON.size()));
            return json.substring(0, colon + 1) + hostile + json.substring(end);
        }

        /// One digit of the header's shapes and offsets, or one letter of its names.
        private static byte[] damageHeader(byte[] file, Random random) {
            byte[] damaged = file.clone();
            int header = file[0] & 0xFF | (file[1] & 0xFF) << 8;
            int at = 8 + random.nextInt(header);
            damaged[at] = (byte) "0123456789_,\"".charAt(random.nextInt(13));
            return damaged;
        }
    }
}
