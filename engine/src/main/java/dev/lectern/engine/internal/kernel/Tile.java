package dev.lectern.engine.internal.kernel;

/// The register-blocked inner kernel of every matrix product: a tile of `rows()` by `columns()` float32 sums held in
/// registers while `depth` products are added to each.
///
/// Each sum is one chain of fused multiply-adds in ascending order of depth, starting from zero: it depends on nothing
/// else in the tile. Implementations are stateless.
public interface Tile {
    int rows();

    int columns();

    /// `out[r][c] = Σ_k left[r][k] * right[k][c]`, or `+=` with `add`.
    ///
    /// @param left       row-major, row r at `leftAt + r * leftStride`; all [#rows] rows are read
    /// @param right      shape (depth, columns), from `rightAt` on
    /// @param out        row r at `outAt + r * outStride`; all rows and columns are written
    void multiplyRows(
            float[] left, int leftAt, int leftStride, float[] right, int rightAt, int depth, float[] out, int outAt, int outStride, boolean add);

    /// The same with `left` of shape (depth, rows): step k's values lie together.
    void multiplySteps(
            float[] left, int leftAt, float[] right, int rightAt, int depth, float[] out, int outAt, int outStride, boolean add);
}
