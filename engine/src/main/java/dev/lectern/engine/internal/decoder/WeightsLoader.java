package dev.lectern.engine.internal.decoder;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.internal.family.ModelFamily;
import dev.lectern.engine.internal.family.TensorNames;
import dev.lectern.engine.internal.family.TensorRole;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.ModelConfig;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.WeightDecoder;
import dev.lectern.engine.internal.source.ModelSource;
import dev.lectern.engine.internal.source.TensorData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Finds a decoder's tensors in the file and checks every shape against the specification. Weights stay where
/// they are; only norm gains are copied.
public final class WeightsLoader {
    private final ModelSource source;
    private final ModelConfig config;
    private final Map<TensorRole, String> names;

    private WeightsLoader(ModelSource source, ModelFamily.Definition definition) {
        this.source = source;
        this.config = definition.config();
        this.names = definition.tensorNames();
    }

    /// @throws EngineException.ModelCorrupt naming the tensor that is missing or has another shape than expected
    public static DecoderWeights load(ModelSource source, ModelFamily.Definition definition) {
        return new WeightsLoader(source, definition).load();
    }

    private DecoderWeights load() {
        int hidden = config.hiddenSize();
        Weight embedding = matrix(name(TensorRole.EMBEDDING, 0, 0), config.vocabSize(), hidden);
        List<DecoderWeights.Layer> layers = new ArrayList<>();
        for (int layer = 0; layer < config.layers().size(); layer++) {
            layers.add(layer(layer, config.layers().get(layer)));
        }
        String output = name(TensorRole.OUTPUT, 0, 0);
        return new DecoderWeights(
                embedding,
                layers,
                gains(name(TensorRole.OUTPUT_NORM, 0, 0), hidden),
                source.find(output) == null ? embedding : matrix(output, config.vocabSize(), hidden));
    }

    private DecoderWeights.Layer layer(int layer, ModelConfig.LayerSpec spec) {
        int hidden = config.hiddenSize();
        int queryWidth = spec.attention().heads() * spec.attention().headDim();
        int keyWidth = ModelConfig.keyWidth(spec.attention());
        return new DecoderWeights.Layer(
                gains(name(TensorRole.ATTENTION_NORM, layer, 0), hidden),
                matrix(name(TensorRole.QUERY, layer, 0), queryWidth, hidden),
                matrix(name(TensorRole.KEY, layer, 0), keyWidth, hidden),
                matrix(name(TensorRole.VALUE, layer, 0), keyWidth, hidden),
                matrix(name(TensorRole.ATTENTION_OUTPUT, layer, 0), hidden, queryWidth),
                gains(name(TensorRole.MLP_NORM, layer, 0), hidden),
                switch (spec.mlp()) {
                    case MlpSpec.Dense dense ->
                        dense(layer, TensorRole.GATE, TensorRole.UP, TensorRole.DOWN, dense.intermediateSize());
                    case MlpSpec.Moe moe -> moe(layer, moe);
                });
    }

    private DecoderWeights.Dense dense(int layer, TensorRole gate, TensorRole up, TensorRole down, int width) {
        int hidden = config.hiddenSize();
        return new DecoderWeights.Dense(
                matrix(name(gate, layer, 0), width, hidden),
                matrix(name(up, layer, 0), width, hidden),
                matrix(name(down, layer, 0), hidden, width));
    }

