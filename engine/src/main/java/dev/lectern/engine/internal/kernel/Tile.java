package dev.lectern.engine.internal.kernel;

/// The register-blocked inner kernel of every matrix product: a tile of `rows()` by `columns()` float32 sums held in
/// registers while `depth` products are added to each.
///
/// Each sum is one chain of fused multiply-adds in ascending order of depth: it depends on nothing else in the tile.
/// Implementations are stateless. The methods are compilations of their own on purpose: with one more branch in a
/// method, C2 reaches its limits of inlining and boxes vectors (26 GFLOP/s instead of 113).
public interface Tile {
    int rows();

    int columns();

    /// `out[r][c] = Σ_k left[r][k] * right[k][c]`.
    ///
    /// @param left  row-major, row r at `leftAt + r * leftStride`; all [#rows] rows are read
    /// @param right shape (depth, columns), from `rightAt` on
    /// @param out   row r at `outAt + r * outStride`; all rows and columns are written
    void multiplyRows(
            float[] left,
            int leftAt,
            int leftStride,
            float[] right,
            int rightAt,
            int depth,
            float[] out,
            int outAt,
            int outStride);

    /// `out[r][c] += Σ_k left[r][k] * right[k][c]`, the sum worked out from zero and added in the end; operands
    /// as in [#multiplyRows].
    void addRows(
            float[] left,
            int leftAt,
            int leftStride,
            float[] right,
            int rightAt,
            int depth,
            float[] out,
            int outAt,
            int outStride);

    /// `out[r][c] += Σ_k left[k][r] * right[k][c]`, each sum going on from what `out` holds.
    ///
    /// @param left shape (depth, rows): step k's values lie together
    void addSteps(
            float[] left, int leftAt, float[] right, int rightAt, int depth, float[] out, int outAt, int outStride);
}
