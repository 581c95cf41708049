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
            long scores,
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
            long scores,
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

    /// Four chains hide the latency of comparing; the last key is looked at again where their number is not a
    /// multiple.
    private static void findLargest(long scores, int keys, int columns, int c, SoftmaxState state, int stateAt) {
        long last = scores + 4L * (keys - 1) * columns + 4L * c;
        long step = 4L * columns;
        FloatVector m0 = FloatVector.fromArray(SPECIES, state.largest(), stateAt);
        FloatVector m1 = m0;
        FloatVector m2 = m0;
        FloatVector m3 = m0;
        for (long at = scores + 4L * c; at <= last; at += 4 * step) {
            m0 = larger(Memory.floats(at), m0);
            m1 = larger(Memory.floats(Math.min(at + step, last)), m1);
            m2 = larger(Memory.floats(Math.min(at + 2 * step, last)), m2);
            m3 = larger(Memory.floats(Math.min(at + 3 * step, last)), m3);
        }
        larger(larger(m0, m1), larger(m2, m3)).intoArray(state.next(), stateAt);
    }

    /// `b`, where `a` is not larger. `lanewise(MAX)` also orders zeros and passes on NaN, for three times the
    /// instructions. Methods of the vector just loaded, whose class the compiler knows: of one that goes round a
    /// loop it does not, and boxes.
    private static FloatVector larger(FloatVector a, FloatVector b) {
        return a.blend(b, a.compare(VectorOperators.GT, b).not());
    }

    private static void weigh(long scores, int keys, int columns, int c, SoftmaxState state, int stateAt) {
        FloatVector max = FloatVector.fromArray(SPECIES, state.next(), stateAt);
        FloatVector sum = FloatVector.zero(SPECIES);
        long first = Memory.pointer(scores + 4L * c);
        for (int i = 0; i < keys * columns; i += columns) {
            FloatVector weight =
                    Exp.exp2NonPositive(Memory.floats(first + 4L * i).sub(max));
            Memory.store(weight, first + 4L * i);
            sum = sum.add(weight);
        }
        sum.intoArray(state.added(), stateAt);
    }

    private static void findLargestVisible(
            long scores, int keys, int columns, int c, SoftmaxState state, int stateAt, Visible visible) {
        IntVector from = IntVector.fromArray(INTS, visible.from(), stateAt);
        IntVector to = IntVector.fromArray(INTS, visible.to(), stateAt);
        FloatVector max = FloatVector.fromArray(SPECIES, state.largest(), stateAt);
        for (int k = 0; k < keys; k++) {
            FloatVector score = Memory.floats(scores + 4L * (k * columns + c));
            VectorMask<Float> larger =
                    sees(from, to, visible.firstKey() + k).and(score.compare(VectorOperators.GT, max));
            max = score.blend(max, larger.not());
        }
        max.intoArray(state.next(), stateAt);
    }

    private static void weighVisible(
            long scores, int keys, int columns, int c, SoftmaxState state, int stateAt, Visible visible) {
        IntVector from = IntVector.fromArray(INTS, visible.from(), stateAt);
        IntVector to = IntVector.fromArray(INTS, visible.to(), stateAt);
        FloatVector max = FloatVector.fromArray(SPECIES, state.next(), stateAt);
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int k = 0; k < keys; k++) {
            FloatVector weight = Exp.exp2NonPositive(
                    Memory.floats(scores + 4L * (k * columns + c)).sub(max));
            weight = FloatVector.zero(SPECIES).blend(weight, sees(from, to, visible.firstKey() + k));
            Memory.store(weight, scores + 4L * (k * columns + c));
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
            long part,
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
            Copies.copyRow(part, out, count);
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
            FloatVector more = Memory.floats(part + 4L * i).mul(factor);
            Memory.store(Memory.floats(out + 4L * i).fma(kept, more), out + 4L * i);
        }
        for (; i < count; i++) {
            float sum = Memory.getFloat(out + 4L * i);
            sum = Math.fma(sum, keptOne, Memory.getFloat(part + 4L * i) * factorOne);
            Memory.setFloat(out + 4L * i, sum);
        }
    }
}
