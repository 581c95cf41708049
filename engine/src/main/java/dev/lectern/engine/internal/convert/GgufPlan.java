package dev.lectern.engine.internal.convert;

import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.internal.gguf.GgufFile;
import dev.lectern.engine.internal.gguf.GgufParts;
import dev.lectern.engine.internal.gguf.GgufTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// From GGUF, whole or split: the metadata as they are, but for what says how the weights are stored; the same tensors
/// in the same order. Knows nothing of architectures.
final class GgufPlan {
    /// Of the old files' layout, which the new one does not share.
    private static final List<String> LAYOUT_KEYS =
            List.of("general.alignment", "split.no", "split.count", "split.tensors.count");

    private GgufPlan() {}

    /// @throws ModelUnsupported when there are tensors of integers, which no model known here has
    static ConversionPlan of(GgufParts parts, TargetType type, @Nullable TargetType output) {
        GgufMetadata metadata = GgufMetadata.copyOf(parts.first().metadataBytes());
        LAYOUT_KEYS.forEach(metadata::remove);
        ConversionPlan.describeType(metadata, type);
        List<GgufTensor> stored = parts.tensors();
        refuseIntegers(parts, stored.size());
        boolean tied = stored.stream().noneMatch(tensor -> tensor.name().equals("output.weight"));
        TypeRules rules = new TypeRules(type, output, tied, true);
        TypeRemarks remarks = new TypeRemarks();
        List<OutputTensor> tensors = new ArrayList<>();
        Set<String> requantised = new TreeSet<>();
        for (GgufTensor tensor : stored) {
            // A tensor without rows has nothing to quantise.
            TypeRules.Choice choice = weights(tensor) == 0
                    ? new TypeRules.Choice(tensor.type(), null)
                    : rules.choose(tensor.name(), tensor.shape(), tensor.type());
            boolean copy = choice.type() == tensor.type();
            remarks.add(tensor.name(), choice);
            if (!copy && tensor.type().blockWeights() > 1) {
                requantised.add(tensor.type().name());
            }
            tensors.add(new OutputTensor(
                    tensor.name(),
                    choice.type(),
                    tensor.shape(),
                    copy ? OutputTensor.COPIED : new StoredRows(tensor),
                    copy ? tensor.data() : null));
        }
        List<String> texts = new ArrayList<>(remarks.texts());
        if (!requantised.isEmpty()) {
            texts.add("the weights were quantised before (" + String.join(", ", requantised)
                    + "): the error is against those; converting the original model gives a better one");
        }
        return new ConversionPlan(metadata, tensors, texts);
    }

    static long weights(GgufTensor tensor) {
        return tensor.shape().stream().reduce(1L, Math::multiplyExact);
    }

    private static void refuseIntegers(GgufParts parts, int weightTensors) {
        long all =
                parts.parts().values().stream().mapToLong(GgufFile::tensorCount).sum();
        if (all != weightTensors) {
            throw new ModelUnsupported("[" + parts.first().name() + "] has " + (all - weightTensors)
                    + " tensors of integers, which would be lost; supported: tensors of weights");
        }
    }
}
