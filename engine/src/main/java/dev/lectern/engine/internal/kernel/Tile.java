package dev.lectern.engine.internal.kernel;

import java.lang.foreign.MemorySegment;

/// The register-blocked inner kernel of every matrix product: a tile of `rows()` by `columns()` float32 sums held in
/// registers while `depth` products are added to each.
///
/// Each sum is one chain of fused multiply-adds in ascending order of depth: it depends on nothing else in the tile.
/// Implementations are stateless. Each kind of tile is a compilation of its own on purpose: with one more branch in a
/// method, C2 reaches its limits of inlining and boxes vectors (26 GFLOP/s instead of 113).
///
/// Operands lie as an Intel core wants them, which takes four instructions a cycle and needs two of them for
/// multiply-adds (Cascade Lake, 150 GFLOP/s a thread; Zen 4 computes half as wide and does not care):
///
/// - `right` is native memory, and should begin at a line of the cache, since each load of a vector that crosses one
///   counts twice. Arrays begin where the collector puts them. Steps reached 76 GFLOP/s on arrays, 102 to 118 so.
/// - Rows of `left` have a distance that the compiler knows, so that one register leads to all of them. With a
///   variable one, each value's address is an instruction of its own: 77 GFLOP/s instead of 98 to 118.
public interface Tile {
    /// Most steps of depth that [#multiplyRows] and [#addRows] take.
    int MOST_DEPTH = 1024;

    /// Distance of the rows of `left`; longer than a row, which keeps rows out of each other's cache sets.
    int STRIDE = MOST_DEPTH + 16;

    int rows();

    int columns();

    /// `out[r][c] = Σ_k left[r][k] * right[k][c]` for the rows of some tiles.
    ///
    /// @param left  row r at `leftAt + r * STRIDE`; all rows of all tiles are read
    /// @param tiles how many, one below the other
    /// @param right shape (depth, columns), from byte `rightAt` on
    /// @param depth at most [#MOST_DEPTH]
    /// @param out   shape (tiles * rows, columns), from byte `outAt` on; all of it is written
    void multiplyRows(
            float[] left,
            int leftAt,
            int tiles,
            MemorySegment right,
            long rightAt,
            int depth,
            MemorySegment out,
            long outAt);

    /// `out[r][c] += Σ_k left[r][k] * right[k][c]`, the sum worked out from zero and added in the end; operands
    /// as in [#multiplyRows].
    void addRows(
            float[] left,
            int leftAt,
            int tiles,
            MemorySegment right,
            long rightAt,
            int depth,
            MemorySegment out,
            long outAt);

    /// `out[r][c] += Σ_k left[k][r] * right[k][c]` for the rows of some tiles, each sum going on from what `out`
    /// holds.
    ///
    /// @param left         a tile's has the shape (depth, rows): step k's values lie together
    /// @param leftDistance from a tile's to the next's
    /// @param right        as in [#multiplyRows], of any depth
    /// @param out          shape (tiles * rows, columns), from element `outAt` on
    void addSteps(
            float[] left,
            int leftAt,
            int leftDistance,
            int tiles,
            MemorySegment right,
            long rightAt,
            int depth,
            float[] out,
            int outAt);
}
