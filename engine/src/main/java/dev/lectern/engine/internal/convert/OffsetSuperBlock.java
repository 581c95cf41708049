package dev.lectern.engine.internal.convert;

import dev.lectern.engine.internal.kernel.vector.BlockFits;

/// A block of blocks with offsets: weight `= scale·scales[b]·q - offset·offsets[b]`, with `scale` and `offset` F16
/// and all else unsigned integers (`Q2_K`, `Q4_K`, `Q5_K`). Finds all of them for least squared error.
///
/// [OffsetSearch] gives each block's wish; the largest wishes become the highest integers. Each block then tries the
/// integers around its wish with the rounding errors that they really have, and at last the two F16 are fitted again,
/// by least squares over all weights, to what was chosen. Not thread-safe: holds its result.
final class OffsetSuperBlock {
    private static final int NEIGHBOURS = 1;
    private static final int MAX_REFITS = 2;

    private final OffsetSearch search;
    private final int blocks;
    private final int blockWeights;
    private final int highestQuant;
    private final int highestScale;
    private final float[] wantedScales;
    private final float[] wantedOffsets;
    private final int[] trialScales;
    private final int[] trialOffsets;
    private final float[] sums = new float[3];

    /// The result: two F16 values, two integers a block, and the quants.
    float scale;

    float offset;
    final int[] scales;
    final int[] offsets;
    final int[] quants;

    /// @param blocks       blocks in the super-block
    /// @param blockWeights weights of each
    /// @param highestQuant quants are from 0 to this
    /// @param highestScale integer scales and offsets are from 0 to this
    /// @param grid         for [OffsetSearch]
    OffsetSuperBlock(int blocks, int blockWeights, int highestQuant, int highestScale, float[] grid) {
        this.blocks = blocks;
        this.blockWeights = blockWeights;
        this.highestQuant = highestQuant;
        this.highestScale = highestScale;
        search = new OffsetSearch(highestQuant, true, grid);
        wantedScales = new float[blocks];
        wantedOffsets = new float[blocks];
        trialScales = new int[blocks];
        trialOffsets = new int[blocks];
        scales = new int[blocks];
        offsets = new int[blocks];
        quants = new int[blocks * blockWeights];
    }

    void fit(float[] x, int at) {
        float largestScale = 0;
        float largestOffset = 0;
        for (int b = 0; b < blocks; b++) {
            search.fit(x, at + b * blockWeights, blockWeights);
            wantedScales[b] = search.scale;
            wantedOffsets[b] = -search.offset;
            largestScale = Math.max(largestScale, wantedScales[b]);
            largestOffset = Math.max(largestOffset, wantedOffsets[b]);
        }
        scale = Halves.nearestBesideZero(largestScale / highestScale);
        offset = Halves.nearestBesideZero(largestOffset / highestScale);
        improve(x, at);
        for (int i = 0; i < quants.length; i++) {
            int b = i / blockWeights;
            float step = scale * scales[b];
            float above = x[at + i] + offset * offsets[b];
            quants[i] = step == 0 ? 0 : Math.clamp((int) Math.rint(above * (1 / step)), 0, highestQuant);
        }
    }

    /// Chooses integers for the F16, F16 for the integers, by turns for as long as that is better.
    private void improve(float[] x, int at) {
        double error = choose(x, at, scale, offset, scales, offsets);
        for (int refits = 0; refits < MAX_REFITS; refits++) {
            float scaleBefore = scale;
            float offsetBefore = offset;
            refit(x, at);
            if (scale == scaleBefore && offset == offsetBefore) {
                return;
            }
            double refittedError = choose(x, at, scale, offset, trialScales, trialOffsets);
            if (!(refittedError < error)) {
                scale = scaleBefore;
                offset = offsetBefore;
                return;
            }
            error = refittedError;
            System.arraycopy(trialScales, 0, scales, 0, blocks);
            System.arraycopy(trialOffsets, 0, offsets, 0, blocks);
        }
    }

    private double choose(float[] x, int at, float scale, float offset, int[] scales, int[] offsets) {
        double error = 0;
        for (int b = 0; b < blocks; b++) {
            int from = at + b * blockWeights;
            int nearestScale = nearest(wantedScales[b], scale);
            int nearestOffset = nearest(wantedOffsets[b], offset);
            float bestError = Float.POSITIVE_INFINITY;
            for (int s = Math.max(0, nearestScale - NEIGHBOURS);
                    s <= Math.min(highestScale, nearestScale + NEIGHBOURS);
                    s++) {
                float step = scale * s;
                float inverse = step == 0 ? 0 : 1 / step;
                for (int o = Math.max(0, nearestOffset - NEIGHBOURS);
                        o <= Math.min(highestScale, nearestOffset + NEIGHBOURS);
                        o++) {
                    float candidate =
                            BlockFits.offsetError(x, from, blockWeights, -offset * o, inverse, step, highestQuant);
                    if (candidate < bestError) {
                        bestError = candidate;
                        scales[b] = s;
                        offsets[b] = o;
                    }
                }
            }
            error += bestError;
        }
        return error;
    }

    private int nearest(float wanted, float unit) {
        return unit == 0 ? 0 : Math.clamp(Math.round(wanted / unit), 0, highestScale);
    }

    /// Least squares for `x ≈ scale·(scales·q) - offset·offsets` over all blocks.
    private void refit(float[] x, int at) {
        double stepSquares = 0;
        double stepOffsets = 0;
        double offsetSquares = 0;
        double stepProducts = 0;
        double offsetProducts = 0;
        for (int b = 0; b < blocks; b++) {
            int from = at + b * blockWeights;
            float step = scale * scales[b];
            float low = -offset * offsets[b];
            BlockFits.offsetSums(x, from, blockWeights, low, step == 0 ? 0 : 1 / step, highestQuant, sums);
            double total = 0;
            for (int i = from; i < from + blockWeights; i++) {
                total += x[i];
            }
            double s = scales[b];
            double o = offsets[b];
            // sums[0] is of x - low.
            double products = sums[0] + (double) low * sums[2];
            stepSquares += s * s * sums[1];
            stepOffsets += s * o * sums[2];
            offsetSquares += o * o * blockWeights;
            stepProducts += s * products;
            offsetProducts += o * total;
        }
        double determinant = stepSquares * offsetSquares - stepOffsets * stepOffsets;
        if (determinant > 0) {
            double fittedScale = (stepProducts * offsetSquares - stepOffsets * offsetProducts) / determinant;
            double fittedOffset = (stepProducts * stepOffsets - stepSquares * offsetProducts) / determinant;
            if (fittedScale > 0 && fittedOffset >= 0) {
                scale = Halves.nearest((float) fittedScale);
                offset = Halves.nearest((float) fittedOffset);
            }
        } else if (stepSquares > 0) {
            scale = Halves.nearest((float) (stepProducts / stepSquares));
        }
    }
}
