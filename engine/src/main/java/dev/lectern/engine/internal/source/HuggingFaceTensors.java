package dev.lectern.engine.internal.source;

import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.internal.quant.TensorType;
import dev.lectern.engine.internal.safetensors.HuggingFaceFolder;
import dev.lectern.engine.internal.safetensors.SafetensorsTensor;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The weights of a Hugging Face folder, those that are stored in several tensors joined to one:
///
/// | format | tensors in the file | becomes |
/// |---|---|---|
/// | fp8 | `X` of F8_E4M3, and `X_scale_inv` or `X_scale` | `X` |
/// | mxfp4 | `X_blocks` U8 `(…, outputs, groups, 16)`, and `X_scales` U8 `(…, outputs, groups)` | `X`: `(…, outputs,
/// inputs)` |
/// | compressed-tensors | `X_packed` I32 `(outputs, inputs / 8)`, `X_scale`, and `X_shape` | `X`: `(outputs, inputs)` |
///
/// `X` ends in `.weight` but for fused experts. Which tensors are quantised follows from the file, not from the
/// lists of modules in the configuration.
final class HuggingFaceTensors {
    private static final String BLOCKS = "_blocks";
    private static final String PACKED = "_packed";
    /// Weights of an MXFP4 block, and its bytes.
    private static final int BLOCK_WEIGHTS = 32;

    private static final int BLOCK_BYTES = 16;
    private static final int NIBBLES_PER_INT = 8;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final HuggingFaceFolder files;
    private final Map<String, SafetensorsTensor> tensors;
    private final @Nullable QuantizationConfig quantization;
    /// Names that are parts of others.
    private final Set<String> joined = new HashSet<>();

    private HuggingFaceTensors(HuggingFaceFolder files, @Nullable QuantizationConfig quantization) {
        this.files = files;
        this.tensors = files.tensors();
        this.quantization = quantization;
    }

    /// All weights. Integers and booleans, which are counters and masks, are left out.
    ///
    /// @throws ModelUnsupported for a type or a quantisation that this engine does not read
    /// @throws ModelCorrupt     when the parts of a weight do not fit each other
    static List<TensorData> read(HuggingFaceFolder files, Metadata metadata) {
        return new HuggingFaceTensors(files, QuantizationConfig.of(metadata).orElse(null)).read();
    }

    private List<TensorData> read() {
        List<TensorData> weights = new ArrayList<>();
        List<SafetensorsTensor> plain = new ArrayList<>();
        for (SafetensorsTensor tensor : tensors.values()) {
            Optional<TensorData> whole = quantization == null ? Optional.empty() : join(tensor, quantization.groups());
            whole.ifPresentOrElse(weights::add, () -> plain.add(tensor));
        }
        for (SafetensorsTensor tensor : plain) {
            if (!joined.contains(tensor.name())) {
                plain(tensor).ifPresent(weights::add);
            }
        }
        Set<String> names = new HashSet<>();
        for (TensorData tensor : weights) {
            if (!names.add(tensor.name())) {
                throw new ModelCorrupt("[" + HuggingFaceFolder.WEIGHTS + "] tensor '" + tensor.name()
                        + "' is there twice, as it is and packed, or packed in two ways");
            }
        }
        return weights;
    }

    private Optional<TensorData> plain(SafetensorsTensor tensor) {
        TensorType type = TensorType.fromSafetensorsName(tensor.dtype());
        if (type != null) {
            return Optional.of(new TensorData(tensor.name(), type, tensor.shape(), tensor.data()));
        }
        if (tensor.dtype().matches("BOOL|[UI](8|16|32|64)")) {
            return Optional.empty();
        }
        throw new ModelUnsupported(where(tensor) + "type " + tensor.dtype() + " unknown; supported: "
                + TensorType.supportedInSafetensors());
    }

    private Optional<TensorData> join(SafetensorsTensor tensor, TensorScales.Groups groups) {
        String name = tensor.name();
        if (tensor.dtype().equals("F8_E4M3") && tensor.shape().size() >= 2) {
            return Optional.of(float8(tensor, groups));
        }
        if (name.endsWith(BLOCKS) && tensor.dtype().equals("U8")) {
            return Optional.of(mxfp4(tensor, name.substring(0, name.length() - BLOCKS.length())));
        }
        if (name.endsWith(PACKED) && tensor.dtype().equals("I32")) {
            return Optional.of(int4(tensor, name.substring(0, name.length() - PACKED.length()), groups));
        }
        return Optional.empty();
    }

    private TensorData float8(SafetensorsTensor tensor, TensorScales.Groups groups) {
        String name = tensor.name();
        SafetensorsTensor scales = tensors.getOrDefault(name + "_scale_inv", tensors.get(name + "_scale"));
        if (scales == null) {
            throw new ModelCorrupt(where(tensor) + "its scales are missing; expected a tensor '" + name
                    + "_scale_inv' or '" + name + "_scale'");
        }
        return new TensorData(
                name,
                TensorType.F8_E4M3,
                tensor.shape(),
                tensor.data(),
                scales(scales, tensor, tensor.shape(), groups));
    }

