package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.kernel.BlockDots;
import dev.lectern.engine.internal.kernel.Kernels;
import dev.lectern.engine.internal.kernel.Tile;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.BlockScales;
import dev.lectern.engine.internal.quant.TensorType;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// [Kernels] on the Vector API, at the machine's preferred width. Only loads where the module
/// `jdk.incubator.vector` is.
public final class VectorKernels implements Kernels {
    private final Tile tile = Lanes.COUNT == 8 ? new Tile4x2() : new Tile8x2();
    private final Tile narrowTile = new Tile8x1();
    private final BlockDots bf16Dots = new BF16Dots();
    private final BlockDots q80Dots = new Q8_0Dots();
    private final BlockDots q40Dots = new Q4_0Dots();
    private final BlockDots q4kDots = new Q4_KDots();

    /// Width of the vectors that the kernels work on.
    public static int vectorBits() {
        return Lanes.COUNT * Float.SIZE;
    }

    @Override
    public int lanes() {
        return Lanes.COUNT;
    }

    @Override
    public Tile tile() {
        return tile;
    }

    @Override
    public Tile narrowTile() {
        return narrowTile;
    }

    @Override
    public void decode(Weight weight, int firstRow, int firstWeight, int rows, int count, float[] weights, int stride) {
        long offset = weight.rowOffset(firstRow) + weight.type().bytes(firstWeight);
        RowDecoder.decode(weight.type(), weight.data(), offset, weight.strideBytes(), rows, count, weights, stride);
        BlockScales scales = weight.scales();
        if (scales != null) {
            for (int row = 0; row < rows; row++) {
                scales.apply(firstRow + row, firstWeight, count, weights, row * stride);
            }
        }
    }

    @Override
    public @Nullable BlockDots blockDots(TensorType type) {
        if (Lanes.COUNT == 4) {
            return null;
        }
        return switch (type) {
            case BF16 -> bf16Dots;
            case Q8_0 -> q80Dots;
            case Q4_0 -> q40Dots;
            case Q4_K -> q4kDots;
            default -> null;
        };
    }

    @Override
    public void transpose(
            float[] in,
            int inAt,
            int inStride,
            int rows,
            int columns,
            float factor,
            float[] out,
            int outAt,
            int outStride,
            float[] square) {
        Matrices.transpose(in, inAt, inStride, rows, columns, factor, out, outAt, outStride, square);
    }

    @Override
    public void dots(
            float[] x, int xAt, int xStride, int rows, float[] w, int wStride, int depth, float[] sums, int sumsAt) {
        Dots.accumulate(x, xAt, xStride, rows, w, wStride, depth, sums, sumsAt);
    }

    @Override
    public void sumLanes(float[] sums, int count, float[] out, int outAt) {
        Dots.finish(sums, count, out, outAt);
    }

    @Override
    public void loadRows(
            MemorySegment in, long offset, long rowBytes, int rows, int count, float[] out, int at, int stride) {
        Copies.loadRows(in, offset, rowBytes, rows, count, out, at, stride);
    }

    @Override
    public void loadBlocks(
            MemorySegment in,
            long offset,
            long rowBytes,
            int rows,
            int count,
            float[] out,
            int at,
            int width,
            int blockStride) {
        Copies.loadBlocks(in, offset, rowBytes, rows, count, out, at, width, blockStride);
    }

    @Override
    public void store(float[] values, int at, MemorySegment out, long offset, int count) {
        Copies.store(values, at, out, offset, count);
    }

    @Override
    public void softmax(
            float[] scores,
            int keys,
            int columns,
            SoftmaxState state,
            int columnAt,
            float[] mixed,
            int mixedAt,
            int dims,
            @Nullable Visible visible) {
        if (visible == null) {
            Softmax.update(scores, keys, columns, state, columnAt, mixed, mixedAt, dims);
        } else {
            Softmax.updateMasked(scores, keys, columns, state, columnAt, mixed, mixedAt, dims, visible);
        }
    }

    @Override
    public void addWeightedRows(
            MemorySegment rows,
            long offset,
            long rowBytes,
            int count,
            int width,
            float[] weights,
            int weightsAt,
            int weightStride,
            int sets,
            float[] sums) {
        WeightedRows.add(rows, offset, rowBytes, count, width, weights, weightsAt, weightStride, sets, sums);
    }

    @Override
    public void mergeSoftmax(
            float[] part,
            int partAt,
            int count,
            float partLargest,
            float partSum,
            float[] largest,
            float[] sums,
            int state,
            MemorySegment out,
            long outOffset) {
        Softmax.merge(part, partAt, count, partLargest, partSum, largest, sums, state, out, outOffset);
    }

    @Override
    public void rmsNorm(
            MemorySegment in,
            long inOffset,
            int columns,
            float @Nullable [] gain,
            float epsilon,
            MemorySegment out,
            long outOffset) {
        RowOperations.rmsNorm(in, inOffset, columns, gain, epsilon, out, outOffset);
    }

    @Override
    public void rotateAdjacent(MemorySegment x, long offset, int count, float[] cos, float[] sin, int tableAt) {
        RowOperations.rotateAdjacent(x, offset, count, cos, sin, tableAt);
    }

    @Override
    public void rotateHalves(MemorySegment x, long offset, int pairs, float[] cos, float[] sin, int tableAt) {
        RowOperations.rotateHalves(x, offset, pairs, cos, sin, tableAt);
    }

    @Override
    public void scale(MemorySegment in, long inOffset, int count, float factor, MemorySegment out, long outOffset) {
        RowOperations.scale(in, inOffset, count, factor, out, outOffset);
    }

    @Override
    public void add(MemorySegment x, long xOffset, MemorySegment y, long yOffset, float factor, long count) {
        RowOperations.add(x, xOffset, y, yOffset, factor, count);
    }

    @Override
    public void addBias(MemorySegment x, long offset, float[] bias) {
        RowOperations.addBias(x, offset, bias);
    }

    @Override
    public void activate(
            MlpSpec.Activation activation,
            MemorySegment gate,
            long gateOffset,
            MemorySegment up,
            long upOffset,
            long count) {
        switch (activation) {
            case MlpSpec.Activation.Silu silu -> Activations.silu(gate, gateOffset, up, upOffset, count);
            case MlpSpec.Activation.GeluTanh gelu -> Activations.geluTanh(gate, gateOffset, up, upOffset, count);
            case MlpSpec.Activation.ClampedSwish swish ->
                Activations.clampedSwish(swish.alpha(), swish.limit(), gate, gateOffset, up, upOffset, count);
        }
    }
}
