package dev.lectern.engine.internal.backend;

import dev.lectern.engine.Profile;
import dev.lectern.engine.internal.kv.KvSequence;
import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.Rope;
import dev.lectern.engine.internal.model.Weight;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Another backend with a clock around each of its operations. Owns the other one.
///
/// A call costs some 60 ns more than without; the results are the other backend's.
public final class ProfilingBackend implements Backend {
    private final Backend backend;
    private final Function<Weight, String> roles;
    private final OperationCounts counts = new OperationCounts();

    /// @param roles what a weight is for; products are counted by it
    public ProfilingBackend(Backend backend, Function<Weight, String> roles) {
        this.backend = backend;
        this.roles = roles;
    }

    /// What ran since the last call. Not while an operation runs.
    public Profile take() {
        return counts.take();
    }

    private void count(String name, long start) {
        counts.add(name, System.nanoTime() - start, 0, 0);
    }

    @Override
    public String name() {
        return backend.name();
    }

    @Override
    public int threads() {
        return backend.threads();
    }

    @Override
    public void prepare(List<Weight> weights) {
        backend.prepare(weights);
    }

    @Override
    public void embed(Weight table, int[] tokenIds, int rows, Tensor out) {
        long start = System.nanoTime();
        backend.embed(table, tokenIds, rows, out);
        count("embedding", start);
    }

    @Override
    public void rmsNorm(Tensor in, int rows, float @Nullable [] gain, float epsilon, Tensor out) {
        long start = System.nanoTime();
        backend.rmsNorm(in, rows, gain, epsilon, out);
        count("norm", start);
    }

    @Override
    public void matmul(Tensor in, int rows, Weight weight, Tensor out, Phase phase) {
        long start = System.nanoTime();
        backend.matmul(in, rows, weight, out, phase);
        count(start, new int[] {0, rows}, new Weight[][] {{weight}});
    }

    @Override
    public void matmuls(Tensor in, int rows, Weight[] weights, Tensor[] outs, Phase phase) {
        long start = System.nanoTime();
        backend.matmuls(in, rows, weights, outs, phase);
        Weight[][] each = new Weight[weights.length][];
        Arrays.setAll(each, i -> new Weight[] {weights[i]});
        count(start, new int[] {0, rows}, each);
    }

    @Override
    public void groupedMatmul(Tensor in, int[] starts, Weight[] weights, Tensor out, Phase phase) {
        long start = System.nanoTime();
        backend.groupedMatmul(in, starts, weights, out, phase);
        count(start, starts, new Weight[][] {weights});
    }

    @Override
    public void groupedMatmuls(Tensor in, int[] starts, Weight[][] weights, Tensor[] outs, Phase phase) {
        long start = System.nanoTime();
        backend.groupedMatmuls(in, starts, weights, outs, phase);
        count(start, starts, weights);
    }

    /// Products that were done together, under the name of the first.
    private void count(long start, int[] starts, Weight[][] weights) {
        long nanos = System.nanoTime() - start;
        double flops = 0;
        double bytes = 0;
        for (Weight[] groups : weights) {
            for (int g = 0; g < groups.length; g++) {
                int rows = starts[g + 1] - starts[g];
                if (rows > 0) {
                    flops += flops(rows, groups[g]);
                    bytes += bytes(groups[g]);
                }
            }
        }
        counts.add(roles.apply(weights[0][0]), nanos, flops, bytes);
    }

    private static double flops(int rows, Weight weight) {
        return 2.0 * rows * weight.inputs() * weight.outputs();
    }

    private static double bytes(Weight weight) {
        return (double) weight.type().bytes((long) weight.inputs() * weight.outputs());
    }

    @Override
    public void rope(Tensor x, int rows, int headDim, int firstDim, Rope rope, int[] positions) {
        long start = System.nanoTime();
        backend.rope(x, rows, headDim, firstDim, rope, positions);
        count("rope", start);
    }

    @Override
    public void scaleByTemperature(Tensor x, int rows, AttentionSpec.Temperature temperature, int[] positions) {
        long start = System.nanoTime();
        backend.scaleByTemperature(x, rows, temperature, positions);
        count("temperature", start);
    }

