package dev.lectern.engine.internal.convert;

import dev.lectern.engine.internal.kernel.vector.BlockFits;

/// Finds scale and offset for which `Σ (x - scale·q - offset)²` is least, `q` an integer from 0 on.
///
/// As [ScaleSearch]: a grid of scales, for each of which the quants are rounded and the least squares solved for
/// both; the best is then improved by turns. Not thread-safe: has scratch memory and holds its result.
final class OffsetSearch {
    private static final int MAX_TURNS = 4;

    private final int highest;
    private final boolean offsetsUpToZero;
    private final float[] grid;
    private final float[] sums = new float[3];

    /// The result.
    float scale;

    float offset;

    private double bestError;

    /// @param highest         the highest quant
    /// @param offsetsUpToZero whether an offset must not be positive
    /// @param grid            what the range of the weights is to become, in quants more than `highest`
    OffsetSearch(int highest, boolean offsetsUpToZero, float... grid) {
        this.highest = highest;
        this.offsetsUpToZero = offsetsUpToZero;
        this.grid = grid;
    }

    void fit(float[] x, int at, int count) {
        float least = Float.POSITIVE_INFINITY;
        float most = Float.NEGATIVE_INFINITY;
        double sum = 0;
        double squares = 0;
        for (int i = at; i < at + count; i++) {
            least = Math.min(least, x[i]);
            most = Math.max(most, x[i]);
        }
        if (offsetsUpToZero) {
            least = Math.min(least, 0);
        }
        for (int i = at; i < at + count; i++) {
            double above = x[i] - least;
            sum += above;
            squares += above * above;
        }
        scale = 0;
        offset = least;
        if (most - least < Float.MIN_NORMAL) {
            return;
        }
        bestError = squares;
        for (float more : grid) {
            attempt(x, at, count, least, sum, squares, (highest + more) / (most - least));
        }
        for (int turn = 0; turn < MAX_TURNS; turn++) {
            // Sums are taken above the offset of this turn; a shift of the origin changes no residual.
            float origin = offset;
            double shift = (double) least - origin;
            double sumHere = sum + shift * count;
            double squaresHere = squares + 2 * shift * sum + shift * shift * count;
            if (scale == 0 || !attempt(x, at, count, origin, sumHere, squaresHere, 1 / scale)) {
                return;
            }
        }
    }

    /// @return whether it is the best so far
    private boolean attempt(float[] x, int at, int count, float origin, double sum, double squares, float inverse) {
        BlockFits.offsetSums(x, at, count, origin, inverse, highest, sums);
        double products = sums[0];
        double quantSquares = sums[1];
        double quants = sums[2];
        double determinant = count * quantSquares - quants * quants;
        if (determinant <= 0) {
            return false;
        }
        double fittedScale = (count * products - sum * quants) / determinant;
        double fittedOffset = (quantSquares * sum - quants * products) / determinant;
        if (offsetsUpToZero && origin + fittedOffset > 0) {
            fittedOffset = -origin;
            fittedScale = (products - fittedOffset * quants) / quantSquares;
        }
        double error = squares
                + fittedScale * fittedScale * quantSquares
                + fittedOffset * fittedOffset * count
                + 2 * (fittedScale * fittedOffset * quants - fittedScale * products - fittedOffset * sum);
        if (error >= bestError) {
            return false;
        }
        bestError = error;
        scale = (float) fittedScale;
        offset = (float) (origin + fittedOffset);
        return true;
    }
}
