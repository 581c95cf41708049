package dev.lectern.engine.internal.convert;

import dev.lectern.engine.internal.source.ModelSource;
import dev.lectern.engine.internal.source.TensorData;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// From GGUF: the metadata as they are, but for what says how the weights are stored; the same tensors in the same
/// order. Knows nothing of architectures.
final class GgufPlan {
    /// Of the old file's layout, which the new one does not share.
    private static final List<String> LAYOUT_KEYS =
            List.of("general.alignment", "split.no", "split.count", "split.tensors.count");

    private GgufPlan() {}

    static ConversionPlan of(ModelSource source, TargetType type, @Nullable TargetType output) {
        GgufMetadata metadata = GgufMetadata.copyOf(source.metadataBytes());
        LAYOUT_KEYS.forEach(metadata::remove);
        ConversionPlan.describeType(metadata, type);
        TypeRules rules = new TypeRules(type, output, source.find("output.weight") == null, true);
        TypeRemarks remarks = new TypeRemarks();
        List<OutputTensor> tensors = new ArrayList<>();
        Set<String> requantised = new TreeSet<>();
        for (TensorData tensor : source.tensors()) {
            // A tensor without rows has nothing to quantise.
            TypeRules.Choice choice = tensor.weights() == 0
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
}
