package dev.lectern.engine.internal.quant;

import org.jspecify.annotations.Nullable;

/// How weights are stored: whole blocks of `blockWeights` weights in `blockBytes` bytes.
public enum TensorType {
    F32(0, "F32", 1, 4),
    F16(1, "F16", 1, 2),
    BF16(30, "BF16", 1, 2),
    Q8_0(8, null, 32, 34),
    Q4_0(2, null, 32, 18);

    private final int ggmlId;
    private final @Nullable String safetensorsName;
    private final int blockWeights;
    private final int blockBytes;

    TensorType(int ggmlId, @Nullable String safetensorsName, int blockWeights, int blockBytes) {
        this.ggmlId = ggmlId;
        this.safetensorsName = safetensorsName;
        this.blockWeights = blockWeights;
        this.blockBytes = blockBytes;
    }

    /// The number that GGUF files store (`enum ggml_type`).
    public int ggmlId() {
        return ggmlId;
    }

    /// The name in safetensors headers; null where safetensors has no such type.
    public @Nullable String safetensorsName() {
        return safetensorsName;
    }

    public int blockWeights() {
        return blockWeights;
    }

    public int blockBytes() {
        return blockBytes;
    }

    /// Bytes of `weights` consecutive weights, a multiple of the block.
    public long bytes(long weights) {
        return Math.multiplyExact(weights / blockWeights, (long) blockBytes);
    }
}
