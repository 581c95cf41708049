package dev.lectern.engine.internal.decoder;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.internal.family.ModelFamily;
import dev.lectern.engine.internal.family.TensorMap;
import dev.lectern.engine.internal.family.TensorPart;
import dev.lectern.engine.internal.family.TensorRole;
import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.AttentionSpec.QkNorm;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.ModelConfig;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.BlockScales;
import dev.lectern.engine.internal.quant.TensorType;
import dev.lectern.engine.internal.quant.WeightDecoder;
import dev.lectern.engine.internal.source.ModelSource;
import dev.lectern.engine.internal.source.TensorData;
import dev.lectern.engine.internal.source.TensorScales;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds a decoder's tensors in the file and checks every shape against the specification. Matrices stay where they
/// are; vectors (gains, biases, sinks) are copied.
///
/// A layer's tensor that nobody asked for is an error: it does something that the specification does not know of.
public final class WeightsLoader {
    /// What may lie among a layer's tensors without a part in its arithmetic: frequencies that the metadata
    /// gives too, and scales of quantised activations and caches.
    private static final List<String> WITHOUT_EFFECT = List.of(".inv_freq", ".input_scale", ".k_scale", ".v_scale");

    private final ModelSource source;
    private final ModelConfig config;
    private final TensorMap tensors;
    private final float gainOffset;
    private final Set<String> used = new HashSet<>();

    private WeightsLoader(ModelSource source, ModelFamily.Definition definition) {
        this.source = source;
        this.config = definition.config();
        this.tensors = definition.tensors();
        this.gainOffset = definition.gainOffset();
    }

    /// @throws EngineException.ModelCorrupt     naming the tensor that is missing or has another shape than
    ///                                          expected
    /// @throws EngineException.ModelUnsupported naming a layer's tensor that the family has no use for, or one
    ///                                          that is stored in a way that its use does not allow
    public static DecoderWeights load(ModelSource source, ModelFamily.Definition definition) {
        return new WeightsLoader(source, definition).load();
    }

    private DecoderWeights load() {
        int hidden = config.hiddenSize();
        Weight embedding = matrix(TensorRole.EMBEDDING, 0, config.vocabSize(), hidden);
        List<DecoderWeights.Layer> layers = new ArrayList<>();
        for (int layer = 0; layer < config.layers().size(); layer++) {
            layers.add(layer(layer, config.layers().get(layer)));
        }
        DecoderWeights weights = new DecoderWeights(
                embedding,
                layers,
                gains(TensorRole.OUTPUT_NORM, 0, hidden),
                tensors.find(source, TensorRole.OUTPUT, 0) == null
                        ? embedding
                        : matrix(TensorRole.OUTPUT, 0, config.vocabSize(), hidden));
        refuseUnused();
        return weights;
    }

    private DecoderWeights.Layer layer(int layer, ModelConfig.LayerSpec spec) {
        int hidden = config.hiddenSize();
        return new DecoderWeights.Layer(
                gains(TensorRole.ATTENTION_NORM, layer, hidden),
                switch (spec.attention()) {
                    case AttentionSpec.GroupedQuery grouped -> groupedQuery(layer, grouped);
                    case AttentionSpec.Latent latent -> latent(layer, latent);
                },
                spec.postNorms() ? gains(TensorRole.ATTENTION_POST_NORM, layer, hidden) : null,
                gains(TensorRole.MLP_NORM, layer, hidden),
                switch (spec.mlp()) {
                    case MlpSpec.Dense dense ->
                        dense(layer, TensorRole.GATE, TensorRole.UP, TensorRole.DOWN, dense.intermediateSize());
                    case MlpSpec.Moe moe -> moe(layer, moe);
                },
                spec.postNorms() ? gains(TensorRole.MLP_POST_NORM, layer, hidden) : null);
    }

