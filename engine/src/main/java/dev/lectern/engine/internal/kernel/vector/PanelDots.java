package dev.lectern.engine.internal.kernel.vector;

import static dev.lectern.engine.internal.kernel.vector.VectorPanels.COLUMNS;
import static dev.lectern.engine.internal.kernel.vector.VectorPanels.FLOATS;
import static dev.lectern.engine.internal.kernel.vector.VectorPanels.INTS;
import static dev.lectern.engine.internal.kernel.vector.VectorPanels.LANES;
import static dev.lectern.engine.internal.kernel.vector.VectorPanels.PREPARED;
import static dev.lectern.engine.internal.kernel.vector.VectorPanels.START;
import static dev.lectern.engine.internal.kernel.vector.VectorPanels.STEP_BYTES;
import static dev.lectern.engine.internal.kernel.vector.VectorPanels.VECTOR_BYTES;
import static dev.lectern.engine.internal.kernel.vector.VectorPanels.ints;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Products of prepared rows with the codes of a panel, added to what `sums` holds, shape (rows, columns).
///
/// Codes are taken out four at a time, a quad: those of an int of 8-bit codes, of half an int of 4-bit ones. A panel
/// is two vectors wide, left and right, so that an input that is loaded serves both; each sum is a single chain.
final class PanelDots {
    /// Of a group.
    private static final int QUADS = VectorPanels.GROUP / 4;

    private PanelDots() {}

    /// 1 row.
    static void oneRow(long codes, int groups, int bits, float[] scales, float[] x, int xAt, float[] sums, int sumsAt) {
        IntVector first = mask(bits, 0);
        IntVector second = mask(bits, 1);
        IntVector third = mask(bits, 2);
        IntVector fourth = mask(bits, 3);
        FloatVector left = FloatVector.fromArray(FLOATS, sums, sumsAt);
        FloatVector right = FloatVector.fromArray(FLOATS, sums, sumsAt + LANES);
        for (int g = 0; g < groups; g++) {
            long group = Memory.pointer(codes + (long) STEP_BYTES * bits * g);
            int k = xAt + PREPARED * g;
            FloatVector leftProducts = broadcast(x[k + START]);
            FloatVector rightProducts = leftProducts;
            for (int quad = 0; quad < QUADS; quad++, k += 4) {
                long at = group + (long) STEP_BYTES * (quad * bits >> 3);
                int shift = (quad * bits & 7) << 2;
                IntVector leftInts = ints(at).lanewise(VectorOperators.LSHR, shift);
                IntVector rightInts = ints(at + VECTOR_BYTES).lanewise(VectorOperators.LSHR, shift);
                FloatVector input = broadcast(x[k]);
                leftProducts = codes(leftInts, first).fma(input, leftProducts);
                rightProducts = codes(rightInts, first).fma(input, rightProducts);
                input = broadcast(x[k + 1]);
                leftProducts = codes(leftInts, second).fma(input, leftProducts);
                rightProducts = codes(rightInts, second).fma(input, rightProducts);
                input = broadcast(x[k + 2]);
                leftProducts = codes(leftInts, third).fma(input, leftProducts);
                rightProducts = codes(rightInts, third).fma(input, rightProducts);
                input = broadcast(x[k + 3]);
                leftProducts = codes(leftInts, fourth).fma(input, leftProducts);
                rightProducts = codes(rightInts, fourth).fma(input, rightProducts);
            }
            left = leftProducts.fma(FloatVector.fromArray(FLOATS, scales, g * COLUMNS), left);
            right = rightProducts.fma(FloatVector.fromArray(FLOATS, scales, g * COLUMNS + LANES), right);
        }
        left.intoArray(sums, sumsAt);
        right.intoArray(sums, sumsAt + LANES);
    }

