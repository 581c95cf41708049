package dev.lectern.engine.internal.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Dot products of rows with weight rows, several at a time so that each loaded vector serves several sums.
///
/// A sum is kept as one vector, in which each lane is one chain of fused multiply-adds down the depth; at the end
/// the lanes are added in a fixed order. That is the same for every kernel here, so that a row's result does not
/// depend on which of them it went through.
final class Dots {
    static final int OUTPUTS = 8;

    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = SPECIES.length();
    /// Sixteen accumulators need more than the 16 registers of 256-bit machines.
    private static final boolean QUADS = LANES != 8;

    private Dots() {}

    static void accumulate(
            float[] x, int xAt, int xStride, int rows, float[] w, int wStride, int depth, float[] sums, int sumsAt) {
        int sumsStride = OUTPUTS * LANES;
        int r = 0;
        if (QUADS) {
            for (; r < rows - 3; r += 4) {
                int row = xAt + r * xStride;
                int sum = sumsAt + r * sumsStride;
                quad(x, row, xStride, w, 0, wStride, depth, sums, sum);
                quad(x, row, xStride, w, 4 * wStride, wStride, depth, sums, sum + 4 * LANES);
            }
        }
        for (; r < rows - 1; r += 2) {
            int row = xAt + r * xStride;
            int sum = sumsAt + r * sumsStride;
            pair(x, row, xStride, w, 0, wStride, depth, sums, sum);
            pair(x, row, xStride, w, 4 * wStride, wStride, depth, sums, sum + 4 * LANES);
        }
        if (r < rows) {
            single(x, xAt + r * xStride, w, wStride, depth, sums, sumsAt + r * sumsStride);
        }
    }

    static void finish(float[] sums, int count, float[] out, int outAt) {
        for (int i = 0; i < count; i++) {
            out[outAt + i] = Lanes.sum(FloatVector.fromArray(SPECIES, sums, i * LANES));
        }
    }

