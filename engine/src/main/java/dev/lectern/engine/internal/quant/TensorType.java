package dev.lectern.engine.internal.quant;

import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How weights are stored: whole blocks of `blockWeights` weights in `blockBytes` bytes.
///
/// The numbers are ggml's (`enum ggml_type` in ggml.h), the names those of safetensors headers. Each type's bytes are
/// drawn in its Layout class.
public enum TensorType {
    F32(0, "F32", 1, F32Layout.BYTES),
    F16(1, "F16", 1, F16Layout.BYTES),
    BF16(30, "BF16", 1, BF16Layout.BYTES),
    Q8_0(8, null, Q8_0Layout.BLOCK_WEIGHTS, Q8_0Layout.BLOCK_BYTES),
    Q4_0(2, null, Q4_0Layout.BLOCK_WEIGHTS, Q4_0Layout.BLOCK_BYTES);

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

    /// The type with a number of GGUF files; null when this engine does not read it.
    public static @Nullable TensorType fromGgmlId(int ggmlId) {
        for (TensorType type : values()) {
            if (type.ggmlId == ggmlId) {
                return type;
            }
        }
        return null;
    }

    /// The type with a name of safetensors headers; null when this engine does not compute with it.
    public static @Nullable TensorType fromSafetensorsName(String name) {
        for (TensorType type : values()) {
            if (name.equals(type.safetensorsName)) {
                return type;
            }
        }
        return null;
    }

    /// What GGUF files may hold, for messages: `F32, F16, BF16, Q8_0, Q4_0`.
    public static String supportedInGguf() {
        return Arrays.stream(values()).map(TensorType::name).collect(Collectors.joining(", "));
    }

    /// What safetensors files may hold, for messages: `F32, F16, BF16`.
    public static String supportedInSafetensors() {
        return Arrays.stream(values())
                .map(TensorType::safetensorsName)
                .filter(Objects::nonNull)
                .collect(Collectors.joining(", "));
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
