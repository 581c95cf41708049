package dev.lectern.engine.internal.convert;

/// A block with one F16 scale: quants for the scale that [ScaleSearch] finds. Not thread-safe: holds its result.
final class ScaledBlock {
    private final Levels levels;
    private final ScaleSearch search;

    /// The result: an F16's value, and for each weight the number of its level.
    float scale;

    final int[] quants;

    ScaledBlock(int weights, Levels levels, float[] grid) {
        this.levels = levels;
        search = new ScaleSearch(levels, grid);
        quants = new int[weights];
    }

    void fit(float[] x, int at) {
        scale = Halves.nearest(search.best(x, at, quants.length));
        float inverse = scale == 0 ? 0 : 1 / scale;
        levels.nearest(x, at, quants.length, inverse, quants, 0);
    }
}
