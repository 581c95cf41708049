package dev.lectern.engine.internal.convert;

/// A block with an F16 scale and an F16 offset: quants for those that [OffsetSearch] finds. Not thread-safe: holds its
/// result.
final class OffsetBlock {
    private final int highestQuant;
    private final OffsetSearch search;

    /// The result: two F16 values, and the quants.
    float scale;

    float offset;
    final int[] quants;

    OffsetBlock(int weights, int highestQuant, float[] grid) {
        this.highestQuant = highestQuant;
        search = new OffsetSearch(highestQuant, false, grid);
        quants = new int[weights];
    }

    void fit(float[] x, int at) {
        search.fit(x, at, quants.length);
        scale = Halves.nearest(search.scale);
        offset = Halves.nearest(search.offset);
        float inverse = scale == 0 ? 0 : 1 / scale;
        for (int i = 0; i < quants.length; i++) {
            quants[i] = Math.clamp((int) Math.rint((x[at + i] - offset) * inverse), 0, highestQuant);
        }
    }
}
