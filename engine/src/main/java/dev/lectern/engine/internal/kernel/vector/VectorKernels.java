package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.kernel.BlockDots;
import dev.lectern.engine.internal.kernel.Kernels;
import dev.lectern.engine.internal.kernel.Tile;
import dev.lectern.engine.internal.kernel.WeightPanels;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.BF16Layout;
import dev.lectern.engine.internal.quant.BlockScales;
import dev.lectern.engine.internal.quant.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// [Kernels] on the Vector API, at the machine's preferred width. Only loads where the module
/// `jdk.incubator.vector` is.
public final class VectorKernels implements Kernels {
    private final Tile tile = Lanes.COUNT == 8 ? new Tile4x2() : new Tile8x2();
    private final Tile narrowTile = new Tile8x1();
    private final BlockDots f32Dots = new PlainDots(Float.BYTES);
    private final BlockDots bf16Dots = new PlainDots(BF16Layout.BYTES);
    private final BlockDots q80Dots = new Q8_0Dots();
    private final BlockDots q40Dots = new Q4_0Dots();
    private final BlockDots q4kDots = new Q4_KDots();
    private final WeightPanels q80Panels = new Q8_0Panels();
    private final WeightPanels q40Panels = new Q4_0Panels();
    private final WeightPanels q4kPanels = new Q4_KPanels();
    private final WeightPanels q6kPanels = new Q6_KPanels();
    private final WeightPanels bf16Panels = new Bf16Panels();
    private final WeightPanels f16Panels = new F16Panels();
    private final Map<TensorType, WeightPanels> unpackedPanels = unpackedPanels();

