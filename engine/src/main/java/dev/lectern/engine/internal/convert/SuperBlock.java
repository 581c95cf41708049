package dev.lectern.engine.internal.convert;

/// A block of blocks: one F16 scale for all, times an integer scale for each, times a level for each weight
/// (`Q3_K`, `Q6_K`, `IQ4_XS`). Finds all three for least squared error.
///
/// The scale of all is such that the largest block's integer scale is the lowest possible. Around the integer
/// nearest to what [ScaleSearch] found each block then tries its neighbours, with the rounding errors that they
/// really have; at last the scale of all is fitted again to what was chosen. Not thread-safe: holds its result.
final class SuperBlock {
    private static final int NEIGHBOURS = 2;
    private static final int MAX_REFITS = 2;

    private final Levels levels;
    private final ScaleSearch search;
    private final int blocks;
    private final int blockWeights;
    private final int zeroPoint;
    private final float[] wanted;
    private final int[] trial;
    private final float[] sums = new float[2];

    /// The result: an F16's value, each block's scale plus the zero point, and each weight's level by its
    /// number.
    float scale;

    final int[] scales;
    final int[] quants;

    /// @param blocks       blocks in the super-block
    /// @param blockWeights weights of each
    /// @param zeroPoint    of the integer scales, which are from `-zeroPoint` to `zeroPoint - 1`
    /// @param grid         for [ScaleSearch]
    SuperBlock(Levels levels, int blocks, int blockWeights, int zeroPoint, float[] grid) {
        this.levels = levels;
        this.blocks = blocks;
        this.blockWeights = blockWeights;
        this.zeroPoint = zeroPoint;
        search = new ScaleSearch(levels, grid);
        wanted = new float[blocks];
        trial = new int[blocks];
        scales = new int[blocks];
        quants = new int[blocks * blockWeights];
    }

    void fit(float[] x, int at) {
        float largest = 0;
        for (int b = 0; b < blocks; b++) {
            wanted[b] = search.best(x, at + b * blockWeights, blockWeights);
            if (Math.abs(wanted[b]) > Math.abs(largest)) {
                largest = wanted[b];
            }
        }
        scale = Halves.nearestBesideZero(-largest / zeroPoint);
        double error = choose(x, at, scale, scales);
        for (int refits = 0; refits < MAX_REFITS; refits++) {
            float refitted = refit(x, at);
            if (refitted == scale) {
                break;
            }
            double refittedError = choose(x, at, refitted, trial);
            if (!(refittedError < error)) {
                break;
            }
            error = refittedError;
            scale = refitted;
            System.arraycopy(trial, 0, scales, 0, blocks);
        }
        for (int b = 0; b < blocks; b++) {
            float step = scale * scales[b];
            int first = b * blockWeights;
            levels.nearest(x, at + first, blockWeights, step == 0 ? 0 : 1 / step, quants, first);
        }
        for (int b = 0; b < blocks; b++) {
            scales[b] += zeroPoint;
        }
    }

    private double choose(float[] x, int at, float all, int[] chosen) {
        double error = 0;
        for (int b = 0; b < blocks; b++) {
            int from = at + b * blockWeights;
            int centre = all == 0 ? 0 : Math.clamp(Math.round(wanted[b] / all), -zeroPoint, zeroPoint - 1);
            int best = centre;
            float bestError = Float.POSITIVE_INFINITY;
            for (int candidate = Math.max(-zeroPoint, centre - NEIGHBOURS);
                    candidate <= Math.min(zeroPoint - 1, centre + NEIGHBOURS);
                    candidate++) {
                float step = all * candidate;
                float candidateError = levels.error(x, from, blockWeights, step == 0 ? 0 : 1 / step, step);
                if (candidateError < bestError) {
                    bestError = candidateError;
                    best = candidate;
                }
            }
            chosen[b] = best;
            error += bestError;
        }
        return error;
    }

    /// The best scale of all for the scales and quants of the result.
    private float refit(float[] x, int at) {
        double products = 0;
        double squares = 0;
        for (int b = 0; b < blocks; b++) {
            float step = scale * scales[b];
            if (step != 0) {
                levels.sums(x, at + b * blockWeights, blockWeights, 1 / step, sums);
                products += (double) sums[0] * scales[b];
                squares += (double) sums[1] * scales[b] * scales[b];
            }
        }
        return squares == 0 ? 0 : Halves.nearest((float) (products / squares));
    }
}
