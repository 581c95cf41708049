package dev.lectern.engine.internal.gguf;

import dev.lectern.engine.internal.quant.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.IntStream;

/// Files as large as real ones, whose weights are holes: they take no room on a disk that knows sparse files.
public final class LargeGguf {
    private static final int ALIGNMENT = 32;

    private final GgufBuilder builder = new GgufBuilder();
    private long dataBytes;

    private LargeGguf() {}

    /// Llama 4 Scout, 109 billion weights in `Q4_K`, 61 GB: all of its keys, vocabulary and tensors.
    public static Path scout(Path file) throws IOException {
        int layers = 48;
        int vocabulary = 202_048;
        LargeGguf model = new LargeGguf();
        model.builder
                .key("general.architecture", "llama4")
                .key("general.name", "Scout of holes")
                .key("llama4.block_count", layers)
                .key("llama4.context_length", 10_485_760)
                .key("llama4.embedding_length", 5120)
                .key("llama4.feed_forward_length", 16_384)
                .key("llama4.expert_feed_forward_length", 8192)
                .key("llama4.interleave_moe_layer_step", 1)
                .key("llama4.attention.head_count", 40)
                .key("llama4.attention.head_count_kv", 8)
                .key("llama4.attention.key_length", 128)
                .key("llama4.attention.value_length", 128)
                .key("llama4.attention.layer_norm_rms_epsilon", 1e-5f)
                .key("llama4.rope.freq_base", 500_000f)
                .key("llama4.rope.dimension_count", 128)
                .key("llama4.expert_count", 16)
                .key("llama4.expert_used_count", 1)
                .key("llama4.vocab_size", vocabulary)
                .key("tokenizer.ggml.model", "gpt2")
                .key("tokenizer.ggml.pre", "llama4")
                .key("tokenizer.ggml.tokens", strings("token", vocabulary))
                .key("tokenizer.ggml.token_type", new int[vocabulary])
                .key("tokenizer.ggml.merges", strings("to ken", 439_802))
                .key("tokenizer.ggml.bos_token_id", 200_000)
                .key("tokenizer.ggml.eos_token_id", 200_008);
        model.tensor("token_embd.weight", TensorType.Q4_K, vocabulary, 5120);
        model.tensor("output.weight", TensorType.Q6_K, vocabulary, 5120);
        model.tensor("output_norm.weight", TensorType.F32, 5120);
        for (int layer = 0; layer < layers; layer++) {
            String block = "blk." + layer + ".";
            model.tensor(block + "attn_norm.weight", TensorType.F32, 5120);
            model.tensor(block + "ffn_norm.weight", TensorType.F32, 5120);
            model.tensor(block + "attn_q.weight", TensorType.Q4_K, 5120, 5120);
            model.tensor(block + "attn_k.weight", TensorType.Q4_K, 1024, 5120);
            model.tensor(block + "attn_v.weight", TensorType.Q6_K, 1024, 5120);
            model.tensor(block + "attn_output.weight", TensorType.Q4_K, 5120, 5120);
            model.tensor(block + "ffn_gate_inp.weight", TensorType.F32, 16, 5120);
            model.tensor(block + "ffn_gate_exps.weight", TensorType.Q4_K, 16, 8192, 5120);
            model.tensor(block + "ffn_up_exps.weight", TensorType.Q4_K, 16, 8192, 5120);
            model.tensor(block + "ffn_down_exps.weight", TensorType.Q4_K, 16, 5120, 8192);
            model.tensor(block + "ffn_gate_shexp.weight", TensorType.Q4_K, 8192, 5120);
            model.tensor(block + "ffn_up_shexp.weight", TensorType.Q4_K, 8192, 5120);
            model.tensor(block + "ffn_down_shexp.weight", TensorType.Q4_K, 5120, 8192);
        }
        return model.write(file);
    }

    /// Many tensors of one weight each.
    public static Path ofTensors(Path file, int count) throws IOException {
        LargeGguf model = new LargeGguf();
        model.builder.key("general.architecture", "llama");
        for (int i = 0; i < count; i++) {
            model.tensor("blk." + i + ".weight", TensorType.F32, 1);
        }
        return model.write(file);
    }

    private void tensor(String name, TensorType type, long... shape) {
        long weights = 1;
        for (long size : shape) {
            weights *= size;
        }
        builder.info(name, type.ggmlId(), shape, dataBytes);
        dataBytes += Math.ceilDiv(type.bytes(weights), ALIGNMENT) * ALIGNMENT;
    }

    private Path write(Path file) throws IOException {
        byte[] head = builder.bytes();
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            channel.write(ByteBuffer.wrap(head), 0);
            channel.write(ByteBuffer.allocate(1), head.length + dataBytes - 1);
        }
        return file;
    }

    private static List<String> strings(String stem, int count) {
        return IntStream.range(0, count).mapToObj(i -> stem + i).toList();
    }
}
