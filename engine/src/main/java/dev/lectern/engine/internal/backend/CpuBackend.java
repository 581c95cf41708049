package dev.lectern.engine.internal.backend;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lectern.engine.internal.kernel.Kernels;
import dev.lectern.engine.internal.kernel.Team;
import dev.lectern.engine.internal.kernel.gemm.Gemm;
import dev.lectern.engine.internal.kv.KvSequence;
import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.Rope;
import dev.lectern.engine.internal.model.Weight;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The operations on the processor's vector units, by a team of threads.
///
/// Work is split over outputs, never over a sum, so that results do not depend on the number of threads. Small
/// operations run on the caller alone: waking the team costs more than they do. Scratch memory grows to what the
/// largest operation needs and stays. Not thread-safe, as [Backend] says.
public final class CpuBackend implements Backend {
    /// Elements that pay for handing a piece of an operation to another thread, some microseconds' work.
    private static final int ELEMENTS_PER_ITEM = 1 << 14;

    private final Kernels kernels;
    private final Team team;
    private final CpuMatmul matmul;
    private final @Nullable GemmMatmul gemm;
    private final @Nullable GemmChoice choice;
    private final CpuAttention attention;
    private final Map<Rope, RopeTable> ropeTables = new HashMap<>();
    private final WorkerFloats[] decodedRows;
    private float[] logits = new float[0];

    /// With packed weights and all in Java.
    ///
    /// @param kernels inner loops
    /// @param threads size of the team, the caller included
    public CpuBackend(Kernels kernels, int threads) {
        this(kernels, threads, true, null, false);
    }

    /// @param packs    whether weights are copied into panels, which decode reads twice as fast, when they are
    ///                 first used
    /// @param gemm     for the weights that it takes, in prefill; closed with this backend. Null: all in Java
    /// @param measured whether only weights go to it that it multiplies faster
    public CpuBackend(Kernels kernels, int threads, boolean packs, @Nullable Gemm gemm, boolean measured) {
        this.kernels = kernels;
        team = new Team(threads);
        matmul = new CpuMatmul(kernels, team, packs);
        this.gemm = gemm == null ? null : new GemmMatmul(gemm, team);
        choice = this.gemm != null && measured ? new GemmChoice(matmul, this.gemm) : null;
        attention = new CpuAttention(kernels, team);
        decodedRows = WorkerFloats.of(team);
    }

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public int threads() {
        return team.threads();
    }

    @Override
    public void prepare(List<Weight> weights) {
        matmul.prepare(weights);
    }

    @Override
    public void embed(Weight table, int[] tokenIds, int rows, Tensor out) {
        Operands.checkEmbed(table, tokenIds, rows, out);
        int columns = table.inputs();
        forRows(rows, columns, (from, to, worker) -> {
            float[] decoded = decodedRows[worker].reserve(columns);
            for (int r = from; r < to; r++) {
                kernels.decode(table, tokenIds[r], 0, 1, columns, decoded, 0);
                MemorySegment.copy(decoded, 0, out.data(), JAVA_FLOAT, out.rowOffset(r), columns);
            }
        });
    }

    @Override
    public void rmsNorm(Tensor in, int rows, float @Nullable [] gain, float epsilon, Tensor out) {
        Operands.checkNorm(in, rows, gain, out);
        forRows(rows, in.columns(), (from, to, worker) -> {
            for (int r = from; r < to; r++) {
                kernels.rmsNorm(in.data(), in.rowOffset(r), in.columns(), gain, epsilon, out.data(), out.rowOffset(r));
            }
        });
    }

    @Override
    public void matmul(Tensor in, int rows, Weight weight, Tensor out, Phase phase) {
        matmuls(in, rows, new Weight[] {weight}, new Tensor[] {out}, phase);
    }

    @Override
    public void groupedMatmul(Tensor in, int[] starts, Weight[] weights, Tensor out, Phase phase) {
        groupedMatmuls(in, starts, new Weight[][] {weights}, new Tensor[] {out}, phase);
    }

    @Override
    public void matmuls(Tensor in, int rows, Weight[] weights, Tensor[] outs, Phase phase) {
        Weight[][] each = new Weight[weights.length][];
        for (int i = 0; i < weights.length; i++) {
            Operands.checkMatmul(in, rows, weights[i], outs[i]);
            each[i] = new Weight[] {weights[i]};
        }
        multiply(in, new int[] {0, rows}, each, outs, phase);
    }

    @Override
    public void groupedMatmuls(Tensor in, int[] starts, Weight[][] weights, Tensor[] outs, Phase phase) {
        for (int i = 0; i < weights.length; i++) {
            Operands.checkGrouped(in, starts, weights[i], outs[i]);
        }
        if (weights[0].length > 0) {
            multiply(in, starts, weights, outs, phase);
        }
    }