    private TensorData mxfp4(SafetensorsTensor blocks, String name) {
        SafetensorsTensor scales = part(blocks, name + "_scales");
        List<Long> shape = blocks.shape();
        int rank = shape.size();
        if (rank < 3 || shape.getLast() != BLOCK_BYTES) {
            throw new ModelCorrupt(where(blocks) + "shape " + shape + "; expected (…, outputs, groups, " + BLOCK_BYTES
                    + "), two weights a byte");
        }
        if (!scales.dtype().equals("U8")) {
            throw new ModelCorrupt(where(scales) + "type " + scales.dtype() + "; expected U8, exponents of 2");
        }
        long groups = shape.get(rank - 2);
        if (groups > Integer.MAX_VALUE / BLOCK_WEIGHTS) {
            throw new ModelCorrupt(where(blocks) + groups + " groups a row; expected less than 2^31 weights");
        }
        List<Long> logical = new ArrayList<>(shape.subList(0, rank - 2));
        logical.add(groups * BLOCK_WEIGHTS);
        return new TensorData(
                name,
                TensorType.E2M1_PAIRS,
                logical,
                blocks.data(),
                scales(scales, blocks, logical, new TensorScales.Groups(0, BLOCK_WEIGHTS)));
    }

    private TensorData int4(SafetensorsTensor packed, String name, TensorScales.Groups groups) {
        for (String unsupported : List.of("_zero_point", "_g_idx")) {
            if (tensors.containsKey(name + unsupported)) {
                throw new ModelUnsupported("[" + files.fileOf(name + unsupported) + "] tensor '" + name + unsupported
                        + "': not supported; supported are symmetric integers whose groups lie in order");
            }
        }
        List<Long> logical = logicalShape(packed, part(packed, name + "_shape"));
        long outputs = logical.getFirst();
        long inputs = logical.getLast();
        if (inputs % NIBBLES_PER_INT != 0) {
            throw new ModelUnsupported(where(packed) + inputs + " inputs; supported: multiples of " + NIBBLES_PER_INT);
        }
        if (!packed.shape().equals(List.of(outputs, inputs / NIBBLES_PER_INT))) {
            throw new ModelCorrupt(where(packed) + "shape " + packed.shape() + "; expected (" + outputs + ", "
                    + inputs / NIBBLES_PER_INT + ") for " + logical + " weights of 4 bits");
        }
        return new TensorData(
                name,
                TensorType.INT4_PAIRS,
                logical,
                packed.data(),
                scales(part(packed, name + "_scale"), packed, logical, groups));
    }

    /// What a tensor of two integers says.
    private List<Long> logicalShape(SafetensorsTensor packed, SafetensorsTensor shape) {
        boolean wide = shape.dtype().equals("I64");
        if (!shape.shape().equals(List.of(2L)) || !wide && !shape.dtype().equals("I32")) {
            throw new ModelCorrupt(where(shape) + shape.dtype() + shape.shape()
                    + "; expected two integers, the shape of " + packed.name() + " before packing");
        }
        List<Long> sizes = new ArrayList<>();
        for (int d = 0; d < 2; d++) {
            long size = wide
                    ? shape.data().get(LONG, (long) d * Long.BYTES)
                    : shape.data().get(INT, (long) d * Integer.BYTES);
            if (size < 0) {
                throw new ModelCorrupt(where(shape) + "size " + size + "; expected none below 0");
            }
            sizes.add(size);
        }
        return sizes;
    }

    private SafetensorsTensor part(SafetensorsTensor of, String name) {
        SafetensorsTensor part = tensors.get(name);
        if (part == null) {
            throw new ModelCorrupt(where(of) + "tensor '" + name + "' is missing, which belongs to it");
        }
        joined.add(name);
        return part;
    }

    private TensorScales scales(
            SafetensorsTensor scales, SafetensorsTensor of, List<Long> weights, TensorScales.Groups groups) {
        joined.add(scales.name());
        // MXFP4's are checked to be bytes; no other format has byte scales.
        TensorType type = scales.dtype().equals("U8") && groups.rows() == 0 && groups.weights() == BLOCK_WEIGHTS
                ? TensorType.E8M0
                : TensorType.fromSafetensorsName(scales.dtype());
        if (type == null) {
            throw new ModelCorrupt(where(scales) + "type " + scales.dtype() + "; expected F32, F16, BF16 or F8_E8M0");
        }
        try {
            return TensorScales.of(
                    scales.name(), type, matrixShape(scales.shape(), weights), scales.data(), weights, groups);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new ModelCorrupt(
                    where(scales) + "shape " + scales.shape() + " does not fit " + of.name() + " of " + weights
                            + " weights; expected one for all, one for each row, or one for each block of "
                            + groups.rows() + " x " + groups.weights() + " (0: no blocks)",
                    e);
        }
    }

    /// Scales of a matrix also come as one number without dimensions, or as a list of one or one a row.
    private static List<Long> matrixShape(List<Long> shape, List<Long> weights) {
        if (weights.size() != 2 || shape.size() == 2) {
            return shape;
        }
        return shape.isEmpty() ? List.of(1L, 1L) : shape.size() == 1 ? List.of(shape.getFirst(), 1L) : shape;
    }

    private String where(SafetensorsTensor tensor) {
        return "[" + files.fileOf(tensor.name()) + "] tensor '" + tensor.name() + "': ";
    }
}
