package dev.lectern.engine.internal.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Sums of weighted rows for a few sets of weights: what few queries read of many values. The rows are used where
/// they lie, and vectors run along them; each element is one chain of fused multiply-adds in the order of the rows,
/// as in the tiles.
final class WeightedRows {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = SPECIES.length();

    private WeightedRows() {}

    /// `sums[i] += Σ_r weights[r][i] * rows[r]`.
    static void add(
            long rows, long rowBytes, int count, int width, long weights, int weightStride, int sets, float[] sums) {
        int whole = SPECIES.loopBound(width);
        int c = 0;
        for (; c <= whole - 4 * LANES; c += 4 * LANES) {
            long at = rows + 4L * c;
            int set = 0;
            for (; set < sets - 1; set += 2) {
                addTwoByFour(at, rowBytes, count, weights + 4L * set, weightStride, sums, set * width + c, width);
            }
            if (set < sets) {
                addFour(at, rowBytes, count, weights + 4L * set, weightStride, sums, set * width + c);
            }
        }
        for (int set = 0; set < sets; set++) {
            for (int one = c; one < whole; one += LANES) {
                long at = rows + 4L * one;
                addOne(at, rowBytes, count, weights + 4L * set, weightStride, sums, set * width + one);
            }
            for (int one = whole; one < width; one++) {
                float sum = sums[set * width + one];
                for (int r = 0; r < count; r++) {
                    float value = Memory.getFloat(rows + r * rowBytes + 4L * one);
                    sum = Math.fma(value, Memory.getFloat(weights + 4L * (r * weightStride + set)), sum);
                }
                sums[set * width + one] = sum;
            }
        }
    }

    private static void addTwoByFour(
            long rows,
            long rowBytes,
            int count,
            long weights,
            int weightStride,
            float[] sums,
            int sumsAt,
            int sumStride) {
        int second = sumsAt + sumStride;
        FloatVector a0 = FloatVector.fromArray(SPECIES, sums, sumsAt);
        FloatVector a1 = FloatVector.fromArray(SPECIES, sums, sumsAt + LANES);
        FloatVector a2 = FloatVector.fromArray(SPECIES, sums, sumsAt + 2 * LANES);
        FloatVector a3 = FloatVector.fromArray(SPECIES, sums, sumsAt + 3 * LANES);
        FloatVector b0 = FloatVector.fromArray(SPECIES, sums, second);
        FloatVector b1 = FloatVector.fromArray(SPECIES, sums, second + LANES);
        FloatVector b2 = FloatVector.fromArray(SPECIES, sums, second + 2 * LANES);
        FloatVector b3 = FloatVector.fromArray(SPECIES, sums, second + 3 * LANES);
        for (int r = 0; r < count; r++) {
            long at = rows + r * rowBytes;
            FloatVector wa = FloatVector.broadcast(SPECIES, Memory.getFloat(weights + 4L * r * weightStride));
            FloatVector wb = FloatVector.broadcast(SPECIES, Memory.getFloat(weights + 4L * (r * weightStride + 1)));
            FloatVector v = Memory.floats(at);
            a0 = v.fma(wa, a0);
            b0 = v.fma(wb, b0);
            v = Memory.floats(at + 4L * LANES);
            a1 = v.fma(wa, a1);
            b1 = v.fma(wb, b1);
            v = Memory.floats(at + 8L * LANES);
            a2 = v.fma(wa, a2);
            b2 = v.fma(wb, b2);
            v = Memory.floats(at + 12L * LANES);
            a3 = v.fma(wa, a3);
            b3 = v.fma(wb, b3);
        }
        a0.intoArray(sums, sumsAt);
        a1.intoArray(sums, sumsAt + LANES);
        a2.intoArray(sums, sumsAt + 2 * LANES);
        a3.intoArray(sums, sumsAt + 3 * LANES);
        b0.intoArray(sums, second);
        b1.intoArray(sums, second + LANES);
        b2.intoArray(sums, second + 2 * LANES);
        b3.intoArray(sums, second + 3 * LANES);
    }

    private static void addFour(
            long rows, long rowBytes, int count, long weights, int weightStride, float[] sums, int sumsAt) {
        FloatVector a0 = FloatVector.fromArray(SPECIES, sums, sumsAt);
        FloatVector a1 = FloatVector.fromArray(SPECIES, sums, sumsAt + LANES);
        FloatVector a2 = FloatVector.fromArray(SPECIES, sums, sumsAt + 2 * LANES);
        FloatVector a3 = FloatVector.fromArray(SPECIES, sums, sumsAt + 3 * LANES);
        for (int r = 0; r < count; r++) {
            long at = rows + r * rowBytes;
            FloatVector weight = FloatVector.broadcast(SPECIES, Memory.getFloat(weights + 4L * r * weightStride));
            a0 = Memory.floats(at).fma(weight, a0);
            a1 = Memory.floats(at + 4L * LANES).fma(weight, a1);
            a2 = Memory.floats(at + 8L * LANES).fma(weight, a2);
            a3 = Memory.floats(at + 12L * LANES).fma(weight, a3);
        }
        a0.intoArray(sums, sumsAt);
        a1.intoArray(sums, sumsAt + LANES);
        a2.intoArray(sums, sumsAt + 2 * LANES);
        a3.intoArray(sums, sumsAt + 3 * LANES);
    }

    private static void addOne(
            long rows, long rowBytes, int count, long weights, int weightStride, float[] sums, int sumsAt) {
        FloatVector sum = FloatVector.fromArray(SPECIES, sums, sumsAt);
        for (int r = 0; r < count; r++) {
            FloatVector weight = FloatVector.broadcast(SPECIES, Memory.getFloat(weights + 4L * r * weightStride));
            sum = Memory.floats(rows + r * rowBytes).fma(weight, sum);
        }
        sum.intoArray(sums, sumsAt);
    }
}