    private DecoderWeights.Moe moe(int layer, MlpSpec.Moe moe) {
        int hidden = config.hiddenSize();
        int width = moe.intermediateSize();
        Weight[] gate = new Weight[moe.experts()];
        Weight[] up = new Weight[moe.experts()];
        Weight[] down = new Weight[moe.experts()];
        TensorData fused = find(TensorRole.EXPERTS_GATE_UP_TRANSPOSED, layer);
        TensorData stacked = find(TensorRole.EXPERTS_GATE, layer);
        if (fused != null) {
            TensorData fusedDown = source.require(name(TensorRole.EXPERTS_DOWN_TRANSPOSED, layer, 0));
            for (int expert = 0; expert < moe.experts(); expert++) {
                // One row of storage holds an input's gate outputs and then its up outputs.
                gate[expert] = transposedExpert(fused, expert, moe.experts(), hidden, 2 * width, 0, width);
                up[expert] = transposedExpert(fused, expert, moe.experts(), hidden, 2 * width, width, width);
                down[expert] = transposedExpert(fusedDown, expert, moe.experts(), width, hidden, 0, hidden);
            }
        } else if (stacked != null) {
            TensorData stackedUp = source.require(name(TensorRole.EXPERTS_UP, layer, 0));
            TensorData stackedDown = source.require(name(TensorRole.EXPERTS_DOWN, layer, 0));
            for (int expert = 0; expert < moe.experts(); expert++) {
                gate[expert] = stackedExpert(stacked, expert, moe.experts(), width, hidden);
                up[expert] = stackedExpert(stackedUp, expert, moe.experts(), width, hidden);
                down[expert] = stackedExpert(stackedDown, expert, moe.experts(), hidden, width);
            }
        } else {
            for (int expert = 0; expert < moe.experts(); expert++) {
                gate[expert] = matrix(name(TensorRole.EXPERT_GATE, layer, expert), width, hidden);
                up[expert] = matrix(name(TensorRole.EXPERT_UP, layer, expert), width, hidden);
                down[expert] = matrix(name(TensorRole.EXPERT_DOWN, layer, expert), hidden, width);
            }
        }
        DecoderWeights.Dense shared = moe.sharedIntermediateSize() == 0
                ? null
                : dense(
                        layer,
                        TensorRole.SHARED_GATE,
                        TensorRole.SHARED_UP,
                        TensorRole.SHARED_DOWN,
                        moe.sharedIntermediateSize());
        return new DecoderWeights.Moe(
                matrix(name(TensorRole.ROUTER, layer, 0), moe.experts(), hidden), gate, up, down, shared);
    }

    private Weight matrix(String name, int outputs, int inputs) {
        TensorData tensor = source.require(name);
        checkShape(tensor, List.of((long) outputs, (long) inputs));
        checkBlocks(tensor, inputs);
        return new Weight(
                name,
                tensor.type(),
                outputs,
                inputs,
                Weight.Order.OUTPUT_MAJOR,
                tensor.type().bytes(inputs),
                tensor.data());
    }

    private Weight stackedExpert(TensorData tensor, int expert, int experts, int outputs, int inputs) {
        checkShape(tensor, List.of((long) experts, (long) outputs, (long) inputs));
        checkBlocks(tensor, inputs);
        long stride = tensor.type().bytes(inputs);
        return new Weight(
                tensor.name(),
                tensor.type(),
                outputs,
                inputs,
                Weight.Order.OUTPUT_MAJOR,
                stride,
                tensor.data().asSlice(expert * stride * outputs, stride * outputs));
    }

    /// Outputs `[from, from + outputs)` of one expert of a tensor `(experts, inputs, allOutputs)`.
    private Weight transposedExpert(
            TensorData tensor, int expert, int experts, int inputs, int allOutputs, int from, int outputs) {
        checkShape(tensor, List.of((long) experts, (long) inputs, (long) allOutputs));
        checkBlocks(tensor, 1);
        long stride = tensor.type().bytes(allOutputs);
        long skipped = tensor.type().bytes(from);
        return new Weight(
                tensor.name(),
                tensor.type(),
                outputs,
                inputs,
                Weight.Order.INPUT_MAJOR,
                stride,
                tensor.data().asSlice(expert * stride * inputs + skipped, stride * inputs - skipped));
    }

    private float[] gains(String name, int width) {
        TensorData tensor = source.require(name);
        checkShape(tensor, List.of((long) width));
        float[] gains = new float[width];
        WeightDecoder.decode(tensor.type(), tensor.data(), 0, gains, 0, width);
        return gains;
    }

    private @Nullable TensorData find(TensorRole role, int layer) {
        return names.containsKey(role) ? source.find(name(role, layer, 0)) : null;
    }

    private String name(TensorRole role, int layer, int expert) {
        return TensorNames.required(names, role)
                .replace("{layer}", Integer.toString(layer))
                .replace("{expert}", Integer.toString(expert));
    }

    private void checkShape(TensorData tensor, List<Long> expected) {
        if (!tensor.shape().equals(expected)) {
            throw new EngineException.ModelCorrupt("[" + source.location() + "] tensor '" + tensor.name() + "': shape "
                    + tensor.shape() + ", expected " + expected + " from the file's metadata");
        }
    }

    private void checkBlocks(TensorData tensor, int contiguous) {
        if (contiguous % tensor.type().blockWeights() != 0) {
            throw new EngineException.ModelUnsupported("[" + source.location() + "] tensor '" + tensor.name()
                    + "': rows of " + contiguous + " weights do not fill blocks of "
                    + tensor.type().blockWeights() + " (" + tensor.type() + ")");
        }
    }
}
