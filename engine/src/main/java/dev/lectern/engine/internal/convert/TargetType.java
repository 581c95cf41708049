package dev.lectern.engine.internal.convert;

import dev.lectern.engine.EngineException.InvalidRequest;
import dev.lectern.engine.internal.quant.TensorType;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// The types that a model can be converted to.
enum TargetType {
    F32(TensorType.F32, 0, () -> FloatQuantiser.F32),
    F16(TensorType.F16, 1, () -> FloatQuantiser.F16),
    BF16(TensorType.BF16, 32, () -> FloatQuantiser.BF16),
    Q8_0(TensorType.Q8_0, 7, Q8_0Quantiser::new),
    Q4_0(TensorType.Q4_0, 2, Q4_0Quantiser::new),
    Q4_1(TensorType.Q4_1, 3, Q4_1Quantiser::new),
    Q5_0(TensorType.Q5_0, 8, Q5_0Quantiser::new),
    Q5_1(TensorType.Q5_1, 9, Q5_1Quantiser::new),
    Q2_K(TensorType.Q2_K, 10, Q2_KQuantiser::new),
    Q3_K(TensorType.Q3_K, 11, Q3_KQuantiser::new),
    Q4_K(TensorType.Q4_K, 14, Q4_KQuantiser::new),
    Q5_K(TensorType.Q5_K, 16, Q5_KQuantiser::new),
    Q6_K(TensorType.Q6_K, 18, Q6_KQuantiser::new),
    IQ4_NL(TensorType.IQ4_NL, 25, IQ4_NLQuantiser::new),
    IQ4_XS(TensorType.IQ4_XS, 30, IQ4_XSQuantiser::new),
    TQ1_0(TensorType.TQ1_0, 36, TQ1_0Quantiser::new),
    TQ2_0(TensorType.TQ2_0, 37, TQ2_0Quantiser::new),
    MXFP4(TensorType.MXFP4, 38, MXFP4Quantiser::new),
    NVFP4(TensorType.NVFP4, 39, NVFP4Quantiser::new);

    private final TensorType type;
    private final int fileType;
    private final Supplier<RowQuantiser> quantiser;

    /// @param fileType the number of a file whose weights are mostly of this type (`enum llama_ftype` of llama.h)
    TargetType(TensorType type, int fileType, Supplier<RowQuantiser> quantiser) {
        this.type = type;
        this.fileType = fileType;
        this.quantiser = quantiser;
    }

    /// @throws InvalidRequest with the list of types
    static TargetType named(String name) {
        for (TargetType candidate : values()) {
            if (candidate.name().equals(name.toUpperCase(Locale.ROOT))) {
                return candidate;
            }
        }
        throw new InvalidRequest("type '" + name + "': cannot be converted to; expected one of " + list());
    }

    static TargetType of(TensorType type) {
        for (TargetType candidate : values()) {
            if (candidate.type == type) {
                return candidate;
            }
        }
        throw new IllegalStateException("nothing is converted to " + type);
    }

    static String list() {
        return Arrays.stream(values()).map(TargetType::name).collect(Collectors.joining(", "));
    }

    TensorType type() {
        return type;
    }

    int fileType() {
        return fileType;
    }

    RowQuantiser newQuantiser() {
        return quantiser.get();
    }
}