    @Override
    public void storeKv(Tensor keys, @Nullable Tensor values, Batch batch, int layer) {
        long start = System.nanoTime();
        backend.storeKv(keys, values, batch, layer);
        count("keys and values stored", start);
    }

    @Override
    public void attention(
            Tensor queries, Batch batch, int layer, AttentionSpec.Scores spec, float @Nullable [] sinks, Tensor out) {
        long start = System.nanoTime();
        backend.attention(queries, batch, layer, spec, sinks, out);
        long nanos = System.nanoTime() - start;
        String name = switch (spec.mask()) {
            case AttentionSpec.Mask.Full ignored -> "attention, full";
            case AttentionSpec.Mask.Chunked ignored -> "attention, chunked";
            case AttentionSpec.Mask.Window ignored -> "attention, window";
        };
        double bytes = (double) keysRead(batch, spec.mask()) * (spec.keyWidth() + spec.valueWidth()) * Float.BYTES;
        counts.add(name, nanos, attentionFlops(batch, spec), bytes);
    }

    private static double attentionFlops(Batch batch, AttentionSpec.Scores spec) {
        long pairs = 0;
        for (int position : batch.positions()) {
            pairs += position + 1 - spec.mask().firstVisible(position);
        }
        return 2.0 * pairs * spec.heads() * (spec.keyDim() + spec.valueDim());
    }

    /// Positions that some row sees, those of a shared prefix once.
    private static long keysRead(Batch batch, AttentionSpec.Mask mask) {
        Map<KvSequence, Integer> ofPrefixes = new IdentityHashMap<>();
        long own = 0;
        for (Batch.Span span : batch.spans()) {
            int first = mask.firstVisible(span.firstPosition());
            int shared = span.sequence().prefixLength();
            own += span.firstPosition() + span.rows() - Math.max(first, shared);
            KvSequence prefix = span.sequence().prefix();
            if (prefix != null && first < shared) {
                ofPrefixes.merge(prefix, shared - first, Math::max);
            }
        }
        return own + ofPrefixes.values().stream().mapToLong(Integer::longValue).sum();
    }

    @Override
    public void gatherHeads(Tensor in, int rows, int heads, int firstDim, Tensor out) {
        long start = System.nanoTime();
        backend.gatherHeads(in, rows, heads, firstDim, out);
        count("heads gathered, scattered", start);
    }

    @Override
    public void scatterHeads(Tensor in, int rows, int heads, int firstDim, Tensor out) {
        long start = System.nanoTime();
        backend.scatterHeads(in, rows, heads, firstDim, out);
        count("heads gathered, scattered", start);
    }

    @Override
    public void route(Tensor logits, int rows, MlpSpec.Router router, float @Nullable [] bias, Routing routing) {
        long start = System.nanoTime();
        backend.route(logits, rows, router, bias, routing);
        count("routing", start);
    }

    @Override
    public void gather(Tensor in, Routing routing, boolean scaled, Tensor out) {
        long start = System.nanoTime();
        backend.gather(in, routing, scaled, out);
        count("expert rows gathered", start);
    }

    @Override
    public void scatterAdd(Tensor in, Routing routing, boolean scaled, Tensor out) {
        long start = System.nanoTime();
        backend.scatterAdd(in, routing, scaled, out);
        count("expert rows added", start);
    }

    @Override
    public void activate(MlpSpec.Activation activation, Tensor gate, Tensor up, int rows) {
        long start = System.nanoTime();
        backend.activate(activation, gate, up, rows);
        count("activation", start);
    }

    @Override
    public void addBias(Tensor x, int rows, float[] bias) {
        long start = System.nanoTime();
        backend.addBias(x, rows, bias);
        count("biases", start);
    }

    @Override
    public void addBiases(Tensor x, int[] starts, float[][] biases) {
        long start = System.nanoTime();
        backend.addBiases(x, starts, biases);
        count("biases", start);
    }

    @Override
    public void scale(Tensor x, int rows, float factor) {
        long start = System.nanoTime();
        backend.scale(x, rows, factor);
        count("multipliers", start);
    }

    @Override
    public void add(Tensor x, Tensor y, float factor, int rows) {
        long start = System.nanoTime();
        backend.add(x, y, factor, rows);
        count("residual", start);
    }

    @Override
    public void close() {
        backend.close();
    }
}