    /// 2 rows, of which the prepared ones and the sums are as far apart as `xStride` and the columns: a code
    /// that was taken out serves both. The loop's body is half as long, since C2 inlines so much and no more.
    static void twoRows(
            long codes,
            int groups,
            int bits,
            float[] scales,
            float[] x,
            int xAt,
            int xStride,
            float[] sums,
            int sumsAt) {
        IntVector first = mask(bits, 0);
        IntVector second = mask(bits, 1);
        FloatVector left0 = FloatVector.fromArray(FLOATS, sums, sumsAt);
        FloatVector right0 = FloatVector.fromArray(FLOATS, sums, sumsAt + LANES);
        FloatVector left1 = FloatVector.fromArray(FLOATS, sums, sumsAt + COLUMNS);
        FloatVector right1 = FloatVector.fromArray(FLOATS, sums, sumsAt + COLUMNS + LANES);
        for (int g = 0; g < groups; g++) {
            long group = Memory.pointer(codes + (long) STEP_BYTES * bits * g);
            int k = xAt + PREPARED * g;
            FloatVector leftProducts0 = broadcast(x[k + START]);
            FloatVector rightProducts0 = leftProducts0;
            FloatVector leftProducts1 = broadcast(x[k + START + xStride]);
            FloatVector rightProducts1 = leftProducts1;
            for (int pair = 0; pair < 2 * QUADS; pair++, k += 2) {
                int quad = pair >> 1;
                long at = group + (long) STEP_BYTES * (quad * bits >> 3);
                int shift = (quad * bits & 7) << 2;
                IntVector leftInts = ints(at).lanewise(VectorOperators.LSHR, shift);
                IntVector rightInts = ints(at + VECTOR_BYTES).lanewise(VectorOperators.LSHR, shift);
                IntVector mask = first.lanewise(VectorOperators.LSHL, (pair & 1) * 2 * bits);
                FloatVector leftCodes = codes(leftInts, mask);
                FloatVector rightCodes = codes(rightInts, mask);
                FloatVector input = broadcast(x[k]);
                leftProducts0 = leftCodes.fma(input, leftProducts0);
                rightProducts0 = rightCodes.fma(input, rightProducts0);
                input = broadcast(x[k + xStride]);
                leftProducts1 = leftCodes.fma(input, leftProducts1);
                rightProducts1 = rightCodes.fma(input, rightProducts1);
                mask = second.lanewise(VectorOperators.LSHL, (pair & 1) * 2 * bits);
                leftCodes = codes(leftInts, mask);
                rightCodes = codes(rightInts, mask);
                input = broadcast(x[k + 1]);
                leftProducts0 = leftCodes.fma(input, leftProducts0);
                rightProducts0 = rightCodes.fma(input, rightProducts0);
                input = broadcast(x[k + 1 + xStride]);
                leftProducts1 = leftCodes.fma(input, leftProducts1);
                rightProducts1 = rightCodes.fma(input, rightProducts1);
            }
            FloatVector leftScale = FloatVector.fromArray(FLOATS, scales, g * COLUMNS);
            FloatVector rightScale = FloatVector.fromArray(FLOATS, scales, g * COLUMNS + LANES);
            left0 = leftProducts0.fma(leftScale, left0);
            right0 = rightProducts0.fma(rightScale, right0);
            left1 = leftProducts1.fma(leftScale, left1);
            right1 = rightProducts1.fma(rightScale, right1);
        }
        left0.intoArray(sums, sumsAt);
        right0.intoArray(sums, sumsAt + LANES);
        left1.intoArray(sums, sumsAt + COLUMNS);
        right1.intoArray(sums, sumsAt + COLUMNS + LANES);
    }

