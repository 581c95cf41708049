package dev.lectern.engine.internal.source;

import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.internal.gguf.GgufTensor;
import dev.lectern.engine.internal.quant.TensorType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The weights of a GGUF model. A matrix `X.weight` may have a factor `X.scale` beside it, experts stacked in one
/// tensor one each (llama.cpp's converter of NVFP4 checkpoints, whose scales have two levels; its `load_tensors`).
final class GgufTensors {
    private static final String WEIGHT = ".weight";

    private GgufTensors() {}

    /// @throws ModelCorrupt when a factor does not fit its matrix
    static List<TensorData> read(String file, List<GgufTensor> tensors) {
        Map<String, GgufTensor> factors = new HashMap<>();
        for (GgufTensor tensor : tensors) {
            if (tensor.name().endsWith(".scale")) {
                factors.put(tensor.name(), tensor);
            }
        }
        List<TensorData> weights = new ArrayList<>();
        Set<String> joined = new HashSet<>();
        for (GgufTensor tensor : tensors) {
            String name = tensor.name();
            GgufTensor factor = factors.isEmpty() || !name.endsWith(WEIGHT)
                    ? null
                    : factors.get(name.substring(0, name.length() - WEIGHT.length()) + ".scale");
            if (factor != null && tensor.shape().size() >= 2) {
                joined.add(factor.name());
            }
            weights.add(
                    new TensorData(name, tensor.type(), tensor.shape(), tensor.data(), scales(file, tensor, factor)));
        }
        weights.removeIf(tensor -> joined.contains(tensor.name()));
        return weights;
    }

    private static @Nullable TensorScales scales(String file, GgufTensor tensor, @Nullable GgufTensor factor) {
        List<Long> shape = tensor.shape();
        int rank = shape.size();
        if (factor == null || rank < 2) {
            return null;
        }
        long matrices = shape.subList(0, rank - 2).stream().reduce(1L, Math::multiplyExact);
        if (factor.type() != TensorType.F32 || !factor.shape().equals(List.of(matrices))) {
            throw new ModelCorrupt("[" + file + "] tensor '" + factor.name() + "': " + factor.type() + factor.shape()
                    + "; expected F32[" + matrices + "], a factor for each matrix of " + tensor.name());
        }
        return TensorScales.of(
                factor.name(), factor.type(), ones(shape), factor.data(), shape, new TensorScales.Groups(0, 0));
    }

    /// One row of one scale for each matrix.
    private static List<Long> ones(List<Long> shape) {
        List<Long> scales = new ArrayList<>(shape);
        scales.set(shape.size() - 2, 1L);
        scales.set(shape.size() - 1, 1L);
        return scales;
    }
}
