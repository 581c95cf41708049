package dev.lectern.engine.internal.backend;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lectern.engine.internal.kv.KvSequence;
import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.Rope;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.BlockScales;
import dev.lectern.engine.internal.quant.WeightDecoder;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The operations as their definitions read: plain loops on one thread, sums in double precision, any shape.
///
/// This is the oracle that the other backends are tested against, and what runs where nothing else can. It makes no
/// difference between the phases. Not thread-safe.
public final class ScalarBackend implements Backend {
    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public int threads() {
        return 1;
    }

    @Override
    public void prepare(List<Weight> weights) {
        // They are read as they are stored.
    }

    @Override
    public void embed(Weight table, int[] tokenIds, int rows, Tensor out) {
        Operands.checkEmbed(table, tokenIds, rows, out);
        float[] row = new float[table.inputs()];
        for (int r = 0; r < rows; r++) {
            decodeRow(table, tokenIds[r], row, 0);
            MemorySegment.copy(row, 0, out.data(), JAVA_FLOAT, out.rowOffset(r), row.length);
        }
    }

    @Override
    public void rmsNorm(Tensor in, int rows, float @Nullable [] gain, float epsilon, Tensor out) {
        Operands.checkNorm(in, rows, gain, out);
        int columns = in.columns();
        for (int r = 0; r < rows; r++) {
            double squares = 0;
            for (int c = 0; c < columns; c++) {
                squares += (double) in.get(r, c) * in.get(r, c);
            }
            float factor = (float) (1 / Math.sqrt(squares / columns + epsilon));
            for (int c = 0; c < columns; c++) {
                float normalised = in.get(r, c) * factor;
                out.set(r, c, gain == null ? normalised : normalised * gain[c]);
            }
        }
    }

    @Override
    public void matmul(Tensor in, int rows, Weight weight, Tensor out, Phase phase) {
        Operands.checkMatmul(in, rows, weight, out);
        multiply(in, 0, rows, weight, out);
    }

    @Override
    public void matmuls(Tensor in, int rows, Weight[] weights, Tensor[] outs, Phase phase) {
        for (int i = 0; i < weights.length; i++) {
            matmul(in, rows, weights[i], outs[i], phase);
        }
    }

    @Override
    public void groupedMatmuls(Tensor in, int[] starts, Weight[][] weights, Tensor[] outs, Phase phase) {
        for (int i = 0; i < weights.length; i++) {
            groupedMatmul(in, starts, weights[i], outs[i], phase);
        }
    }

    @Override
    public void groupedMatmul(Tensor in, int[] starts, Weight[] weights, Tensor out, Phase phase) {
        Operands.checkGrouped(in, starts, weights, out);
        for (int g = 0; g < weights.length; g++) {
            multiply(in, starts[g], starts[g + 1], weights[g], out);
        }
    }

    private static void multiply(Tensor in, int fromRow, int toRow, Weight weight, Tensor out) {
        if (fromRow == toRow) {
            return;
        }
        float[] weights = decode(weight);
        boolean outputMajor = weight.order() == Weight.Order.OUTPUT_MAJOR;
        int outputStride = outputMajor ? weight.inputs() : weight.step();
        int inputStride = outputMajor ? 1 : weight.storageColumns();
        for (int r = fromRow; r < toRow; r++) {
            for (int o = 0; o < weight.outputs(); o++) {
                double sum = 0;
                for (int i = 0; i < weight.inputs(); i++) {
                    sum += (double) in.get(r, i) * weights[o * outputStride + i * inputStride];
                }
                out.set(r, o, (float) sum);
            }
        }
    }

    /// The whole matrix in its storage order, without gaps between rows.
    private static float[] decode(Weight weight) {
        int width = weight.storageColumns();
        float[] weights = new float[Math.multiplyExact(weight.storageRows(), width)];
        for (int row = 0; row < weight.storageRows(); row++) {
            decodeRow(weight, row, weights, row * width);
        }
        return weights;
    }

    private static void decodeRow(Weight weight, int row, float[] weights, int at) {
        int width = weight.storageColumns();
        WeightDecoder.decode(weight.type(), weight.data(), weight.rowOffset(row), weights, at, width);
        BlockScales scales = weight.scales();
        if (scales != null) {
            scales.apply(row, 0, width, weights, at);
        }
    }

    @Override
    public void rope(Tensor x, int rows, int headDim, int firstDim, Rope rope, int[] positions) {
        Operands.checkRope(x, rows, headDim, firstDim, rope, positions);
        float[] inverseFrequencies = rope.inverseFrequencies();
        int pairs = inverseFrequencies.length;
        for (int r = 0; r < rows; r++) {
            for (int head = 0; head < x.columns(); head += headDim) {
                for (int pair = 0; pair < pairs; pair++) {
                    boolean adjacent = rope.pairing() == Rope.Pairing.ADJACENT;
                    int first = head + firstDim + (adjacent ? 2 * pair : pair);
                    int second = first + (adjacent ? 1 : pairs);
                    double angle = positions[r] * (double) inverseFrequencies[pair];
                    float cos = (float) Math.cos(angle) * rope.magnitude();
                    float sin = (float) Math.sin(angle) * rope.magnitude();
                    float a = x.get(r, first);
                    float b = x.get(r, second);
                    x.set(r, first, a * cos - b * sin);
                    x.set(r, second, a * sin + b * cos);
                }
            }
        }
    }