    /// 4 rows, a code a step.
    static void fourRows(
            long codes,
            int groups,
            int bits,
            float[] scales,
            float[] x,
            int xAt,
            int xStride,
            float[] sums,
            int sumsAt) {
        IntVector first = mask(bits, 0);
        FloatVector left0 = FloatVector.fromArray(FLOATS, sums, sumsAt);
        FloatVector right0 = FloatVector.fromArray(FLOATS, sums, sumsAt + LANES);
        FloatVector left1 = FloatVector.fromArray(FLOATS, sums, sumsAt + COLUMNS);
        FloatVector right1 = FloatVector.fromArray(FLOATS, sums, sumsAt + COLUMNS + LANES);
        FloatVector left2 = FloatVector.fromArray(FLOATS, sums, sumsAt + 2 * COLUMNS);
        FloatVector right2 = FloatVector.fromArray(FLOATS, sums, sumsAt + 2 * COLUMNS + LANES);
        FloatVector left3 = FloatVector.fromArray(FLOATS, sums, sumsAt + 3 * COLUMNS);
        FloatVector right3 = FloatVector.fromArray(FLOATS, sums, sumsAt + 3 * COLUMNS + LANES);
        for (int g = 0; g < groups; g++) {
            long group = Memory.pointer(codes + (long) STEP_BYTES * bits * g);
            int k = xAt + PREPARED * g;
            FloatVector leftProducts0 = broadcast(x[k + START]);
            FloatVector rightProducts0 = leftProducts0;
            FloatVector leftProducts1 = broadcast(x[k + START + xStride]);
            FloatVector rightProducts1 = leftProducts1;
            FloatVector leftProducts2 = broadcast(x[k + START + 2 * xStride]);
            FloatVector rightProducts2 = leftProducts2;
            FloatVector leftProducts3 = broadcast(x[k + START + 3 * xStride]);
            FloatVector rightProducts3 = leftProducts3;
            for (int code = 0; code < 4 * QUADS; code++, k++) {
                int quad = code >> 2;
                long at = group + (long) STEP_BYTES * (quad * bits >> 3);
                int shift = (quad * bits & 7) << 2;
                IntVector mask = first.lanewise(VectorOperators.LSHL, (code & 3) * bits);
                FloatVector leftCodes = codes(ints(at).lanewise(VectorOperators.LSHR, shift), mask);
                FloatVector rightCodes = codes(ints(at + VECTOR_BYTES).lanewise(VectorOperators.LSHR, shift), mask);
                FloatVector input = broadcast(x[k]);
                leftProducts0 = leftCodes.fma(input, leftProducts0);
                rightProducts0 = rightCodes.fma(input, rightProducts0);
                input = broadcast(x[k + xStride]);
                leftProducts1 = leftCodes.fma(input, leftProducts1);
                rightProducts1 = rightCodes.fma(input, rightProducts1);
                input = broadcast(x[k + 2 * xStride]);
                leftProducts2 = leftCodes.fma(input, leftProducts2);
                rightProducts2 = rightCodes.fma(input, rightProducts2);
                input = broadcast(x[k + 3 * xStride]);
                leftProducts3 = leftCodes.fma(input, leftProducts3);
                rightProducts3 = rightCodes.fma(input, rightProducts3);
            }
            FloatVector leftScale = FloatVector.fromArray(FLOATS, scales, g * COLUMNS);
            FloatVector rightScale = FloatVector.fromArray(FLOATS, scales, g * COLUMNS + LANES);
            left0 = leftProducts0.fma(leftScale, left0);
            right0 = rightProducts0.fma(rightScale, right0);
            left1 = leftProducts1.fma(leftScale, left1);
            right1 = rightProducts1.fma(rightScale, right1);
            left2 = leftProducts2.fma(leftScale, left2);
            right2 = rightProducts2.fma(rightScale, right2);
            left3 = leftProducts3.fma(leftScale, left3);
            right3 = rightProducts3.fma(rightScale, right3);
        }
        left0.intoArray(sums, sumsAt);
        right0.intoArray(sums, sumsAt + LANES);
        left1.intoArray(sums, sumsAt + COLUMNS);
        right1.intoArray(sums, sumsAt + COLUMNS + LANES);
        left2.intoArray(sums, sumsAt + 2 * COLUMNS);
        right2.intoArray(sums, sumsAt + 2 * COLUMNS + LANES);
        left3.intoArray(sums, sumsAt + 3 * COLUMNS);
        right3.intoArray(sums, sumsAt + 3 * COLUMNS + LANES);
    }

    /// Of code `place` of a quad.
    private static IntVector mask(int bits, int place) {
        return IntVector.broadcast(INTS, ((1 << bits) - 1) << bits * place);
    }

    private static FloatVector codes(IntVector ints, IntVector mask) {
        return StoredCodes.floats(ints.and(mask));
    }

    private static FloatVector broadcast(float x) {
        return FloatVector.broadcast(FLOATS, x);
    }
}
