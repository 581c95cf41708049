package dev.lectern.engine.internal.convert;

import dev.lectern.engine.internal.decoder.DecoderWeights;
import dev.lectern.engine.internal.family.TensorMap;
import dev.lectern.engine.internal.family.TensorPart;
import dev.lectern.engine.internal.family.TensorRole;
import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.ModelConfig;
import dev.lectern.engine.internal.model.Rope;
import dev.lectern.engine.internal.model.Weight;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A decoder's weights under the names, in the shapes and in the order of rows that a GGUF file of its architecture
/// has. Knows no families: what differs between them is in the two specifications and in the map of names.
final class DecoderTensors {
    /// A tensor without its type yet.
    ///
    /// @param shape outermost dimension first
    record Shaped(String name, List<Long> shape, OutputTensor.Rows rows) {}

    private final TensorMap names;
    private final Map<String, Builder> builders = new LinkedHashMap<>();
    private int layer;

    private DecoderTensors(TensorMap names) {
        this.names = names;
    }

    /// @param stored the specification by which the weights were found
    /// @param wanted the specification by which the new file will be read
    /// @param names  where the new file has each role
    static List<Shaped> of(DecoderWeights weights, ModelConfig stored, ModelConfig wanted, TensorMap names) {
        DecoderTensors tensors = new DecoderTensors(names);
        tensors.matrix(TensorRole.EMBEDDING, weights.embedding());
        tensors.vector(TensorRole.OUTPUT_NORM, weights.outputNorm());
        if (weights.output() != weights.embedding()) {
            tensors.matrix(TensorRole.OUTPUT, weights.output());
        }
        for (int i = 0; i < weights.layers().size(); i++) {
            tensors.layer = i;
            tensors.add(
                    weights.layers().get(i),
                    stored.layers().get(i).attention(),
                    wanted.layers().get(i).attention());
        }
        return tensors.builders.entrySet().stream()
                .map(entry -> entry.getValue().build(entry.getKey()))
                .toList();
    }

    private void add(DecoderWeights.Layer weights, AttentionSpec stored, AttentionSpec wanted) {
        vector(TensorRole.ATTENTION_NORM, weights.attentionNorm());
        switch (weights.attention()) {
            case DecoderWeights.GroupedQuery grouped -> add(grouped, headOrder(stored, wanted));
            case DecoderWeights.Latent latent -> add(latent);
        }
        vector(TensorRole.ATTENTION_POST_NORM, weights.attentionPostNorm());
        vector(TensorRole.MLP_NORM, weights.mlpNorm());
        switch (weights.mlp()) {
            case DecoderWeights.Dense dense -> {
                matrix(TensorRole.GATE, dense.gate());
                matrix(TensorRole.UP, dense.up());
                matrix(TensorRole.DOWN, dense.down());
            }
            case DecoderWeights.Moe moe -> add(moe);
        }
        vector(TensorRole.MLP_POST_NORM, weights.mlpPostNorm());
    }

    private static HeadOrder headOrder(AttentionSpec stored, AttentionSpec wanted) {
        if (stored instanceof AttentionSpec.GroupedQuery a && wanted instanceof AttentionSpec.GroupedQuery b) {
            Rope from = a.rope().orElse(null);
            Rope to = b.rope().orElse(null);
            return from == null || to == null ? HeadOrder.SAME : HeadOrder.of(a.headDim(), from, to);
        }
        return HeadOrder.SAME;
    }

    private void add(DecoderWeights.GroupedQuery attention, HeadOrder order) {
        linear(TensorRole.QUERY, TensorRole.QUERY_BIAS, attention.query(), order);
        linear(TensorRole.KEY, TensorRole.KEY_BIAS, attention.key(), order);
        linear(TensorRole.VALUE, TensorRole.VALUE_BIAS, attention.value(), HeadOrder.SAME);
        linear(TensorRole.ATTENTION_OUTPUT, TensorRole.ATTENTION_OUTPUT_BIAS, attention.output(), HeadOrder.SAME);
        vector(TensorRole.QUERY_NORM, ordered(attention.queryNorm(), order));
        vector(TensorRole.KEY_NORM, ordered(attention.keyNorm(), order));
        vector(TensorRole.SINKS, attention.sinks());
    }