    /// 4 rows by 4 outputs.
    private static void quad(
            float[] x, int xAt, int xStride, float[] w, int wAt, int wStride, int depth, float[] sums, int sumsAt) {
        int row1 = sumsAt + OUTPUTS * LANES;
        int row2 = sumsAt + 2 * OUTPUTS * LANES;
        int row3 = sumsAt + 3 * OUTPUTS * LANES;
        FloatVector a0 = FloatVector.fromArray(SPECIES, sums, sumsAt);
        FloatVector a1 = FloatVector.fromArray(SPECIES, sums, sumsAt + LANES);
        FloatVector a2 = FloatVector.fromArray(SPECIES, sums, sumsAt + 2 * LANES);
        FloatVector a3 = FloatVector.fromArray(SPECIES, sums, sumsAt + 3 * LANES);
        FloatVector b0 = FloatVector.fromArray(SPECIES, sums, row1);
        FloatVector b1 = FloatVector.fromArray(SPECIES, sums, row1 + LANES);
        FloatVector b2 = FloatVector.fromArray(SPECIES, sums, row1 + 2 * LANES);
        FloatVector b3 = FloatVector.fromArray(SPECIES, sums, row1 + 3 * LANES);
        FloatVector c0 = FloatVector.fromArray(SPECIES, sums, row2);
        FloatVector c1 = FloatVector.fromArray(SPECIES, sums, row2 + LANES);
        FloatVector c2 = FloatVector.fromArray(SPECIES, sums, row2 + 2 * LANES);
        FloatVector c3 = FloatVector.fromArray(SPECIES, sums, row2 + 3 * LANES);
        FloatVector d0 = FloatVector.fromArray(SPECIES, sums, row3);
        FloatVector d1 = FloatVector.fromArray(SPECIES, sums, row3 + LANES);
        FloatVector d2 = FloatVector.fromArray(SPECIES, sums, row3 + 2 * LANES);
        FloatVector d3 = FloatVector.fromArray(SPECIES, sums, row3 + 3 * LANES);
        int x1 = xAt + xStride;
        int x2 = xAt + 2 * xStride;
        int x3 = xAt + 3 * xStride;
        int w1 = wAt + wStride;
        int w2 = wAt + 2 * wStride;
        int w3 = wAt + 3 * wStride;
        for (int k = 0; k < depth; k += LANES) {
            FloatVector a = FloatVector.fromArray(SPECIES, x, xAt + k);
            FloatVector b = FloatVector.fromArray(SPECIES, x, x1 + k);
            FloatVector c = FloatVector.fromArray(SPECIES, x, x2 + k);
            FloatVector d = FloatVector.fromArray(SPECIES, x, x3 + k);
            FloatVector weights = FloatVector.fromArray(SPECIES, w, wAt + k);
            a0 = a.fma(weights, a0);
            b0 = b.fma(weights, b0);
            c0 = c.fma(weights, c0);
            d0 = d.fma(weights, d0);
            weights = FloatVector.fromArray(SPECIES, w, w1 + k);
            a1 = a.fma(weights, a1);
            b1 = b.fma(weights, b1);
            c1 = c.fma(weights, c1);
            d1 = d.fma(weights, d1);
            weights = FloatVector.fromArray(SPECIES, w, w2 + k);
            a2 = a.fma(weights, a2);
            b2 = b.fma(weights, b2);
            c2 = c.fma(weights, c2);
            d2 = d.fma(weights, d2);
            weights = FloatVector.fromArray(SPECIES, w, w3 + k);
            a3 = a.fma(weights, a3);
            b3 = b.fma(weights, b3);
            c3 = c.fma(weights, c3);
            d3 = d.fma(weights, d3);
        }
        a0.intoArray(sums, sumsAt);
        a1.intoArray(sums, sumsAt + LANES);
        a2.intoArray(sums, sumsAt + 2 * LANES);
        a3.intoArray(sums, sumsAt + 3 * LANES);
        b0.intoArray(sums, row1);
        b1.intoArray(sums, row1 + LANES);
        b2.intoArray(sums, row1 + 2 * LANES);
        b3.intoArray(sums, row1 + 3 * LANES);
        c0.intoArray(sums, row2);
        c1.intoArray(sums, row2 + LANES);
        c2.intoArray(sums, row2 + 2 * LANES);
        c3.intoArray(sums, row2 + 3 * LANES);
        d0.intoArray(sums, row3);
        d1.intoArray(sums, row3 + LANES);
        d2.intoArray(sums, row3 + 2 * LANES);
        d3.intoArray(sums, row3 + 3 * LANES);
    }

    /// 2 rows by 4 outputs.
    private static void pair(
            float[] x, int xAt, int xStride, float[] w, int wAt, int wStride, int depth, float[] sums, int sumsAt) {
        int row1 = sumsAt + OUTPUTS * LANES;
        FloatVector a0 = FloatVector.fromArray(SPECIES, sums, sumsAt);
        FloatVector a1 = FloatVector.fromArray(SPECIES, sums, sumsAt + LANES);
        FloatVector a2 = FloatVector.fromArray(SPECIES, sums, sumsAt + 2 * LANES);
        FloatVector a3 = FloatVector.fromArray(SPECIES, sums, sumsAt + 3 * LANES);
        FloatVector b0 = FloatVector.fromArray(SPECIES, sums, row1);
        FloatVector b1 = FloatVector.fromArray(SPECIES, sums, row1 + LANES);
        FloatVector b2 = FloatVector.fromArray(SPECIES, sums, row1 + 2 * LANES);
        FloatVector b3 = FloatVector.fromArray(SPECIES, sums, row1 + 3 * LANES);
        int x1 = xAt + xStride;
        int w1 = wAt + wStride;
        int w2 = wAt + 2 * wStride;
        int w3 = wAt + 3 * wStride;
        for (int k = 0; k < depth; k += LANES) {
            FloatVector a = FloatVector.fromArray(SPECIES, x, xAt + k);
            FloatVector b = FloatVector.fromArray(SPECIES, x, x1 + k);
            FloatVector weights = FloatVector.fromArray(SPECIES, w, wAt + k);
            a0 = a.fma(weights, a0);
            b0 = b.fma(weights, b0);
            weights = FloatVector.fromArray(SPECIES, w, w1 + k);
            a1 = a.fma(weights, a1);
            b1 = b.fma(weights, b1);
            weights = FloatVector.fromArray(SPECIES, w, w2 + k);
            a2 = a.fma(weights, a2);
            b2 = b.fma(weights, b2);
            weights = FloatVector.fromArray(SPECIES, w, w3 + k);
            a3 = a.fma(weights, a3);
            b3 = b.fma(weights, b3);
        }
        a0.intoArray(sums, sumsAt);
        a1.intoArray(sums, sumsAt + LANES);
        a2.intoArray(sums, sumsAt + 2 * LANES);
        a3.intoArray(sums, sumsAt + 3 * LANES);
        b0.intoArray(sums, row1);
        b1.intoArray(sums, row1 + LANES);
        b2.intoArray(sums, row1 + 2 * LANES);
        b3.intoArray(sums, row1 + 3 * LANES);
    }

