package dev.lectern.engine.internal.kernel;

import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.TensorType;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The inner loops that the CPU backend is made of, on one thread and on memory that the caller owns.
/// Implementations are stateless. Offsets into segments are bytes, into arrays elements.
///
/// Segments are native memory. A kernel checks once that all it will touch lies inside an open segment, and then
/// reads and writes without further checks: nobody may close a segment before the kernel returns. The engine closes
/// its memory in its turn, when no operation runs.
public interface Kernels {
    /// Floats in a vector.
    int lanes();

    /// The tile for many columns.
    Tile tile();

    /// The tile for few columns; a column's result is the same to the last bit as in [#tile].
    Tile narrowTile();

    /// Decodes `count` weights, whole blocks of their type, of each of `rows` rows of storage to float32:
    /// exactly what the scalar decoder gives.
    ///
    /// @param firstRow    first row of storage
    /// @param firstWeight first weight of each row, a multiple of the block
    /// @param stride      distance of the rows of `weights`
    void decode(Weight weight, int firstRow, int firstWeight, int rows, int count, float[] weights, int stride);

    /// Dot products straight on the blocks of a type; null where there are none, and [#decode] and [#dots] do
    /// it.
    @Nullable
    BlockDots blockDots(TensorType type);

    /// The order in which products read weights of a type from memory of their own; null where they read them
    /// as they are stored. Panels have as many columns as [#tile].
    @Nullable
    WeightPanels panels(TensorType type);

    /// `out[c][r] = in[r][c] * factor`.
    ///
    /// @param inStride distance of the `rows` rows of `in`, the first of which starts at `inAt`
    /// @param out      the `columns` rows, `outRowBytes` apart, the first at `outOffset`
    /// @param square   scratch, lanes * lanes
    void transpose(
            float[] in,
            int inAt,
            int inStride,
            int rows,
            int columns,
            float factor,
            MemorySegment out,
            long outOffset,
            long outRowBytes,
            float[] square);

    /// Adds to the dot products of rows with 8 weight rows; each is a vector of partial sums, a row's 8 side by
    /// side.
    ///
    /// @param x     rows, `xStride` apart
    /// @param w     8 weight rows, `wStride` apart
    /// @param depth a multiple of the lanes
    /// @param sums  shape (rows, 8, lanes), from `sumsAt` on
    void dots(float[] x, int xAt, int xStride, int rows, float[] w, int wStride, int depth, float[] sums, int sumsAt);

    /// `out[i]` = the sum of vector i of `sums`, lanes added in a fixed order.
    void sumLanes(float[] sums, int count, float[] out, int outAt);

    /// Copies `rows` rows of `count` floats, `rowBytes` apart, from a segment to rows of an array, `stride`
    /// apart.
    void loadRows(MemorySegment in, long offset, long rowBytes, int rows, int count, float[] out, int at, int stride);

    /// Copies `rows` rows of `count` floats, `rowBytes` apart, from a segment to one block for every `width`
    /// floats of a row: float i of row r goes to `at + i / width * blockStride + r * width + i % width`; what a
    /// row lacks in its last block is zero.
    ///
    /// @param width 4 or 8
    void loadBlocks(
            MemorySegment in,
            long offset,
            long rowBytes,
            int rows,
            int count,
            float[] out,
            int at,
            int width,
            int blockStride);

    /// Copies `rows` rows of `count` floats, `stride` apart, from an array to rows of a segment, `rowBytes`
    /// apart; for rows too short for a bulk copy to pay.
    void storeRows(
            float[] values, int at, int stride, MemorySegment out, long offset, long rowBytes, int rows, int count);

    /// Copies `rows` rows of `count` floats from a segment to another; as [#storeRows], for short rows.
    void copyRows(
            MemorySegment in,
            long inOffset,
            long inRowBytes,
            MemorySegment out,
            long outOffset,
            long outRowBytes,
            int rows,
            int count);

