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
    public void rope(Tensor x, int rows, int headDim, Rope rope, int[] positions) {
        Operands.checkRope(x, rows, headDim, rope, positions);
        float[] inverseFrequencies = rope.inverseFrequencies();
        int pairs = inverseFrequencies.length;
        for (int r = 0; r < rows; r++) {
            for (int head = 0; head < x.columns(); head += headDim) {
                for (int pair = 0; pair < pairs; pair++) {
                    boolean adjacent = rope.pairing() == Rope.Pairing.ADJACENT;
                    int first = head + (adjacent ? 2 * pair : pair);
                    int second = first + (adjacent ? 1 : pairs);
                    double angle = positions[r] * (double) inverseFrequencies[pair];
                    float cos = (float) Math.cos(angle);
                    float sin = (float) Math.sin(angle);
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
    public void storeKv(Tensor keys, Tensor values, Batch batch, int layer) {
        Operands.checkKv(keys, values, batch);
        long rowBytes = (long) keys.columns() * Float.BYTES;
        for (Batch.Span span : batch.spans()) {
            int end = span.firstPosition() + span.rows();
            span.sequence().runs(layer, span.firstPosition(), end, run -> {
                int row = span.firstRow() + run.firstPosition() - span.firstPosition();
                long bytes = run.count() * rowBytes;
                MemorySegment.copy(keys.data(), keys.rowOffset(row), run.keys(), 0, bytes);
                MemorySegment.copy(values.data(), values.rowOffset(row), run.values(), 0, bytes);
            });
        }
    }

    @Override
    public void attention(Tensor queries, Batch batch, int layer, AttentionSpec.GroupedQuery spec, Tensor out) {
        Operands.checkAttention(queries, batch, spec, out);
        for (Batch.Span span : batch.spans()) {
            int from = spec.mask().firstVisible(span.firstPosition());
            KvRows kv = new KvRows(span.sequence(), layer, from, span.firstPosition() + span.rows(), spec);
            for (int r = 0; r < span.rows(); r++) {
                for (int head = 0; head < spec.heads(); head++) {
                    attend(queries, span.firstRow() + r, head, span.firstPosition() + r, kv, spec, out);
                }
            }
        }
    }

    /// One head of one row over its visible keys.
    private static void attend(
            Tensor queries, int row, int head, int position, KvRows kv, AttentionSpec.GroupedQuery spec, Tensor out) {
        int headDim = spec.headDim();
        int query = head * headDim;
        int key = head / spec.groupSize() * headDim;
        int from = spec.mask().firstVisible(position);
        double[] weights = new double[position + 1 - from];
        double largest = Double.NEGATIVE_INFINITY;
        for (int p = from; p <= position; p++) {
            double dot = 0;
            for (int d = 0; d < headDim; d++) {
                dot += (double) queries.get(row, query + d) * kv.keys[kv.at(p) + key + d];
            }
            weights[p - from] = dot * spec.scale();
            largest = Math.max(largest, weights[p - from]);
        }
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.exp(weights[i] - largest);
            sum += weights[i];
        }
        double[] mixed = new double[headDim];
        for (int p = from; p <= position; p++) {
            for (int d = 0; d < headDim; d++) {
                mixed[d] += weights[p - from] * kv.values[kv.at(p) + key + d];
            }
        }
        for (int d = 0; d < headDim; d++) {
            out.set(row, query + d, (float) (mixed[d] / sum));
        }
    }

    /// A layer's keys and values of the positions `[from, to)`, copied to the heap.
    private static final class KvRows {
        final int from;
        final int width;
        final float[] keys;
        final float[] values;

        KvRows(KvSequence sequence, int layer, int from, int to, AttentionSpec.GroupedQuery spec) {
            this.from = from;
            width = spec.kvHeads() * spec.headDim();
            keys = new float[Math.multiplyExact(to - from, width)];
            values = new float[keys.length];
            sequence.runs(layer, from, to, run -> {
                int length = run.count() * width;
                MemorySegment.copy(run.keys(), JAVA_FLOAT, 0, keys, at(run.firstPosition()), length);
                MemorySegment.copy(run.values(), JAVA_FLOAT, 0, values, at(run.firstPosition()), length);
            });
        }

        int at(int position) {
            return (position - from) * width;
        }
    }

    @Override
    public void route(Tensor logits, int rows, MlpSpec.Moe spec, Routing routing) {
        Operands.checkRoute(logits, rows, spec);
        float[] all = new float[rows * spec.experts()];
        MemorySegment.copy(logits.data(), JAVA_FLOAT, 0, all, 0, all.length);
        routing.choose(all, rows, spec);
    }

    @Override
    public void gatherScaled(Tensor in, Routing routing, Tensor out) {
        Operands.checkSlots(in, routing, out);
        for (int s = 0; s < routing.slots(); s++) {
            for (int c = 0; c < in.columns(); c++) {
                out.set(s, c, in.get(routing.slotRow[s], c) * routing.slotScore[s]);
            }
        }
    }

    @Override
    public void scatterAdd(Tensor in, Routing routing, Tensor out) {
        Operands.checkSlots(out, routing, in);
        for (int s = 0; s < routing.slots(); s++) {
            int row = routing.slotRow[s];
            for (int c = 0; c < out.columns(); c++) {
                out.set(row, c, out.get(row, c) + in.get(s, c));
            }
        }
    }

    @Override
    public void siluTimes(Tensor gate, Tensor up, int rows) {
        Operands.checkPairwise(gate, up, rows);
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < gate.columns(); c++) {
                double x = gate.get(r, c);
                gate.set(r, c, (float) (x / (1 + Math.exp(-x)) * up.get(r, c)));
            }
        }
    }

    @Override
    public void add(Tensor x, Tensor y, int rows) {
        Operands.checkPairwise(x, y, rows);
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < x.columns(); c++) {
                x.set(r, c, x.get(r, c) + y.get(r, c));
            }
        }
    }

    @Override
    public void close() {
        // Owns nothing.
    }
}
