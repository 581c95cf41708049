package dev.lectern.engine.internal.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// The online softmax of attention over blocks of keys (Milakov and Gimelshein 2018; FlashAttention), a query a lane, so
/// that maxima and sums run down the keys and never across lanes.
///
/// Scores are in units of log2: `p = 2^(s - m)`. Queries that see none of a block's keys keep their state to the last bit.
final class Softmax {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final VectorSpecies<Integer> INTS = SPECIES.vectorShape().withLanes(int.class);

    private Softmax() {}

    /// Turns a block of scores into weights and brings maximum, sum and the weighted values so far to the new maximum.
    ///
    /// @param scores   shape (keys, columns), becomes the weights
    /// @param columns  a multiple of the lanes
    /// @param largest  the maximum so far of each column, from `stateAt` on
    /// @param sums     the sum of weights so far of each column, from `stateAt` on
    /// @param mixed    the weighted values so far, shape (dims, columns), from `mixedAt` on
    static void update(
            float[] scores, int keys, int columns, float[] largest, float[] sums, int stateAt, float[] mixed, int mixedAt, int dims) {
        for (int c = 0; c < columns; c += SPECIES.length()) {
            FloatVector before = FloatVector.fromArray(SPECIES, largest, stateAt + c);
            FloatVector max = before;
            for (int k = 0; k < keys; k++) {
                max = max.max(FloatVector.fromArray(SPECIES, scores, k * columns + c));
            }
            FloatVector sum = FloatVector.zero(SPECIES);
            for (int k = 0; k < keys; k++) {
                FloatVector weight = Exp.exp2NonPositive(FloatVector.fromArray(SPECIES, scores, k * columns + c).sub(max));
                weight.intoArray(scores, k * columns + c);
                sum = sum.add(weight);
            }
            rescale(before, max, sum, columns, c, largest, sums, stateAt, mixed, mixedAt, dims);
        }
    }

    /// The same where column c sees only the keys `[from[c], to[c])`, absolute positions, of those from `firstKey` on.
    static void updateMasked(
            float[] scores, int keys, int columns, float[] largest, float[] sums, int stateAt, float[] mixed, int mixedAt, int dims,
            int firstKey, int[] from, int[] to) {
        for (int c = 0; c < columns; c += SPECIES.length()) {
            IntVector first = IntVector.fromArray(INTS, from, stateAt + c);
            IntVector end = IntVector.fromArray(INTS, to, stateAt + c);
            FloatVector before = FloatVector.fromArray(SPECIES, largest, stateAt + c);
            FloatVector max = before;
            for (int k = 0; k < keys; k++) {
                VectorMask<Float> visible = visible(first, end, firstKey + k);
                FloatVector score = FloatVector.fromArray(SPECIES, scores, k * columns + c);
                max = max.blend(max.max(score), visible);
            }
            FloatVector sum = FloatVector.zero(SPECIES);
            for (int k = 0; k < keys; k++) {
                VectorMask<Float> visible = visible(first, end, firstKey + k);
                FloatVector score = FloatVector.fromArray(SPECIES, scores, k * columns + c);
                FloatVector weight = FloatVector.zero(SPECIES).blend(Exp.exp2NonPositive(score.sub(max)), visible);
                weight.intoArray(scores, k * columns + c);
                sum = sum.add(weight);
            }
            rescale(before, max, sum, columns, c, largest, sums, stateAt, mixed, mixedAt, dims);
        }
    }

    private static VectorMask<Float> visible(IntVector first, IntVector end, int key) {
        return first.compare(VectorOperators.LE, key).and(end.compare(VectorOperators.GT, key)).cast(SPECIES);
    }

    private static void rescale(
            FloatVector before, FloatVector max, FloatVector sum, int columns, int c,
            float[] largest, float[] sums, int stateAt, float[] mixed, int mixedAt, int dims) {
        if (max.compare(VectorOperators.EQ, before).allTrue()) {
            FloatVector.fromArray(SPECIES, sums, stateAt + c).add(sum).intoArray(sums, stateAt + c);
            return;
        }
        // 2^0 is exactly 1, so that a column whose maximum stays is not changed by its neighbours' new maxima.
        FloatVector factor = Exp.exp2NonPositive(before.sub(max));
        max.intoArray(largest, stateAt + c);
        FloatVector.fromArray(SPECIES, sums, stateAt + c).fma(factor, sum).intoArray(sums, stateAt + c);
        for (int d = 0; d < dims; d++) {
            int at = mixedAt + d * columns + c;
            FloatVector.fromArray(SPECIES, mixed, at).mul(factor).intoArray(mixed, at);
        }
    }
}
