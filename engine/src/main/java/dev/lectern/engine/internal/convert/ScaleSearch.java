package dev.lectern.engine.internal.convert;

/// Finds the scale `s` for which `Σ (x - s·v)²` is least, `v` being the level nearest to `x / s`.
///
/// With the levels given, the best scale is `Σ x·v / Σ v²`, and the error falls by `(Σ x·v)² / Σ v²`. That function
/// of the scale has many local optima, one for nearly each way of rounding, so it is looked at for a grid of scales
/// around those that put the largest weight on the lowest or the highest level; the best of them is then improved by
/// turns, scale for levels and levels for scale. Not thread-safe: has scratch memory.
final class ScaleSearch {
    private static final int MAX_TURNS = 4;

    private final Levels levels;
    private final float[] grid;
    private final float[] sums = new float[2];

    /// @param grid what the largest weight is to become, in units of the outermost level
    ScaleSearch(Levels levels, float... grid) {
        this.levels = levels;
        this.grid = grid;
    }

    /// Even steps from `from` to `to`.
    static float[] grid(double from, double to, int steps) {
        float[] grid = new float[steps + 1];
        for (int i = 0; i <= steps; i++) {
            grid[i] = (float) (from + (to - from) * i / steps);
        }
        return grid;
    }

    /// The scale, negative where the largest weight should be on the lowest level; 0 for a block of zeros.
    float best(float[] x, int at, int count) {
        float extreme = extreme(x, at, count);
        // Also where the inverse would overflow.
        if (Math.abs(extreme) < Float.MIN_NORMAL) {
            return 0;
        }
        float bestScale = 0;
        double bestGain = 0;
        // On the other side of symmetric levels the same errors come again.
        int sides = levels.symmetric() ? 1 : 2;
        for (int side = 0; side < sides; side++) {
            float outermost = side == 0 ? levels.lowest() : levels.highest();
            for (float position : grid) {
                levels.sums(x, at, count, position * outermost / extreme, sums);
                double gain = gain();
                if (gain > bestGain) {
                    bestGain = gain;
                    bestScale = sums[0] / sums[1];
                }
            }
        }
        for (int turn = 0; turn < MAX_TURNS && bestScale != 0; turn++) {
            levels.sums(x, at, count, 1 / bestScale, sums);
            double gain = gain();
            if (!(gain > bestGain)) {
                break;
            }
            bestGain = gain;
            bestScale = sums[0] / sums[1];
        }
        return bestScale;
    }

    private double gain() {
        return sums[1] > 0 ? (double) sums[0] * sums[0] / sums[1] : 0;
    }

    /// The weight that is largest without its sign.
    static float extreme(float[] x, int at, int count) {
        float extreme = 0;
        for (int i = at; i < at + count; i++) {
            if (Math.abs(x[i]) > Math.abs(extreme)) {
                extreme = x[i];
            }
        }
        return extreme;
    }
}
