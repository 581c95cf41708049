package dev.lectern.engine.internal.kernel.vector;

/// Decoded weight rows to a panel whose columns are the rows.
final class Transpose {
    private Transpose() {}

    /// `panel[k][r] = rows[r][k]`.
    static void apply(float[] rows, int rowStride, int rowCount, int depth, float[] panel) {
        for (int k = 0; k < depth; k++) {
            int to = k * rowCount;
            for (int r = 0; r < rowCount; r++) {
                panel[to + r] = rows[r * rowStride + k];
            }
        }
    }
}