    @Override
    public void scaleByTemperature(Tensor x, int rows, AttentionSpec.Temperature temperature, int[] positions) {
        Operands.checkPositions(x, rows, positions);
        for (int r = 0; r < rows; r++) {
            float factor = temperature.factor(positions[r]);
            for (int c = 0; c < x.columns(); c++) {
                x.set(r, c, x.get(r, c) * factor);
            }
        }
    }

    @Override
    public void storeKv(Tensor keys, @Nullable Tensor values, Batch batch, int layer) {
        Operands.checkKv(keys, values, batch);
        for (Batch.Span span : batch.spans()) {
            int end = span.firstPosition() + span.rows();
            span.sequence().runs(layer, span.firstPosition(), end, run -> {
                int row = span.firstRow() + run.firstPosition() - span.firstPosition();
                MemorySegment.copy(keys.data(), keys.rowOffset(row), run.keys(), 0, keys.rowOffset(run.count()));
                if (values != null) {
                    MemorySegment.copy(
                            values.data(), values.rowOffset(row), run.values(), 0, values.rowOffset(run.count()));
                }
            });
        }
    }

    @Override
    public void attention(
            Tensor queries, Batch batch, int layer, AttentionSpec.Scores spec, float @Nullable [] sinks, Tensor out) {
        Operands.checkAttention(queries, batch, spec, sinks, out);
        for (Batch.Span span : batch.spans()) {
            int from = spec.mask().firstVisible(span.firstPosition());
            KvRows kv = new KvRows(span.sequence(), layer, from, span.firstPosition() + span.rows(), spec);
            for (int r = 0; r < span.rows(); r++) {
                for (int head = 0; head < spec.heads(); head++) {
                    attend(queries, span.firstRow() + r, head, span.firstPosition() + r, kv, spec, sinks, out);
                }
            }
        }
    }

