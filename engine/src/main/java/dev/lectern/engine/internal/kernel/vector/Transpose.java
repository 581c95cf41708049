package dev.lectern.engine.internal.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// Decoded weight rows to a panel whose columns are the rows.
///
/// Squares of as many rows as a vector has lanes are turned by exchanging, at distances of half the lanes, a quarter
/// and so on, the upper half of one row with the lower half of the row at that distance. Two distances are worked on
/// at a time, on four rows in registers; between them a square lies in an array. Some 6 elements a nanosecond with
/// 16 lanes, where loads and stores one by one reach 1.3.
final class Transpose {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = SPECIES.length();

    private static final int HALF = LANES / 2;
    private static final int QUARTER = LANES / 4;
    private static final VectorShuffle<Float> BY_HALF = exchange(HALF);
    private static final VectorShuffle<Float> BY_QUARTER = exchange(QUARTER);
    private static final VectorShuffle<Float> BY_TWO = exchange(2);
    private static final VectorShuffle<Float> BY_ONE = exchange(1);
    private static final VectorMask<Float> UPPER_HALF = upper(HALF);
    private static final VectorMask<Float> UPPER_QUARTER = upper(QUARTER);
    private static final VectorMask<Float> UPPER_TWO = upper(2);
    private static final VectorMask<Float> UPPER_ONE = upper(1);

    private Transpose() {}

    private static VectorShuffle<Float> exchange(int distance) {
        return VectorShuffle.fromOp(SPECIES, lane -> (lane ^ distance) & (LANES - 1));
    }

    private static VectorMask<Float> upper(int distance) {
        VectorMask<Float> mask = SPECIES.maskAll(false);
        for (int lane = 0; lane < LANES; lane++) {
            mask = mask.or(VectorMask.fromLong(SPECIES, (lane & distance) == 0 ? 0 : 1L << lane));
        }
        return mask;
    }

    /// `panel[k][r] = rows[r][k]`.
    ///
    /// @param rowCount a multiple of the lanes
    /// @param square   scratch of lanes by lanes elements
    static void apply(float[] rows, int rowStride, int rowCount, int depth, float[] panel, float[] square) {
        int whole = SPECIES.loopBound(depth);
        for (int r = 0; r < rowCount; r += LANES) {
            for (int k = 0; k < whole; k += LANES) {
                if (LANES == 4) {
                    exchangeFar(rows, r * rowStride + k, rowStride, panel, k * rowCount + r, rowCount);
                    continue;
                }
                exchangeFar(rows, r * rowStride + k, rowStride, square, 0, LANES);
                if (LANES == 16) {
                    exchangeNear(square, panel, k * rowCount + r, rowCount);
                } else {
                    exchangeNeighbours(square, panel, k * rowCount + r, rowCount);
                }
            }
        }
        for (int k = whole; k < depth; k++) {
            for (int r = 0; r < rowCount; r++) {
                panel[k * rowCount + r] = rows[r * rowStride + k];
            }
        }
    }

    /// Distances of half and of a quarter of the lanes.
    private static void exchangeFar(float[] in, int inAt, int inStride, float[] out, int outAt, int outStride) {
        for (int r = 0; r < QUARTER; r++) {
            int from = inAt + r * inStride;
            FloatVector a = FloatVector.fromArray(SPECIES, in, from);
            FloatVector b = FloatVector.fromArray(SPECIES, in, from + QUARTER * inStride);
            FloatVector c = FloatVector.fromArray(SPECIES, in, from + HALF * inStride);
            FloatVector d = FloatVector.fromArray(SPECIES, in, from + (HALF + QUARTER) * inStride);
            FloatVector moved = c.blend(a, UPPER_HALF).rearrange(BY_HALF);
            FloatVector a1 = a.blend(moved, UPPER_HALF);
            FloatVector c1 = moved.blend(c, UPPER_HALF);
            moved = d.blend(b, UPPER_HALF).rearrange(BY_HALF);
            FloatVector b1 = b.blend(moved, UPPER_HALF);
            FloatVector d1 = moved.blend(d, UPPER_HALF);
            int to = outAt + r * outStride;
            moved = b1.blend(a1, UPPER_QUARTER).rearrange(BY_QUARTER);
            a1.blend(moved, UPPER_QUARTER).intoArray(out, to);
            moved.blend(b1, UPPER_QUARTER).intoArray(out, to + QUARTER * outStride);
            moved = d1.blend(c1, UPPER_QUARTER).rearrange(BY_QUARTER);
            c1.blend(moved, UPPER_QUARTER).intoArray(out, to + HALF * outStride);
            moved.blend(d1, UPPER_QUARTER).intoArray(out, to + (HALF + QUARTER) * outStride);
        }
    }

    /// Distances of two and of one.
    private static void exchangeNear(float[] square, float[] out, int outAt, int outStride) {
        for (int r = 0; r < LANES; r += 4) {
            int from = r * LANES;
            FloatVector a = FloatVector.fromArray(SPECIES, square, from);
            FloatVector b = FloatVector.fromArray(SPECIES, square, from + LANES);
            FloatVector c = FloatVector.fromArray(SPECIES, square, from + 2 * LANES);
            FloatVector d = FloatVector.fromArray(SPECIES, square, from + 3 * LANES);
            FloatVector moved = c.blend(a, UPPER_TWO).rearrange(BY_TWO);
            FloatVector a1 = a.blend(moved, UPPER_TWO);
            FloatVector c1 = moved.blend(c, UPPER_TWO);
            moved = d.blend(b, UPPER_TWO).rearrange(BY_TWO);
            FloatVector b1 = b.blend(moved, UPPER_TWO);
            FloatVector d1 = moved.blend(d, UPPER_TWO);
            int to = outAt + r * outStride;
            moved = b1.blend(a1, UPPER_ONE).rearrange(BY_ONE);
            a1.blend(moved, UPPER_ONE).intoArray(out, to);
            moved.blend(b1, UPPER_ONE).intoArray(out, to + outStride);
            moved = d1.blend(c1, UPPER_ONE).rearrange(BY_ONE);
            c1.blend(moved, UPPER_ONE).intoArray(out, to + 2 * outStride);
            moved.blend(d1, UPPER_ONE).intoArray(out, to + 3 * outStride);
        }
    }

    /// Distance of one.
    private static void exchangeNeighbours(float[] square, float[] out, int outAt, int outStride) {
        for (int r = 0; r < LANES; r += 2) {
            FloatVector a = FloatVector.fromArray(SPECIES, square, r * LANES);
            FloatVector b = FloatVector.fromArray(SPECIES, square, (r + 1) * LANES);
            FloatVector moved = b.blend(a, UPPER_ONE).rearrange(BY_ONE);
            int to = outAt + r * outStride;
            a.blend(moved, UPPER_ONE).intoArray(out, to);
            moved.blend(b, UPPER_ONE).intoArray(out, to + outStride);
        }
    }
}
