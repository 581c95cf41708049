package dev.lectern.engine.internal.backend;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;

/// A float32 matrix `(rows, columns)` off the heap, row-major without gaps. The memory belongs to the arena that it
/// was allocated from (a workspace's); a batch may use fewer rows than there are.
public record Tensor(MemorySegment data, int rows, int columns) {
    public Tensor {
        long needed = Math.multiplyExact(Math.multiplyExact((long) rows, columns), (long) Float.BYTES);
        if (data.byteSize() < needed) {
            throw new IllegalArgumentException(
                    "tensor (" + rows + ", " + columns + ") needs " + needed + " bytes, has " + data.byteSize());
        }
    }

    /// Byte offset of a row.
    public long rowOffset(int row) {
        return (long) row * columns * Float.BYTES;
    }

    public float get(int row, int column) {
        return data.get(JAVA_FLOAT, rowOffset(row) + (long) column * Float.BYTES);
    }

    public void set(int row, int column, float value) {
        data.set(JAVA_FLOAT, rowOffset(row) + (long) column * Float.BYTES, value);
    }

    /// The same memory seen with another number of columns (for example a head-wide view); rows times columns
    /// must fit.
    public Tensor withColumns(int newRows, int newColumns) {
        return new Tensor(data, newRows, newColumns);
    }

    /// The rows `[first, first + count)`, the same memory.
    public Tensor rows(int first, int count) {
        return new Tensor(data.asSlice(rowOffset(first), rowOffset(count)), count, columns);
    }

    /// Copies one row to the heap.
    public float[] row(int row) {
        return data.asSlice(rowOffset(row), (long) columns * Float.BYTES).toArray(JAVA_FLOAT);
    }
}
