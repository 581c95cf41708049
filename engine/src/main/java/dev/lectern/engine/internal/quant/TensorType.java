package dev.lectern.engine.internal.quant;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How weights are stored: whole blocks of `blockWeights` weights in `blockBytes` bytes.
///
/// The numbers are ggml's (`enum ggml_type` in ggml.h), the names those of safetensors headers. Each type's bytes are
/// drawn in its Layout class.
public enum TensorType {
    F32(0, "F32", F32Layout.BYTES, F32Layout::decode),
    F16(1, "F16", F16Layout.BYTES, F16Layout::decode),
    BF16(30, "BF16", BF16Layout.BYTES, BF16Layout::decode),
    Q8_0(8, Q8_0Layout.BLOCK_WEIGHTS, Q8_0Layout.BLOCK_BYTES, Q8_0Layout::decode),
    Q4_0(2, Q4_0Layout.BLOCK_WEIGHTS, Q4_0Layout.BLOCK_BYTES, Q4_0Layout::decode),
    Q4_1(3, Q4_1Layout.BLOCK_WEIGHTS, Q4_1Layout.BLOCK_BYTES, Q4_1Layout::decode),
    Q5_0(6, Q5_0Layout.BLOCK_WEIGHTS, Q5_0Layout.BLOCK_BYTES, Q5_0Layout::decode),
    Q5_1(7, Q5_1Layout.BLOCK_WEIGHTS, Q5_1Layout.BLOCK_BYTES, Q5_1Layout::decode),
    Q2_K(10, Q2_KLayout.BLOCK_WEIGHTS, Q2_KLayout.BLOCK_BYTES, Q2_KLayout::decode),
    Q3_K(11, Q3_KLayout.BLOCK_WEIGHTS, Q3_KLayout.BLOCK_BYTES, Q3_KLayout::decode),
    Q4_K(12, Q4_KLayout.BLOCK_WEIGHTS, Q4_KLayout.BLOCK_BYTES, Q4_KLayout::decode),
    Q5_K(13, Q5_KLayout.BLOCK_WEIGHTS, Q5_KLayout.BLOCK_BYTES, Q5_KLayout::decode),
    Q6_K(14, Q6_KLayout.BLOCK_WEIGHTS, Q6_KLayout.BLOCK_BYTES, Q6_KLayout::decode),
    IQ1_S(19, IQ1_SLayout.BLOCK_WEIGHTS, IQ1_SLayout.BLOCK_BYTES, IQ1_SLayout::decode),
    IQ1_M(29, IQ1_MLayout.BLOCK_WEIGHTS, IQ1_MLayout.BLOCK_BYTES, IQ1_MLayout::decode),
    IQ2_XXS(16, IQ2_XXSLayout.BLOCK_WEIGHTS, IQ2_XXSLayout.BLOCK_BYTES, IQ2_XXSLayout::decode),
    IQ2_XS(17, IQ2_XSLayout.BLOCK_WEIGHTS, IQ2_XSLayout.BLOCK_BYTES, IQ2_XSLayout::decode),
    IQ2_S(22, IQ2_SLayout.BLOCK_WEIGHTS, IQ2_SLayout.BLOCK_BYTES, IQ2_SLayout::decode),
    IQ3_XXS(18, IQ3_XXSLayout.BLOCK_WEIGHTS, IQ3_XXSLayout.BLOCK_BYTES, IQ3_XXSLayout::decode),
    IQ3_S(21, IQ3_SLayout.BLOCK_WEIGHTS, IQ3_SLayout.BLOCK_BYTES, IQ3_SLayout::decode),
    IQ4_NL(20, IQ4_NLLayout.BLOCK_WEIGHTS, IQ4_NLLayout.BLOCK_BYTES, IQ4_NLLayout::decode),
    IQ4_XS(23, IQ4_XSLayout.BLOCK_WEIGHTS, IQ4_XSLayout.BLOCK_BYTES, IQ4_XSLayout::decode),
    TQ1_0(34, TQ1_0Layout.BLOCK_WEIGHTS, TQ1_0Layout.BLOCK_BYTES, TQ1_0Layout::decode),
    TQ2_0(35, TQ2_0Layout.BLOCK_WEIGHTS, TQ2_0Layout.BLOCK_BYTES, TQ2_0Layout::decode),
    MXFP4(39, MXFP4Layout.BLOCK_WEIGHTS, MXFP4Layout.BLOCK_BYTES, MXFP4Layout::decode),
    NVFP4(40, NVFP4Layout.BLOCK_WEIGHTS, NVFP4Layout.BLOCK_BYTES, NVFP4Layout::decode),