    /// 1 row by 8 outputs.
    private static void single(float[] x, int xAt, float[] w, int wStride, int depth, float[] sums, int sumsAt) {
        FloatVector a0 = FloatVector.fromArray(SPECIES, sums, sumsAt);
        FloatVector a1 = FloatVector.fromArray(SPECIES, sums, sumsAt + LANES);
        FloatVector a2 = FloatVector.fromArray(SPECIES, sums, sumsAt + 2 * LANES);
        FloatVector a3 = FloatVector.fromArray(SPECIES, sums, sumsAt + 3 * LANES);
        FloatVector a4 = FloatVector.fromArray(SPECIES, sums, sumsAt + 4 * LANES);
        FloatVector a5 = FloatVector.fromArray(SPECIES, sums, sumsAt + 5 * LANES);
        FloatVector a6 = FloatVector.fromArray(SPECIES, sums, sumsAt + 6 * LANES);
        FloatVector a7 = FloatVector.fromArray(SPECIES, sums, sumsAt + 7 * LANES);
        int w1 = wStride;
        int w2 = 2 * wStride;
        int w3 = 3 * wStride;
        int w4 = 4 * wStride;
        int w5 = 5 * wStride;
        int w6 = 6 * wStride;
        int w7 = 7 * wStride;
        for (int k = 0; k < depth; k += LANES) {
            FloatVector a = FloatVector.fromArray(SPECIES, x, xAt + k);
            a0 = a.fma(FloatVector.fromArray(SPECIES, w, k), a0);
            a1 = a.fma(FloatVector.fromArray(SPECIES, w, w1 + k), a1);
            a2 = a.fma(FloatVector.fromArray(SPECIES, w, w2 + k), a2);
            a3 = a.fma(FloatVector.fromArray(SPECIES, w, w3 + k), a3);
            a4 = a.fma(FloatVector.fromArray(SPECIES, w, w4 + k), a4);
            a5 = a.fma(FloatVector.fromArray(SPECIES, w, w5 + k), a5);
            a6 = a.fma(FloatVector.fromArray(SPECIES, w, w6 + k), a6);
            a7 = a.fma(FloatVector.fromArray(SPECIES, w, w7 + k), a7);
        }
        a0.intoArray(sums, sumsAt);
        a1.intoArray(sums, sumsAt + LANES);
        a2.intoArray(sums, sumsAt + 2 * LANES);
        a3.intoArray(sums, sumsAt + 3 * LANES);
        a4.intoArray(sums, sumsAt + 4 * LANES);
        a5.intoArray(sums, sumsAt + 5 * LANES);
        a6.intoArray(sums, sumsAt + 6 * LANES);
        a7.intoArray(sums, sumsAt + 7 * LANES);
    }
}
