package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.kernel.Kernels.SoftmaxState;
import dev.lectern.engine.internal.kernel.Kernels.Visible;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// The online softmax of attention over blocks of keys (Milakov and Gimelshein 2018; FlashAttention), a query a
/// column, so that maxima and sums run down the keys and never across lanes.
///
/// Scores are in units of log2: `p = 2^(s - m)`. Queries that see none of a block's keys keep their state to the
/// last bit. A NaN score is never the largest, but its weight is NaN, and so is the sum. Maxima, weights and the
/// rescaling are methods of their own that meet in arrays: in one method C2 reaches its limits and boxes vectors.
final class Softmax {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final VectorSpecies<Integer> INTS = SPECIES.vectorShape().withLanes(int.class);
    private static final int LANES = SPECIES.length();

    private Softmax() {}

    static void update(
            float[] scores,
            int keys,
            int columns,
            SoftmaxState state,
            int columnAt,
            float[] mixed,
            int mixedAt,
            int dims) {
        for (int c = 0; c < columns; c += LANES) {
            findLargest(scores, keys, columns, c, state, columnAt + c);
            weigh(scores, keys, columns, c, state, columnAt + c);
            rescale(state, columnAt + c, mixed, mixedAt + c, columns, dims);
        }
    }

    static void updateMasked(
            float[] scores,
            int keys,
            int columns,
            SoftmaxState state,
            int columnAt,
            float[] mixed,
            int mixedAt,
            int dims,
            Visible visible) {
        for (int c = 0; c < columns; c += LANES) {
            findLargestVisible(scores, keys, columns, c, state, columnAt + c, visible);
            weighVisible(scores, keys, columns, c, state, columnAt + c, visible);
            rescale(state, columnAt + c, mixed, mixedAt + c, columns, dims);
        }
    }

    /// Four chains hide the latency of comparing.
    private static void findLargest(float[] scores, int keys, int columns, int c, SoftmaxState state, int stateAt) {
        FloatVector m0 = FloatVector.fromArray(SPECIES, state.largest(), stateAt);
        FloatVector m1 = m0;
        FloatVector m2 = m0;
        FloatVector m3 = m0;
        int k = 0;
        for (; k < keys - 3; k += 4) {
            int at = k * columns + c;
            FloatVector s0 = FloatVector.fromArray(SPECIES, scores, at);
            FloatVector s1 = FloatVector.fromArray(SPECIES, scores, at + columns);
            FloatVector s2 = FloatVector.fromArray(SPECIES, scores, at + 2 * columns);
            FloatVector s3 = FloatVector.fromArray(SPECIES, scores, at + 3 * columns);
            m0 = larger(m0, s0);
            m1 = larger(m1, s1);
            m2 = larger(m2, s2);
            m3 = larger(m3, s3);
        }
        for (; k < keys; k++) {
            m0 = larger(m0, FloatVector.fromArray(SPECIES, scores, k * columns + c));
        }
        larger(larger(m0, m1), larger(m2, m3)).intoArray(state.next(), stateAt);
    }

    /// `lanewise(MAX)` also orders zeros and passes on NaN, for three times the instructions.
    private static FloatVector larger(FloatVector a, FloatVector b) {
        return a.blend(b, b.compare(VectorOperators.GT, a));
    }

