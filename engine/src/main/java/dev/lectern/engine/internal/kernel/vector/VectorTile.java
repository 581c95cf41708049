package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.kernel.Tile;
import java.lang.foreign.MemorySegment;

/// What tiles of all shapes have in common: operands are checked once a call, and then each tile is worked out by
/// its address.
abstract class VectorTile implements Tile {
    private final int rows;
    private final int columns;

    VectorTile(int rows, int columns) {
        this.rows = rows;
        this.columns = columns;
    }

    /// One tile of [#multiplyRows].
    ///
    /// @param panel address of the right operand
    /// @param sums  address of the tile's first sum
    abstract void multiplyTile(float[] left, int leftAt, long panel, int depth, long sums);

    /// One tile of [#addRows].
    abstract void addTile(float[] left, int leftAt, long panel, int depth, long sums);

    /// One tile of [#addSteps].
    abstract void addTileSteps(float[] left, int leftAt, long panel, int depth, float[] out, int outAt);

    @Override
    public final int rows() {
        return rows;
    }

    @Override
    public final int columns() {
        return columns;
    }

    @Override
    public final void multiplyRows(
            float[] left,
            int leftAt,
            int tiles,
            MemorySegment right,
            long rightAt,
            int depth,
            MemorySegment out,
            long outAt) {
        long panel = floats(right, rightAt, depth);
        long sums = floats(out, outAt, tiles * rows);
        for (int i = 0; i < tiles; i++) {
            multiplyTile(left, leftAt + i * rows * STRIDE, panel, depth, tileAt(sums, i));
        }
    }

    @Override
    public final void addRows(
            float[] left,
            int leftAt,
            int tiles,
            MemorySegment right,
            long rightAt,
            int depth,
            MemorySegment out,
            long outAt) {
        long panel = floats(right, rightAt, depth);
        long sums = floats(out, outAt, tiles * rows);
        for (int i = 0; i < tiles; i++) {
            addTile(left, leftAt + i * rows * STRIDE, panel, depth, tileAt(sums, i));
        }
    }

    @Override
    public final void addSteps(
            float[] left,
            int leftAt,
            int leftDistance,
            int tiles,
            MemorySegment right,
            long rightAt,
            int depth,
            float[] out,
            int outAt) {
        long panel = floats(right, rightAt, depth);
        for (int i = 0; i < tiles; i++) {
            addTileSteps(left, leftAt + i * leftDistance, panel, depth, out, outAt + i * rows * columns);
        }
    }

    /// The address of some rows of [#columns] floats.
    private long floats(MemorySegment segment, long offset, int count) {
        return Memory.pointer(Memory.address(segment, offset, (long) Float.BYTES * count * columns));
    }

    private long tileAt(long sums, int tile) {
        return Memory.pointer(sums + (long) Float.BYTES * rows * columns * tile);
    }
}