    private void multiply(Tensor in, int[] starts, Weight[][] weights, Tensor[] outs, Phase phase) {
        if (gemm == null || phase == Phase.DECODE) {
            matmul.multiply(in, starts, weights, outs, phase);
            return;
        }
        for (int i = 0; i < weights.length; i++) {
            boolean preferred = choice == null || choice.prefersGemm(weights[i][0]);
            if (!preferred || !gemm.multiply(in, starts, weights[i], outs[i])) {
                matmul.multiply(in, starts, new Weight[][] {weights[i]}, new Tensor[] {outs[i]}, phase);
            }
        }
    }

    @Override
    public void rope(Tensor x, int rows, int headDim, int firstDim, Rope rope, int[] positions) {
        Operands.checkRope(x, rows, headDim, firstDim, rope, positions);
        RopeTable ropeTable = ropeTables.computeIfAbsent(rope, RopeTable::new);
        ropeTable.prepare(positions, rows, team);
        int turned = 2 * ropeTable.pairs();
        forRows(rows, x.columns(), (from, to, worker) -> {
            for (int r = from; r < to; r++) {
                int at = ropeTable.at(r);
                for (int head = 0; head < x.columns(); head += headDim) {
                    long offset = x.rowOffset(r) + 4L * (head + firstDim);
                    switch (rope.pairing()) {
                        case ADJACENT ->
                            kernels.rotateAdjacent(x.data(), offset, turned, ropeTable.cos(), ropeTable.sin(), at);
                        case HALVES ->
                            kernels.rotateHalves(x.data(), offset, turned / 2, ropeTable.cos(), ropeTable.sin(), at);
                    }
                }
            }
        });
    }

    @Override
    public void scaleByTemperature(Tensor x, int rows, AttentionSpec.Temperature temperature, int[] positions) {
        Operands.checkPositions(x, rows, positions);
        forRows(rows, x.columns(), (from, to, worker) -> {
            for (int r = from; r < to; r++) {
                long offset = x.rowOffset(r);
                kernels.scale(x.data(), offset, x.columns(), temperature.factor(positions[r]), x.data(), offset);
            }
        });
    }

    @Override
    public void storeKv(Tensor keys, @Nullable Tensor values, Batch batch, int layer) {
        Operands.checkKv(keys, values, batch);
        List<KvCopy> copies = new ArrayList<>();
        for (Batch.Span span : batch.spans()) {
            int end = span.firstPosition() + span.rows();
            span.sequence().runs(layer, span.firstPosition(), end, run -> {
                int row = span.firstRow() + run.firstPosition() - span.firstPosition();
                copies.add(new KvCopy(row, run));
            });
        }
        int rowsPerCopy = Math.ceilDiv(batch.rows(), copies.size());
        forRows(copies.size(), (long) rowsPerCopy * keys.columns(), (from, to, worker) -> {
            for (KvCopy copy : copies.subList(from, to)) {
                copyRows(keys, copy.row, copy.run.keys(), copy.run.count());
                if (values != null) {
                    copyRows(values, copy.row, copy.run.values(), copy.run.count());
                }
            }
        });
    }

    /// Rows of a batch, from `row` on, and where they go.
    private record KvCopy(int row, KvSequence.Run run) {}

    private static void copyRows(Tensor from, int row, MemorySegment to, int count) {
        MemorySegment.copy(from.data(), from.rowOffset(row), to, 0, from.rowOffset(count));
    }

    @Override
    public void attention(
            Tensor queries, Batch batch, int layer, AttentionSpec.Scores spec, float @Nullable [] sinks, Tensor out) {
        Operands.checkAttention(queries, batch, spec, sinks, out);
        attention.attend(queries, batch, layer, spec, sinks, out);
    }

    @Override
    public void gatherHeads(Tensor in, int rows, int heads, int firstDim, Tensor out) {
        Operands.checkHeads(in, rows, heads, firstDim, out);
        int width = in.columns() / heads;
        forRows(rows, (long) heads * out.columns(), (from, to, worker) -> {
            for (int r = from; r < to; r++) {
                for (int h = 0; h < heads; h++) {
                    long at = in.rowOffset(r) + 4L * (h * width + firstDim);
                    long outAt = out.rowOffset(h * rows + r);
                    MemorySegment.copy(in.data(), at, out.data(), outAt, out.rowOffset(1));
                }
            }
        });
    }

