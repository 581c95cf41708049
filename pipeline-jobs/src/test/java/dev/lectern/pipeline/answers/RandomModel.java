package dev.lectern.pipeline.answers;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lectern.engine.ModelFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/// A small Llama whose weights are drawn at random, with the tokenizer of another model: it babbles, so that its
/// answers go wherever a schema lets them.
final class RandomModel {
    private static final int HIDDEN_SIZE = 64;
    private static final int INTERMEDIATE_SIZE = 128;
    private static final int NUM_LAYERS = 2;
    private static final int NUM_HEADS = 4;
    private static final int NUM_KV_HEADS = 2;
    private static final int HEAD_DIM = HIDDEN_SIZE / NUM_HEADS;

    private final Random random;
    private final ObjectNode header = JsonNodeFactory.instance.objectNode();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();

    private RandomModel(long seed) {
        this.random = new Random(seed);
    }

    /// Writes the model as a Hugging Face folder.
    ///
    /// @param other whose tokenizer it gets
    /// @return the folder
    static Path write(Path folder, Path other, long seed) throws IOException {
        Files.createDirectories(folder);
        for (String file : List.of("tokenizer.json", "tokenizer_config.json", "generation_config.json")) {
            Files.copy(other.resolve(file), folder.resolve(file));
        }
        int vocabSize = ModelFiles.openTokenizer(other).vocabSize();
        Files.writeString(folder.resolve("config.json"), config(vocabSize));
        Files.write(folder.resolve("model.safetensors"), new RandomModel(seed).weights(vocabSize));
        return folder;
    }

    private static String config(int vocabSize) {
        return """
                {
                  "architectures": ["LlamaForCausalLM"],
                  "model_type": "llama",
                  "vocab_size": %d,
                  "hidden_size": %d,
                  "intermediate_size": %d,
                  "num_hidden_layers": %d,
                  "num_attention_heads": %d,
                  "num_key_value_heads": %d,
                  "head_dim": %d,
                  "hidden_act": "silu",
                  "max_position_embeddings": 4096,
                  "rms_norm_eps": 1e-05,
                  "rope_theta": 10000.0,
                  "tie_word_embeddings": false
                }
                """.formatted(vocabSize, HIDDEN_SIZE, INTERMEDIATE_SIZE, NUM_LAYERS, NUM_HEADS, NUM_KV_HEADS, HEAD_DIM);
    }

    private byte[] weights(int vocabSize) {
        matrix("model.embed_tokens.weight", vocabSize, HIDDEN_SIZE);
        for (int layer = 0; layer < NUM_LAYERS; layer++) {
            String prefix = "model.layers." + layer + ".";
            gains(prefix + "input_layernorm.weight");
            matrix(prefix + "self_attn.q_proj.weight", NUM_HEADS * HEAD_DIM, HIDDEN_SIZE);
            matrix(prefix + "self_attn.k_proj.weight", NUM_KV_HEADS * HEAD_DIM, HIDDEN_SIZE);
            matrix(prefix + "self_attn.v_proj.weight", NUM_KV_HEADS * HEAD_DIM, HIDDEN_SIZE);
            matrix(prefix + "self_attn.o_proj.weight", HIDDEN_SIZE, NUM_HEADS * HEAD_DIM);
            gains(prefix + "post_attention_layernorm.weight");
            matrix(prefix + "mlp.gate_proj.weight", INTERMEDIATE_SIZE, HIDDEN_SIZE);
            matrix(prefix + "mlp.up_proj.weight", INTERMEDIATE_SIZE, HIDDEN_SIZE);
            matrix(prefix + "mlp.down_proj.weight", HIDDEN_SIZE, INTERMEDIATE_SIZE);
        }
        gains("model.norm.weight");
        // Logits of a standard deviation of 1.5: at temperature 1.5 nearly all tokens have a chance, not
        // the same one.
        matrix("lm_head.weight", vocabSize, HIDDEN_SIZE, 1.5);
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Long.BYTES + json.length + data.size())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .put(data.toByteArray())
                .array();
    }

    private void matrix(String name, int rows, int columns) {
        matrix(name, rows, columns, 1);
    }

    /// Weights that keep the size of what they are multiplied with, times a scale.
    private void matrix(String name, int rows, int columns, double scale) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * scale / Math.sqrt(columns));
        }
        tensor(name, values, rows, columns);
    }

    private void gains(String name) {
        float[] ones = new float[HIDDEN_SIZE];
        java.util.Arrays.fill(ones, 1);
        tensor(name, ones, HIDDEN_SIZE);
    }

    private void tensor(String name, float[] values, int... shape) {
        ObjectNode entry = header.putObject(name);
        entry.put("dtype", "F32");
        for (int dimension : shape) {
            entry.withArray("shape").add(dimension);
        }
        entry.putArray("data_offsets").add(data.size()).add(data.size() + values.length * Float.BYTES);
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        data.writeBytes(bytes.array());
    }
}