    private DecoderWeights.GroupedQuery groupedQuery(int layer, AttentionSpec.GroupedQuery spec) {
        int hidden = config.hiddenSize();
        int queries = spec.scores().queryWidth();
        int keys = spec.scores().keyWidth();
        boolean inputs = spec.biases().onInputs();
        QkNorm.Kind norm = spec.qkNorm().map(QkNorm::kind).orElse(QkNorm.Kind.HEAD_AFTER_ROPE);
        return new DecoderWeights.GroupedQuery(
                linear(TensorRole.QUERY, TensorRole.QUERY_BIAS, inputs, layer, queries, hidden),
                linear(TensorRole.KEY, TensorRole.KEY_BIAS, inputs, layer, keys, hidden),
                linear(TensorRole.VALUE, TensorRole.VALUE_BIAS, inputs, layer, keys, hidden),
                linear(
                        TensorRole.ATTENTION_OUTPUT,
                        TensorRole.ATTENTION_OUTPUT_BIAS,
                        spec.biases().onOutput(),
                        layer,
                        hidden,
                        spec.scores().outputWidth()),
                headGains(TensorRole.QUERY_NORM, layer, norm, spec.headDim(), queries),
                headGains(TensorRole.KEY_NORM, layer, norm, spec.headDim(), keys),
                spec.sinks() ? vector(TensorRole.SINKS, layer, spec.heads()) : null);
    }

    private float @Nullable [] headGains(TensorRole role, int layer, QkNorm.Kind norm, int headDim, int width) {
        return switch (norm) {
            case HEAD_AFTER_ROPE -> null;
            case HEAD_BEFORE_ROPE -> gains(role, layer, headDim);
            case ALL_HEADS_BEFORE_ROPE -> gains(role, layer, width);
        };
    }

    private DecoderWeights.Latent latent(int layer, AttentionSpec.Latent spec) {
        int hidden = config.hiddenSize();
        int heads = spec.heads();
        boolean lowRank = spec.queryRank() > 0;
        Weight[] keyUp = new Weight[heads];
        Weight[] valueUp = new Weight[heads];
        if (tensors.find(source, TensorRole.KEY_UP, layer) != null) {
            for (int head = 0; head < heads; head++) {
                keyUp[head] = unit(TensorRole.KEY_UP, layer, head, heads, spec.latentDim(), spec.noPeDim());
                valueUp[head] = unit(TensorRole.VALUE_UP, layer, head, heads, spec.valueDim(), spec.latentDim());
            }
        } else {
            int rowsPerHead = spec.noPeDim() + spec.valueDim();
            Weight fused = matrix(TensorRole.KEY_VALUE_UP, layer, heads * rowsPerHead, spec.latentDim());
            for (int head = 0; head < heads; head++) {
                keyUp[head] = transposedRows(fused, head * rowsPerHead, spec.noPeDim());
                valueUp[head] = rows(fused, head * rowsPerHead + spec.noPeDim(), spec.valueDim());
            }
        }
        return new DecoderWeights.Latent(
                lowRank ? matrix(TensorRole.QUERY_DOWN, layer, spec.queryRank(), hidden) : null,
                lowRank ? gains(TensorRole.QUERY_DOWN_NORM, layer, spec.queryRank()) : null,
                matrix(TensorRole.QUERY_UP, layer, heads * spec.queryDim(), lowRank ? spec.queryRank() : hidden),
                matrix(TensorRole.LATENT_DOWN, layer, spec.latentDim() + spec.ropeDim(), hidden),
                gains(TensorRole.LATENT_NORM, layer, spec.latentDim()),
                keyUp,
                valueUp,
                matrix(TensorRole.ATTENTION_OUTPUT, layer, hidden, heads * spec.valueDim()));
    }

    private static Weight rows(Weight matrix, int first, int count) {
        BlockScales scales = matrix.scales();
        return new Weight(
                matrix.name(),
                matrix.type(),
                count,
                matrix.inputs(),
                Weight.Order.OUTPUT_MAJOR,
                1,
                matrix.strideBytes(),
                matrix.data().asSlice(matrix.rowOffset(first), matrix.rowOffset(count)),
                scales == null ? null : scales.part(first, 1, 0));
    }

