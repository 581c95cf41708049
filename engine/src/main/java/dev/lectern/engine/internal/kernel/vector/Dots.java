package dev.lectern.engine.internal.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Dot products of rows with weight rows, several at a time so that each loaded vector serves several sums.
///
/// Each sum is one chain of fused multiply-adds down the depth in each lane, the lanes then added in a fixed order: the
/// same for every kernel here, so that a row's result does not depend on which of them it went through.
final class Dots {
    static final int OUTPUTS = 8;

    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = SPECIES.length();

    private Dots() {}

    /// `out[o] += x · w[o]` for 8 outputs and one row.
    ///
    /// @param x     the row, from `xAt` on
    /// @param w     8 weight rows, `wStride` apart
    /// @param depth a multiple of the lanes (rows are padded with zeros)
    static void row(float[] x, int xAt, float[] w, int wStride, int depth, float[] out, int outAt) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        FloatVector s4 = s0;
        FloatVector s5 = s0;
        FloatVector s6 = s0;
        FloatVector s7 = s0;
        int w2 = 2 * wStride;
        int w3 = 3 * wStride;
        int w4 = 4 * wStride;
        int w5 = 5 * wStride;
        int w6 = 6 * wStride;
        int w7 = 7 * wStride;
        for (int k = 0; k < depth; k += LANES) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, xAt + k);
            s0 = v.fma(FloatVector.fromArray(SPECIES, w, k), s0);
            s1 = v.fma(FloatVector.fromArray(SPECIES, w, wStride + k), s1);
            s2 = v.fma(FloatVector.fromArray(SPECIES, w, w2 + k), s2);
            s3 = v.fma(FloatVector.fromArray(SPECIES, w, w3 + k), s3);
            s4 = v.fma(FloatVector.fromArray(SPECIES, w, w4 + k), s4);
            s5 = v.fma(FloatVector.fromArray(SPECIES, w, w5 + k), s5);
            s6 = v.fma(FloatVector.fromArray(SPECIES, w, w6 + k), s6);
            s7 = v.fma(FloatVector.fromArray(SPECIES, w, w7 + k), s7);
        }
        out[outAt] += Lanes.sum(s0);
        out[outAt + 1] += Lanes.sum(s1);
        out[outAt + 2] += Lanes.sum(s2);
        out[outAt + 3] += Lanes.sum(s3);
        out[outAt + 4] += Lanes.sum(s4);
        out[outAt + 5] += Lanes.sum(s5);
        out[outAt + 6] += Lanes.sum(s6);
        out[outAt + 7] += Lanes.sum(s7);
    }

    /// The same for two rows, `xStride` apart, whose results are `outStride` apart, and 4 of the outputs.
    ///
    /// @param wAt the first of the 4 weight rows
    static void rowPair(
            float[] x, int xAt, int xStride, float[] w, int wAt, int wStride, int depth, float[] out, int outAt, int outStride) {
        FloatVector a0 = FloatVector.zero(SPECIES);
        FloatVector a1 = a0;
        FloatVector a2 = a0;
        FloatVector a3 = a0;
        FloatVector b0 = a0;
        FloatVector b1 = a0;
        FloatVector b2 = a0;
        FloatVector b3 = a0;
        int secondAt = xAt + xStride;
        int w1 = wAt + wStride;
        int w2 = wAt + 2 * wStride;
        int w3 = wAt + 3 * wStride;
        for (int k = 0; k < depth; k += LANES) {
            FloatVector a = FloatVector.fromArray(SPECIES, x, xAt + k);
            FloatVector b = FloatVector.fromArray(SPECIES, x, secondAt + k);
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
        out[outAt] += Lanes.sum(a0);
        out[outAt + 1] += Lanes.sum(a1);
        out[outAt + 2] += Lanes.sum(a2);
        out[outAt + 3] += Lanes.sum(a3);
        out[outAt + outStride] += Lanes.sum(b0);
        out[outAt + outStride + 1] += Lanes.sum(b1);
        out[outAt + outStride + 2] += Lanes.sum(b2);
        out[outAt + outStride + 3] += Lanes.sum(b3);
    }
}