    private void add(DecoderWeights.Latent attention) {
        boolean lowRank = attention.queryDown() != null;
        if (attention.queryDown() != null) {
            matrix(TensorRole.QUERY_DOWN, attention.queryDown());
        }
        vector(TensorRole.QUERY_DOWN_NORM, attention.queryNorm());
        List<TensorPart> queryPlaces = names.places(TensorRole.QUERY_UP);
        put(
                lowRank ? queryPlaces.getFirst() : queryPlaces.getLast(),
                attention.queryUp().outputs(),
                attention.queryUp().inputs(),
                new WeightRows(attention.queryUp(), HeadOrder.SAME));
        matrix(TensorRole.LATENT_DOWN, attention.latentDown());
        vector(TensorRole.LATENT_NORM, attention.latentNorm());
        stack(TensorRole.KEY_UP, attention.keyUp());
        stack(TensorRole.VALUE_UP, attention.valueUp());
        matrix(TensorRole.ATTENTION_OUTPUT, attention.output());
    }

    private void add(DecoderWeights.Moe moe) {
        linear(TensorRole.ROUTER, TensorRole.ROUTER_BIAS, moe.router(), HeadOrder.SAME);
        vector(TensorRole.SELECTION_BIAS, moe.selectionBias());
        stack(TensorRole.EXPERT_GATE, moe.experts().gate());
        stack(TensorRole.EXPERT_UP, moe.experts().up());
        stack(TensorRole.EXPERT_DOWN, moe.experts().down());
        DecoderWeights.ExpertBiases biases = moe.experts().biases();
        if (biases != null) {
            vectors(TensorRole.EXPERT_GATE_BIAS, biases.gate());
            vectors(TensorRole.EXPERT_UP_BIAS, biases.up());
            vectors(TensorRole.EXPERT_DOWN_BIAS, biases.down());
        }
        DecoderWeights.Dense shared = moe.shared();
        if (shared != null) {
            matrix(TensorRole.SHARED_GATE, shared.gate());
            matrix(TensorRole.SHARED_UP, shared.up());
            matrix(TensorRole.SHARED_DOWN, shared.down());
        }
    }

    private void linear(TensorRole weight, TensorRole bias, DecoderWeights.Linear linear, HeadOrder order) {
        Weight matrix = linear.weight();
        put(place(weight), matrix.outputs(), matrix.inputs(), new WeightRows(matrix, order));
        vector(bias, ordered(linear.bias(), order));
    }

    private static float @Nullable [] ordered(float @Nullable [] vector, HeadOrder order) {
        return vector == null || order == HeadOrder.SAME ? vector : order.apply(vector);
    }

    private void matrix(TensorRole role, Weight matrix) {
        put(place(role), matrix.outputs(), matrix.inputs(), new WeightRows(matrix, HeadOrder.SAME));
    }

    private void stack(TensorRole role, Weight[] matrices) {
        Weight first = matrices[0];
        List<JoinedRows.Part> parts = new ArrayList<>();
        for (Weight matrix : matrices) {
            parts.add(new JoinedRows.Part(new WeightRows(matrix, HeadOrder.SAME), matrix.outputs()));
        }
        builder(place(role)).whole = new Shaped(
                "",
                List.of((long) matrices.length, (long) first.outputs(), (long) first.inputs()),
                new JoinedRows(parts, first.inputs()));
    }

    private void vector(TensorRole role, float @Nullable [] values) {
        if (values != null) {
            builder(place(role)).whole =
                    new Shaped("", List.of((long) values.length), new VectorRows(values, values.length));
        }
    }

    private void vectors(TensorRole role, float[][] values) {
        int width = values[0].length;
        float[] all = new float[values.length * width];
        for (int i = 0; i < values.length; i++) {
            System.arraycopy(values[i], 0, all, i * width, width);
        }
        builder(place(role)).whole =
                new Shaped("", List.of((long) values.length, (long) width), new VectorRows(all, width));
    }

    private void put(TensorPart place, int outputs, int inputs, OutputTensor.Rows rows) {
        Builder builder = builder(place);
        if (place.of() == 0) {
            builder.whole = new Shaped("", List.of((long) outputs, (long) inputs), rows);
        } else {
            // Parts of one tensor come in the order in which they lie in it.
            builder.inputs = inputs;
            builder.parts.add(new JoinedRows.Part(rows, outputs));
        }
    }

    private TensorPart place(TensorRole role) {
        return names.places(role).getFirst();
    }

    private Builder builder(TensorPart place) {
        return builders.computeIfAbsent(place.name(layer, 0), name -> new Builder());
    }

    private static final class Builder {
        private @Nullable Shaped whole;
        private final List<JoinedRows.Part> parts = new ArrayList<>();
        private int inputs;

        Shaped build(String name) {
            if (whole != null) {
                return new Shaped(name, whole.shape, whole.rows);
            }
            long outputs = parts.stream().mapToLong(JoinedRows.Part::count).sum();
            return new Shaped(name, List.of(outputs, (long) inputs), new JoinedRows(parts, inputs));
        }
    }
}