    /// Rows of a matrix as the inputs of its transpose.
    private Weight transposedRows(Weight matrix, int first, int count) {
        if (matrix.type().blockWeights() != 1) {
            throw new EngineException.ModelUnsupported("[" + source.location() + "] tensor '" + matrix.name() + "': "
                    + matrix.type() + " cannot be read both ways, as latent attention needs it; supported: types"
                    + " without blocks, or attn_k_b and attn_v_b. Convert the model again with a current llama.cpp");
        }
        Weight part = rows(matrix, first, count);
        return new Weight(
                part.name(),
                part.type(),
                matrix.inputs(),
                count,
                Weight.Order.INPUT_MAJOR,
                1,
                part.strideBytes(),
                part.data(),
                part.scales());
    }

    private DecoderWeights.Dense dense(int layer, TensorRole gate, TensorRole up, TensorRole down, int width) {
        int hidden = config.hiddenSize();
        return new DecoderWeights.Dense(
                matrix(gate, layer, width, hidden),
                matrix(up, layer, width, hidden),
                matrix(down, layer, hidden, width));
    }

    private DecoderWeights.Moe moe(int layer, MlpSpec.Moe moe) {
        int hidden = config.hiddenSize();
        int width = moe.intermediateSize();
        int count = moe.experts();
        Weight[] gate = new Weight[count];
        Weight[] up = new Weight[count];
        Weight[] down = new Weight[count];
        for (int expert = 0; expert < count; expert++) {
            gate[expert] = unit(TensorRole.EXPERT_GATE, layer, expert, count, width, hidden);
            up[expert] = unit(TensorRole.EXPERT_UP, layer, expert, count, width, hidden);
            down[expert] = unit(TensorRole.EXPERT_DOWN, layer, expert, count, hidden, width);
        }
        DecoderWeights.ExpertBiases biases = moe.biases()
                ? new DecoderWeights.ExpertBiases(
                        vectors(TensorRole.EXPERT_GATE_BIAS, layer, count, width),
                        vectors(TensorRole.EXPERT_UP_BIAS, layer, count, width),
                        vectors(TensorRole.EXPERT_DOWN_BIAS, layer, count, hidden))
                : null;
        DecoderWeights.Dense shared = moe.sharedIntermediateSize() == 0
                ? null
                : dense(
                        layer,
                        TensorRole.SHARED_GATE,
                        TensorRole.SHARED_UP,
                        TensorRole.SHARED_DOWN,
                        moe.sharedIntermediateSize());
        return new DecoderWeights.Moe(
                linear(TensorRole.ROUTER, TensorRole.ROUTER_BIAS, moe.biases(), layer, count, hidden),
                moe.router().selectionBias() ? vector(TensorRole.SELECTION_BIAS, layer, count) : null,
                new DecoderWeights.Experts(gate, up, down, biases),
                shared);
    }

    private DecoderWeights.Linear linear(
            TensorRole weight, TensorRole bias, boolean biased, int layer, int outputs, int inputs) {
        return new DecoderWeights.Linear(
                matrix(weight, layer, outputs, inputs), biased ? vector(bias, layer, outputs) : null);
    }

    /// A tensor of its own, or some outputs of one.
    private Weight matrix(TensorRole role, int layer, int outputs, int inputs) {
        TensorPart part = require(role, layer);
        TensorData tensor = read(part, layer, 0);
        int of = part.of() == 0 ? outputs : part.of();
        checkShape(tensor, List.of((long) of, (long) inputs));
        return weight(tensor, 0, part, of, outputs, inputs);
    }

    /// One expert's or head's matrix: a tensor of its own, or one index of a tensor for all.
    private Weight unit(TensorRole role, int layer, int index, int count, int outputs, int inputs) {
        TensorPart part = require(role, layer);
        TensorData tensor = read(part, layer, index);
        int of = part.of() == 0 ? outputs : part.of();
        boolean transposed = transposed(part, tensor.type());
        List<Long> shape = transposed ? List.of((long) inputs, (long) of) : List.of((long) of, (long) inputs);
        if (part.perExpert()) {
            checkShape(tensor, shape);
            return weight(tensor, 0, part, of, outputs, inputs);
        }
        checkShape(tensor, List.of((long) count, shape.getFirst(), shape.getLast()));
        return weight(tensor, index, part, of, outputs, inputs);
    }

    private static boolean transposed(TensorPart part, TensorType type) {
        return part.transposed() && type.blockWeights() == 1;
    }