    /// One step of an online softmax over a block of keys, a query a column.
    ///
    /// Turns scores in units of log2 into weights `2^(score - maximum)`, and brings the state to the new
    /// maximum. Column c of the block is c + `columnAt` of `largest`, `sums`, `from` and `to`.
    ///
    /// @param scores  shape (keys, columns), from its beginning on; becomes the weights, 0 for keys that the
    ///                column does not see
    /// @param mixed   the weighted values so far, shape (dims, columns), from `mixedAt` on; none where `dims`
    ///                is 0
    /// @param visible null when every column sees all keys
    void softmax(
            MemorySegment scores,
            int keys,
            int columns,
            SoftmaxState state,
            int columnAt,
            float[] mixed,
            int mixedAt,
            int dims,
            @Nullable Visible visible);

    /// `sums[i] += Σ_r weights[r][i] * rows[r]` for a few `i`, each element one chain of fused multiply-adds in
    /// the order of the rows, as in [Tile#addSteps].
    ///
    /// @param rows    `count` rows of `width` floats, `rowBytes` apart, the first at `offset`
    /// @param weights native; row r's are floats from `weightsOffset + 4 * r * weightStride` on
    /// @param sets    rows of `sums`, shape (sets, width)
    void addWeightedRows(
            MemorySegment rows,
            long offset,
            long rowBytes,
            int count,
            int width,
            MemorySegment weights,
            long weightsOffset,
            int weightStride,
            int sets,
            float[] sums);

    /// Merges what one query read of some keys into what it has read of others: both are sums of values with the
    /// weights `2^(score - largest)` of their own largest score.
    ///
    /// @param part        `count` values from `partOffset` on
    /// @param partLargest their largest score
    /// @param partSum     their sum of weights
    /// @param largest     element `state` is the largest score of what `out` holds; becomes that of both
    /// @param sums        element `state` is its sum of weights; becomes that of both. Where it is 0, nothing
    ///                    has been read yet, and `out` is overwritten whatever it holds
    void mergeSoftmax(
            MemorySegment part,
            long partOffset,
            int count,
            float partLargest,
            float partSum,
            float[] largest,
            float[] sums,
            int state,
            MemorySegment out,
            long outOffset);

    /// `out = in / sqrt(mean(in²) + epsilon) * gain` for one row.
    void rmsNorm(
            MemorySegment in,
            long inOffset,
            int columns,
            float @Nullable [] gain,
            float epsilon,
            MemorySegment out,
            long outOffset);

    /// Turns adjacent pairs in place: `x[i] = x[i] * cos[i] + x[i ^ 1] * sin[i]`; `sin` carries the signs.
    ///
    /// @param count elements, even
    void rotateAdjacent(MemorySegment x, long offset, int count, float[] cos, float[] sin, int tableAt);

    /// Turns pairs (j, j + pairs) in place.
    void rotateHalves(MemorySegment x, long offset, int pairs, float[] cos, float[] sin, int tableAt);

    /// `out = in * factor`; `out` may be `in`.
    void scale(MemorySegment in, long inOffset, int count, float factor, MemorySegment out, long outOffset);

    /// `x += factor * y`, a fused multiply-add an element.
    void add(MemorySegment x, long xOffset, MemorySegment y, long yOffset, float factor, long count);

    /// `x += bias`.
    void addBias(MemorySegment x, long offset, float[] bias);

    /// `gate = activation(gate, up)`.
    void activate(
            MlpSpec.Activation activation,
            MemorySegment gate,
            long gateOffset,
            MemorySegment up,
            long upOffset,
            long count);

    /// The state of an online softmax, one element a column.
    ///
    /// @param largest maximum score so far; starts from [#NOTHING_YET]
    /// @param sums    sum of the weights so far
    /// @param next    scratch: the maximum with the current block
    /// @param added   scratch: the current block's sum of weights; after the step, the factor by which weights
    ///                of earlier blocks shrink, 1 where the maximum stays
    record SoftmaxState(float[] largest, float[] sums, float[] next, float[] added) {
        /// Not minus infinity, whose differences are NaN.
        public static final float NOTHING_YET = -Float.MAX_VALUE;

        public SoftmaxState(int columns) {
            this(new float[columns], new float[columns], new float[columns], new float[columns]);
        }
    }

    /// Which keys each column sees: those of absolute positions `[from, to)`.
    ///
    /// @param firstKey position of the block's first key
    record Visible(int firstKey, int[] from, int[] to) {}
}