    /// One head of one row over its visible keys.
    private static void attend(
            Tensor queries,
            int row,
            int head,
            int position,
            KvRows kv,
            AttentionSpec.Scores spec,
            float @Nullable [] sinks,
            Tensor out) {
        int query = head * spec.keyDim();
        int kvHead = head / spec.groupSize();
        int from = spec.mask().firstVisible(position);
        double[] weights = new double[position + 1 - from];
        double largest = sinks == null ? Double.NEGATIVE_INFINITY : sinks[head];
        for (int p = from; p <= position; p++) {
            double dot = 0;
            for (int d = 0; d < spec.keyDim(); d++) {
                dot += (double) queries.get(row, query + d) * kv.keys[kv.keyAt(p, kvHead) + d];
            }
            weights[p - from] = dot * spec.scale();
            largest = Math.max(largest, weights[p - from]);
        }
        double sum = sinks == null ? 0 : Math.exp(sinks[head] - largest);
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.exp(weights[i] - largest);
            sum += weights[i];
        }
        double[] mixed = new double[spec.valueDim()];
        for (int p = from; p <= position; p++) {
            for (int d = 0; d < mixed.length; d++) {
                mixed[d] += weights[p - from] * kv.value(p, kvHead, d);
            }
        }
        for (int d = 0; d < mixed.length; d++) {
            out.set(row, head * mixed.length + d, (float) (mixed[d] / sum));
        }
    }

    /// A layer's keys and values of the positions `[from, to)`, copied to the heap.
    private static final class KvRows {
        final AttentionSpec.Scores spec;
        final int from;
        final float[] keys;
        final float[] values;

        KvRows(KvSequence sequence, int layer, int from, int to, AttentionSpec.Scores spec) {
            this.spec = spec;
            this.from = from;
            keys = new float[Math.multiplyExact(to - from, spec.keyWidth())];
            values = new float[Math.multiplyExact(to - from, spec.valueWidth())];
            sequence.runs(layer, from, to, run -> {
                int row = run.firstPosition() - from;
                int keyCount = run.count() * spec.keyWidth();
                int valueCount = run.count() * spec.valueWidth();
                MemorySegment.copy(run.keys(), JAVA_FLOAT, 0, keys, row * spec.keyWidth(), keyCount);
                MemorySegment.copy(run.values(), JAVA_FLOAT, 0, values, row * spec.valueWidth(), valueCount);
            });
        }

        int keyAt(int position, int kvHead) {
            return (position - from) * spec.keyWidth() + kvHead * spec.keyDim();
        }

        float value(int position, int kvHead, int dim) {
            return switch (spec.storage()) {
                case SEPARATE -> values[(position - from) * spec.valueWidth() + kvHead * spec.valueDim() + dim];
                case IN_KEYS -> keys[keyAt(position, kvHead) + dim];
            };
        }
    }

    @Override
    public void gatherHeads(Tensor in, int rows, int heads, int firstDim, Tensor out) {
        Operands.checkHeads(in, rows, heads, firstDim, out);
        int width = in.columns() / heads;
        for (int h = 0; h < heads; h++) {
            for (int r = 0; r < rows; r++) {
                for (int i = 0; i < out.columns(); i++) {
                    out.set(h * rows + r, i, in.get(r, h * width + firstDim + i));
                }
            }
        }
    }

    @Override
    public void scatterHeads(Tensor in, int rows, int heads, int firstDim, Tensor out) {
        Operands.checkHeads(out, rows, heads, firstDim, in);
        int width = out.columns() / heads;
        for (int h = 0; h < heads; h++) {
            for (int r = 0; r < rows; r++) {
                for (int i = 0; i < in.columns(); i++) {
                    out.set(r, h * width + firstDim + i, in.get(h * rows + r, i));
                }
            }
        }
    }

    @Override
    public void route(
            Tensor logits, int rows, MlpSpec.Router router, float @Nullable [] selectionBias, Routing routing) {
        Operands.checkRoute(logits, rows, router, selectionBias);
        float[] all = new float[rows * router.experts()];
        MemorySegment.copy(logits.data(), JAVA_FLOAT, 0, all, 0, all.length);
        routing.choose(all, rows, router, selectionBias);
    }

    @Override
    public void gather(Tensor in, Routing routing, boolean scaled, Tensor out) {
        Operands.checkSlots(in, routing, out);
        for (int s = 0; s < routing.slots(); s++) {
            for (int c = 0; c < in.columns(); c++) {
                out.set(s, c, in.get(routing.slotRow[s], c) * (scaled ? routing.slotScore[s] : 1));
            }
        }
    }

    @Override
    public void scatterAdd(Tensor in, Routing routing, boolean scaled, Tensor out) {
        Operands.checkSlots(out, routing, in);
        for (int s = 0; s < routing.slots(); s++) {
            int row = routing.slotRow[s];
            for (int c = 0; c < out.columns(); c++) {
                out.set(row, c, Math.fma(in.get(s, c), scaled ? routing.slotScore[s] : 1, out.get(row, c)));
            }
        }
    }

    @Override
    public void activate(MlpSpec.Activation activation, Tensor gate, Tensor up, int rows) {
        Operands.checkPairwise(gate, up, rows);
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < gate.columns(); c++) {
                gate.set(r, c, (float) activate(activation, gate.get(r, c), up.get(r, c)));
            }
        }
    }

    private static double activate(MlpSpec.Activation activation, double gate, double up) {
        return switch (activation) {
            case MlpSpec.Activation.Silu silu -> gate * sigmoid(gate) * up;
            case MlpSpec.Activation.GeluTanh gelu -> {
                double z = Math.sqrt(2 / Math.PI) * (gate + 0.044715 * gate * gate * gate);
                yield 0.5 * gate * (1 + Math.tanh(z)) * up;
            }
            case MlpSpec.Activation.ClampedSwish swish -> {
                double bounded = Math.min(gate, swish.limit());
                double value = Math.clamp(up, -swish.limit(), swish.limit());
                yield (value + 1) * bounded * sigmoid(swish.alpha() * bounded);
            }
        };
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    @Override
    public void addBias(Tensor x, int rows, float[] bias) {
        Operands.checkBias(x, rows, bias);
        addBias(x, 0, rows, bias);
    }

    @Override
    public void addBiases(Tensor x, int[] starts, float[][] biases) {
        Operands.checkBiases(x, starts, biases);
        for (int g = 0; g < biases.length; g++) {
            addBias(x, starts[g], starts[g + 1], biases[g]);
        }
    }

    private static void addBias(Tensor x, int from, int to, float[] bias) {
        for (int r = from; r < to; r++) {
            for (int c = 0; c < bias.length; c++) {
                x.set(r, c, x.get(r, c) + bias[c]);
            }
        }
    }

    @Override
    public void scale(Tensor x, int rows, float factor) {
        Operands.checkPairwise(x, x, rows);
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < x.columns(); c++) {
                x.set(r, c, x.get(r, c) * factor);
            }
        }
    }

    @Override
    public void add(Tensor x, Tensor y, float factor, int rows) {
        Operands.checkPairwise(x, y, rows);
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < x.columns(); c++) {
                x.set(r, c, Math.fma(y.get(r, c), factor, x.get(r, c)));
            }
        }
    }

    @Override
    public void close() {
        // Owns nothing.
    }
}