    /// @param index which of the matrices that the tensor holds one after another
    private Weight weight(TensorData tensor, int index, TensorPart part, int of, int outputs, int inputs) {
        boolean transposed = transposed(part, tensor.type());
        int storageRows = transposed ? inputs : of;
        int contiguous = transposed ? of : inputs;
        checkBlocks(tensor, contiguous);
        long rowBytes = tensor.type().bytes(contiguous);
        int firstRow = transposed ? 0 : part.first();
        long start = (index * (long) storageRows + firstRow) * rowBytes
                + (transposed ? tensor.type().bytes(part.first()) : 0);
        long end = (index + 1L) * storageRows * rowBytes;
        TensorScales scales = tensor.scales();
        return new Weight(
                tensor.name(),
                tensor.type(),
                outputs,
                inputs,
                transposed ? Weight.Order.INPUT_MAJOR : Weight.Order.OUTPUT_MAJOR,
                transposed ? part.step() : 1,
                transposed ? rowBytes : part.step() * rowBytes,
                tensor.data().asSlice(start, end - start),
                scales == null
                        ? null
                        : scales.matrix(index)
                                .part(firstRow, transposed ? 1 : part.step(), transposed ? part.first() : 0));
    }

    private float[] gains(TensorRole role, int layer, int width) {
        float[] gains = vector(role, layer, width);
        for (int i = 0; i < width && gainOffset != 0; i++) {
            gains[i] += gainOffset;
        }
        return gains;
    }

    private float[] vector(TensorRole role, int layer, int width) {
        TensorPart part = require(role, layer);
        TensorData tensor = read(part, layer, 0);
        checkShape(tensor, List.of((long) width));
        return decode(tensor, 0, width, part, width);
    }

    /// One vector an expert.
    private float[][] vectors(TensorRole role, int layer, int count, int width) {
        TensorPart part = require(role, layer);
        TensorData tensor = read(part, layer, 0);
        int of = part.of() == 0 ? width : part.of();
        checkShape(tensor, List.of((long) count, (long) of));
        float[][] vectors = new float[count][];
        for (int expert = 0; expert < count; expert++) {
            vectors[expert] = decode(tensor, expert, of, part, width);
        }
        return vectors;
    }

    private float[] decode(TensorData tensor, int row, int of, TensorPart part, int width) {
        checkBlocks(tensor, of);
        float[] all = new float[of];
        WeightDecoder.decode(tensor.type(), tensor.data(), row * tensor.type().bytes(of), all, 0, of);
        float[] vector = new float[width];
        for (int i = 0; i < width; i++) {
            vector[i] = all[part.first() + i * part.step()];
        }
        return vector;
    }

    /// The place where the file has the role's tensor; the first possible one when it has none, for the message.
    private TensorPart require(TensorRole role, int layer) {
        TensorPart found = tensors.find(source, role, layer);
        if (found != null) {
            return found;
        }
        if (tensors.places(role).isEmpty()) {
            throw new IllegalStateException("the family has no place for " + role);
        }
        return tensors.places(role).getFirst();
    }

    private TensorData read(TensorPart part, int layer, int expert) {
        TensorData tensor = source.require(part.name(layer, expert));
        used.add(tensor.name());
        return tensor;
    }

    private void refuseUnused() {
        String prefix = tensors.layerPrefix();
        for (TensorData tensor : source.tensors()) {
            String name = tensor.name();
            if (!used.contains(name)
                    && name.startsWith(prefix)
                    && layerOf(name, prefix) < config.layers().size()
                    && WITHOUT_EFFECT.stream().noneMatch(name::endsWith)) {
                throw new EngineException.ModelUnsupported("[" + source.location() + "] tensor '" + name
                        + "' has no part in architecture '" + source.architecture()
                        + "' as this engine knows it: the model is a newer variant. Its answers would be wrong");
            }
        }
    }

    /// The number after the prefix; larger than any layer's where there is none.
    private static int layerOf(String name, String prefix) {
        int end = name.indexOf('.', prefix.length());
        String number = end < 0 ? "" : name.substring(prefix.length(), end);
        return number.matches("\\d{1,6}") ? Integer.parseInt(number) : Integer.MAX_VALUE;
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