    private static void weigh(float[] scores, int keys, int columns, int c, SoftmaxState state, int stateAt) {
        FloatVector max = FloatVector.fromArray(SPECIES, state.next(), stateAt);
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int k = 0; k < keys; k++) {
            FloatVector weight = Exp.exp2NonPositive(
                    FloatVector.fromArray(SPECIES, scores, k * columns + c).sub(max));
            weight.intoArray(scores, k * columns + c);
            sum = sum.add(weight);
        }
        sum.intoArray(state.added(), stateAt);
    }

    private static void findLargestVisible(
            float[] scores, int keys, int columns, int c, SoftmaxState state, int stateAt, Visible visible) {
        IntVector from = IntVector.fromArray(INTS, visible.from(), stateAt);
        IntVector to = IntVector.fromArray(INTS, visible.to(), stateAt);
        FloatVector max = FloatVector.fromArray(SPECIES, state.largest(), stateAt);
        for (int k = 0; k < keys; k++) {
            FloatVector score = FloatVector.fromArray(SPECIES, scores, k * columns + c);
            max = max.blend(score, sees(from, to, visible.firstKey() + k).and(score.compare(VectorOperators.GT, max)));
        }
        max.intoArray(state.next(), stateAt);
    }

    private static void weighVisible(
            float[] scores, int keys, int columns, int c, SoftmaxState state, int stateAt, Visible visible) {
        IntVector from = IntVector.fromArray(INTS, visible.from(), stateAt);
        IntVector to = IntVector.fromArray(INTS, visible.to(), stateAt);
        FloatVector max = FloatVector.fromArray(SPECIES, state.next(), stateAt);
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int k = 0; k < keys; k++) {
            FloatVector weight = Exp.exp2NonPositive(
                    FloatVector.fromArray(SPECIES, scores, k * columns + c).sub(max));
            weight = FloatVector.zero(SPECIES).blend(weight, sees(from, to, visible.firstKey() + k));
            weight.intoArray(scores, k * columns + c);
            sum = sum.add(weight);
        }
        sum.intoArray(state.added(), stateAt);
    }

    private static VectorMask<Float> sees(IntVector from, IntVector to, int key) {
        return from.compare(VectorOperators.LE, key)
                .and(to.compare(VectorOperators.GT, key))
                .cast(SPECIES);
    }

    private static void rescale(SoftmaxState state, int stateAt, float[] mixed, int mixedAt, int stride, int dims) {
        FloatVector before = FloatVector.fromArray(SPECIES, state.largest(), stateAt);
        FloatVector max = FloatVector.fromArray(SPECIES, state.next(), stateAt);
        FloatVector sums = FloatVector.fromArray(SPECIES, state.sums(), stateAt);
        FloatVector added = FloatVector.fromArray(SPECIES, state.added(), stateAt);
        // 2^0 is exactly 1, so that a column whose maximum stays is not changed by its neighbours' new
        // maxima.
        FloatVector factor = Exp.exp2NonPositive(before.sub(max));
        sums.fma(factor, added).intoArray(state.sums(), stateAt);
        factor.intoArray(state.added(), stateAt);
        if (max.compare(VectorOperators.EQ, before).allTrue()) {
            return;
        }
        max.intoArray(state.largest(), stateAt);
        for (int d = 0; d < dims; d++) {
            int at = mixedAt + d * stride;
            FloatVector.fromArray(SPECIES, mixed, at).mul(factor).intoArray(mixed, at);
        }
    }

    /// `out = out * 2^(largest - next) + part * 2^(partLargest - next)`, next the larger of the two; `out =
    /// part` where there is nothing yet.
    static void merge(
            float[] part,
            int partAt,
            int count,
            float partLargest,
            float partSum,
            float[] largest,
            float[] sums,
            int state,
            long out) {
        if (sums[state] == 0) {
            largest[state] = partLargest;
            sums[state] = partSum;
            Copies.storeRows(part, partAt, count, out, 0, 1, count);
            return;
        }
        // One of the two factors is 1.
        float difference = partLargest - largest[state];
        boolean larger = difference > 0;
        FloatVector one = FloatVector.broadcast(SPECIES, 1f);
        FloatVector less = Exp.exp2NonPositive(FloatVector.broadcast(SPECIES, larger ? -difference : difference));
        FloatVector kept = larger ? less : one;
        FloatVector factor = larger ? one : less;
        float keptOne = kept.lane(0);
        float factorOne = factor.lane(0);
        sums[state] = Math.fma(sums[state], keptOne, partSum * factorOne);
        largest[state] = larger ? partLargest : largest[state];
        int i = 0;
        for (; i < SPECIES.loopBound(count); i += LANES) {
            FloatVector more = FloatVector.fromArray(SPECIES, part, partAt + i).mul(factor);
            Memory.store(Memory.floats(out + 4L * i).fma(kept, more), out + 4L * i);
        }
        for (; i < count; i++) {
            float sum = Memory.getFloat(out + 4L * i);
            sum = Math.fma(sum, keptOne, part[partAt + i] * factorOne);
            Memory.setFloat(out + 4L * i, sum);
        }
    }
}