    private static Map<TensorType, WeightPanels> unpackedPanels() {
        Map<TensorType, WeightPanels> panels = new EnumMap<>(TensorType.class);
        for (TensorType type : UnpackedPanels.TYPES) {
            panels.put(type, UnpackedPanels.of(type));
        }
        return panels;
    }

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
        long bytes = (rows - 1) * weight.strideBytes() + weight.type().bytes(count);
        long data = Memory.address(weight.data(), offset, bytes);
        RowDecoder.decode(weight.type(), data, weight.strideBytes(), rows, count, weights, stride);
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
            case F32 -> f32Dots;
            case BF16 -> bf16Dots;
            case Q8_0 -> q80Dots;
            case Q4_0 -> q40Dots;
            case Q4_K -> q4kDots;
            default -> null;
        };
    }

    @Override
    public @Nullable WeightPanels panels(TensorType type) {
        return switch (type) {
            case Q8_0 -> q80Panels;
            case Q4_0 -> q40Panels;
            case Q4_K -> q4kPanels;
            case Q6_K -> q6kPanels;
            case BF16 -> bf16Panels;
            case F16 -> f16Panels;
            default -> unpackedPanels.get(type);
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
            MemorySegment out,
            long outOffset,
            long outRowBytes,
            float[] square) {
        long to = rows(out, outOffset, outRowBytes, columns, rows);
        Matrices.transpose(in, inAt, inStride, rows, columns, factor, to, outRowBytes, square);
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
        Copies.loadRows(rows(in, offset, rowBytes, rows, count), rowBytes, rows, count, out, at, stride);
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
        Copies.loadBlocks(rows(in, offset, rowBytes, rows, count), rowBytes, rows, count, out, at, width, blockStride);
    }

    @Override
    public void storeRows(
            float[] values, int at, int stride, MemorySegment out, long offset, long rowBytes, int rows, int count) {
        Copies.storeRows(values, at, stride, rows(out, offset, rowBytes, rows, count), rowBytes, rows, count);
    }

    @Override
    public void copyRows(
            MemorySegment in,
            long inOffset,
            long inRowBytes,
            MemorySegment out,
            long outOffset,
            long outRowBytes,
            int rows,
            int count) {
        long from = rows(in, inOffset, inRowBytes, rows, count);
        Copies.copyRows(from, inRowBytes, rows(out, outOffset, outRowBytes, rows, count), outRowBytes, rows, count);
    }

    @Override
    public void softmax(
            MemorySegment scores,
            int keys,
            int columns,
            SoftmaxState state,
            int columnAt,
            float[] mixed,
            int mixedAt,
            int dims,
            @Nullable Visible visible) {
        long block = Memory.pointer(row(scores, 0, (long) keys * columns));
        if (visible == null) {
            Softmax.update(block, keys, columns, state, columnAt, mixed, mixedAt, dims);
        } else {
            Softmax.updateMasked(block, keys, columns, state, columnAt, mixed, mixedAt, dims, visible);
        }
    }

    @Override
    public void addWeightedRows(
            MemorySegment rows,
            long offset,
            long rowBytes,
            int count,
            int width,
            MemorySegment weights,
            long weightsOffset,
            int weightStride,
            int sets,
            float[] sums) {
        long in = rows(rows, offset, rowBytes, count, width);
        long factors = Memory.pointer(rows(weights, weightsOffset, (long) Float.BYTES * weightStride, count, sets));
        WeightedRows.add(in, rowBytes, count, width, factors, weightStride, sets, sums);
    }

    @Override
    public void mergeSoftmax(
            MemorySegment part,
            long partOffset,
            int count,
            float partLargest,
            float partSum,
            float[] largest,
            float[] sums,
            int state,
            MemorySegment out,
            long outOffset) {
        long from = row(part, partOffset, count);
        Softmax.merge(from, count, partLargest, partSum, largest, sums, state, row(out, outOffset, count));
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
        RowOperations.rmsNorm(row(in, inOffset, columns), columns, gain, epsilon, row(out, outOffset, columns));
    }

    @Override
    public void rotateAdjacent(MemorySegment x, long offset, int count, float[] cos, float[] sin, int tableAt) {
        RowOperations.rotateAdjacent(row(x, offset, count), count, cos, sin, tableAt);
    }

    @Override
    public void rotateHalves(MemorySegment x, long offset, int pairs, float[] cos, float[] sin, int tableAt) {
        RowOperations.rotateHalves(row(x, offset, 2L * pairs), pairs, cos, sin, tableAt);
    }

    @Override
    public void scale(MemorySegment in, long inOffset, int count, float factor, MemorySegment out, long outOffset) {
        RowOperations.scale(row(in, inOffset, count), count, factor, row(out, outOffset, count));
    }

    @Override
    public void add(MemorySegment x, long xOffset, MemorySegment y, long yOffset, float factor, long count) {
        RowOperations.add(row(x, xOffset, count), row(y, yOffset, count), factor, count);
    }

    @Override
    public void addBias(MemorySegment x, long offset, float[] bias) {
        RowOperations.addBias(row(x, offset, bias.length), bias);
    }

    @Override
    public void activate(
            MlpSpec.Activation activation,
            MemorySegment gate,
            long gateOffset,
            MemorySegment up,
            long upOffset,
            long count) {
        long to = row(gate, gateOffset, count);
        long from = row(up, upOffset, count);
        switch (activation) {
            case MlpSpec.Activation.Silu silu -> Activations.silu(to, from, count);
            case MlpSpec.Activation.GeluTanh gelu -> Activations.geluTanh(to, from, count);
            case MlpSpec.Activation.ClampedSwish swish ->
                Activations.clampedSwish(swish.alpha(), swish.limit(), to, from, count);
        }
    }

    private static long row(MemorySegment floats, long offset, long count) {
        return Memory.address(floats, offset, Float.BYTES * count);
    }

    /// The first of `rows` rows of `count` floats, `rowBytes` apart.
    private static long rows(MemorySegment floats, long offset, long rowBytes, int rows, int count) {
        return Memory.address(floats, offset, rows == 0 ? 0 : (rows - 1) * rowBytes + (long) Float.BYTES * count);
    }
}
