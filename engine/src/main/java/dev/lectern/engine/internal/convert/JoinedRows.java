package dev.lectern.engine.internal.convert;

import java.util.List;

/// Several matrices one below the other: experts, or matrices that a family keeps as one.
///
/// @param rowWeights weights of a row
record JoinedRows(List<Part> parts, int rowWeights) implements OutputTensor.Rows {
    /// @param count rows
    record Part(OutputTensor.Rows rows, int count) {}

    JoinedRows {
        parts = List.copyOf(parts);
    }

    @Override
    public void read(long first, int count, float[] weights) {
        long start = 0;
        int done = 0;
        for (Part part : parts) {
            long from = first + done - start;
            if (done < count && from < part.count) {
                int rows = (int) Math.min(count - done, part.count - from);
                if (rows == count) {
                    part.rows.read(from, rows, weights);
                } else {
                    float[] some = new float[rows * rowWeights];
                    part.rows.read(from, rows, some);
                    System.arraycopy(some, 0, weights, done * rowWeights, some.length);
                }
                done += rows;
            }
            start += part.count;
        }
    }
}