    // Of safetensors alone. Their scales are tensors beside them.
    F8_E4M3("F8_E4M3", 1, F8_E4M3Layout.BYTES, F8_E4M3Layout::decode),
    E8M0("F8_E8M0", 1, E8M0Layout.BYTES, E8M0Layout::decode),
    // Packed in integer tensors, so they have no name in the header.
    E2M1_PAIRS(null, E2M1PairsLayout.BLOCK_WEIGHTS, E2M1PairsLayout.BLOCK_BYTES, E2M1PairsLayout::decode),
    INT4_PAIRS(null, Int4PairsLayout.BLOCK_WEIGHTS, Int4PairsLayout.BLOCK_BYTES, Int4PairsLayout::decode);

    private static final int NOT_IN_GGML = -1;

    private final int ggmlId;
    private final @Nullable String safetensorsName;
    private final int blockWeights;
    private final int blockBytes;
    private final BlockDecoder decoder;

    /// Of both formats.
    TensorType(int ggmlId, String safetensorsName, int bytes, BlockDecoder decoder) {
        this(ggmlId, safetensorsName, 1, bytes, decoder);
    }

    /// Of ggml alone.
    TensorType(int ggmlId, int blockWeights, int blockBytes, BlockDecoder decoder) {
        this(ggmlId, null, blockWeights, blockBytes, decoder);
    }

    /// Of safetensors alone.
    TensorType(@Nullable String safetensorsName, int blockWeights, int blockBytes, BlockDecoder decoder) {
        this(NOT_IN_GGML, safetensorsName, blockWeights, blockBytes, decoder);
    }

    TensorType(int ggmlId, @Nullable String safetensorsName, int blockWeights, int blockBytes, BlockDecoder decoder) {
        this.ggmlId = ggmlId;
        this.safetensorsName = safetensorsName;
        this.blockWeights = blockWeights;
        this.blockBytes = blockBytes;
        this.decoder = decoder;
    }

    /// The type with a number of GGUF files; null when this engine does not read it.
    public static @Nullable TensorType fromGgmlId(int ggmlId) {
        for (TensorType type : values()) {
            if (type.inGguf() && type.ggmlId == ggmlId) {
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

    /// What GGUF files may hold, for messages: `F32, F16, BF16, Q8_0, …`.
    public static String supportedInGguf() {
        return Arrays.stream(values())
                .filter(TensorType::inGguf)
                .map(TensorType::name)
                .collect(Collectors.joining(", "));
    }

    /// What safetensors files may hold, for messages: `F32, F16, BF16, …`.
    public static String supportedInSafetensors() {
        return Arrays.stream(values())
                .map(TensorType::safetensorsName)
                .filter(Objects::nonNull)
                .collect(Collectors.joining(", "));
    }

    /// Whether GGUF files can hold it.
    public boolean inGguf() {
        return ggmlId != NOT_IN_GGML;
    }

    /// The number that GGUF files store (`enum ggml_type`); only of types that are [#inGguf].
    public int ggmlId() {
        if (!inGguf()) {
            throw new IllegalStateException(this + " is no type of ggml");
        }
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

    /// [BlockDecoder#decode] of this type.
    void decodeBlock(MemorySegment data, long block, float[] weights, int at) {
        decoder.decode(data, block, weights, at);
    }
}