    @Override
    public void scatterHeads(Tensor in, int rows, int heads, int firstDim, Tensor out) {
        Operands.checkHeads(out, rows, heads, firstDim, in);
        int width = out.columns() / heads;
        forRows(rows, (long) heads * in.columns(), (from, to, worker) -> {
            for (int r = from; r < to; r++) {
                for (int h = 0; h < heads; h++) {
                    long at = out.rowOffset(r) + 4L * (h * width + firstDim);
                    MemorySegment.copy(in.data(), in.rowOffset(h * rows + r), out.data(), at, in.rowOffset(1));
                }
            }
        });
    }

    @Override
    public void route(
            Tensor routerLogits, int rows, MlpSpec.Router router, float @Nullable [] selectionBias, Routing routing) {
        Operands.checkRoute(routerLogits, rows, router, selectionBias);
        int count = rows * router.experts();
        if (logits.length < count) {
            logits = new float[count];
        }
        MemorySegment.copy(routerLogits.data(), JAVA_FLOAT, 0, logits, 0, count);
        routing.check(rows, router);
        float[] all = logits;
        // An exponential costs as much as some tens of moves.
        forRows(
                rows,
                32L * router.experts(),
                (from, to, worker) -> routing.chooseRows(from, to, all, router, selectionBias));
        routing.sortByExpert(rows, router);
    }

    @Override
    public void gather(Tensor in, Routing routing, boolean scaled, Tensor out) {
        Operands.checkSlots(in, routing, out);
        int columns = in.columns();
        forRows(routing.slots(), columns, (from, to, worker) -> {
            for (int s = from; s < to; s++) {
                long row = in.rowOffset(routing.slotRow[s]);
                float factor = scaled ? routing.slotScore[s] : 1;
                kernels.scale(in.data(), row, columns, factor, out.data(), out.rowOffset(s));
            }
        });
    }

    @Override
    public void scatterAdd(Tensor in, Routing routing, boolean scaled, Tensor out) {
        Operands.checkSlots(out, routing, in);
        int columns = out.columns();
        int rows = routing.rows();
        int topK = rows == 0 ? 0 : routing.slots() / rows;
        forRows(rows, (long) topK * columns, (from, to, worker) -> {
            for (int row = from; row < to; row++) {
                for (int k = row * topK; k < (row + 1) * topK; k++) {
                    int slot = routing.rowSlot[k];
                    float factor = scaled ? routing.slotScore[slot] : 1;
                    kernels.add(out.data(), out.rowOffset(row), in.data(), in.rowOffset(slot), factor, columns);
                }
            }
        });
    }

    @Override
    public void activate(MlpSpec.Activation activation, Tensor gate, Tensor up, int rows) {
        Operands.checkPairwise(gate, up, rows);
        forRows(rows, 4L * gate.columns(), (from, to, worker) -> {
            long offset = gate.rowOffset(from);
            long count = (long) (to - from) * gate.columns();
            kernels.activate(activation, gate.data(), offset, up.data(), offset, count);
        });
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

    private void addBias(Tensor x, int first, int end, float[] bias) {
        forRows(end - first, x.columns(), (from, to, worker) -> {
            for (int r = first + from; r < first + to; r++) {
                kernels.addBias(x.data(), x.rowOffset(r), bias);
            }
        });
    }

    @Override
    public void scale(Tensor x, int rows, float factor) {
        Operands.checkPairwise(x, x, rows);
        forRows(rows, x.columns(), (from, to, worker) -> {
            for (int r = from; r < to; r++) {
                kernels.scale(x.data(), x.rowOffset(r), x.columns(), factor, x.data(), x.rowOffset(r));
            }
        });
    }

    @Override
    public void add(Tensor x, Tensor y, float factor, int rows) {
        Operands.checkPairwise(x, y, rows);
        forRows(rows, x.columns(), (from, to, worker) -> {
            long offset = x.rowOffset(from);
            kernels.add(x.data(), offset, y.data(), offset, factor, (long) (to - from) * x.columns());
        });
    }

    @Override
    public void close() {
        team.close();
        attention.close();
        matmul.close();
        if (gemm != null) {
            gemm.close();
        }
    }

    @FunctionalInterface
    private interface RowRange {
        void run(int from, int to, int worker);
    }

    /// Splits rows over the team in pieces that are worth it.
    private void forRows(int rows, long elementsPerRow, RowRange body) {
        int perItem = (int) Math.clamp(ELEMENTS_PER_ITEM / elementsPerRow, 1, Integer.MAX_VALUE);
        team.run(Math.ceilDiv(rows, perItem), (item, worker) -> {
            int from = item * perItem;
            body.run(from, Math.min(rows, from + perItem), worker);
        });
    }
}
