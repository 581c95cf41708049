package dev.lectern.engine.internal.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Exponentials of all lanes, within 2 units in the last place of the exact value.
///
/// `x = n + f` with n whole and f in [-0.5, 0.5]: 2^f by a polynomial that interpolates at the Chebyshev nodes
/// (relative error 5e-9, exactly 1 at 0), 2^n by adding n to the exponent bits. Results are never subnormal and
/// never 0.
final class Exp {
    private static final float LEAST = -126f;
    private static final float LEAST_OF_E = -87.3f;
    private static final float MOST_OF_E = 88.37f;
    /// Adding 1.5 * 2^23 rounds to a whole number, which then stands in the low bits.
    private static final float ROUND = 0x1.8p23f;

    private static final float LOG2_E = 0x1.715476p0f;
    private static final float LN2_HIGH = 0x1.63p-1f;
    private static final float LN2_LOW = -0x1.bd0106p-13f;

    private Exp() {}

    /// `2^x` for x at most 0, and 2^-126 below -126; NaN gives some number.
    static FloatVector exp2NonPositive(FloatVector x) {
        FloatVector bounded = x.blend(LEAST, x.compare(VectorOperators.LT, LEAST));
        FloatVector rounded = bounded.add(ROUND);
        FloatVector f = bounded.sub(rounded.sub(ROUND));
        FloatVector p = f.fma(
                FloatVector.broadcast(Lanes.FLOATS, 1.5453163e-4f), FloatVector.broadcast(Lanes.FLOATS, 1.3390863e-3f));
        p = p.fma(f, FloatVector.broadcast(Lanes.FLOATS, 9.618083e-3f));
        p = p.fma(f, FloatVector.broadcast(Lanes.FLOATS, 5.5503571e-2f));
        p = p.fma(f, FloatVector.broadcast(Lanes.FLOATS, 0.24022651f));
        p = p.fma(f, FloatVector.broadcast(Lanes.FLOATS, 0.6931472f));
        p = p.fma(f, FloatVector.broadcast(Lanes.FLOATS, 1f));
        return scale(p, rounded);
    }

    /// `e^x` for x from -87.3 to 88.37, the normal range of float32; the nearest end's value beyond it.
    static FloatVector exp(FloatVector x) {
        FloatVector bounded = x.lanewise(VectorOperators.MAX, LEAST_OF_E).lanewise(VectorOperators.MIN, MOST_OF_E);
        FloatVector rounded =
                bounded.fma(FloatVector.broadcast(Lanes.FLOATS, LOG2_E), FloatVector.broadcast(Lanes.FLOATS, ROUND));
        FloatVector whole = rounded.sub(ROUND);
        // x - n ln 2 in two steps: the high part of ln 2 has few bits, so that its product is exact.
        FloatVector f = whole.fma(FloatVector.broadcast(Lanes.FLOATS, -LN2_HIGH), bounded);
        f = whole.fma(FloatVector.broadcast(Lanes.FLOATS, -LN2_LOW), f);
        FloatVector p = f.fma(
                FloatVector.broadcast(Lanes.FLOATS, 1.3933641e-3f), FloatVector.broadcast(Lanes.FLOATS, 8.3691485e-3f));
        p = p.fma(f, FloatVector.broadcast(Lanes.FLOATS, 4.1666465e-2f));
        p = p.fma(f, FloatVector.broadcast(Lanes.FLOATS, 0.16666506f));
        p = p.fma(f, FloatVector.broadcast(Lanes.FLOATS, 0.5f));
        p = p.fma(f, FloatVector.broadcast(Lanes.FLOATS, 1f));
        p = p.fma(f, FloatVector.broadcast(Lanes.FLOATS, 1f));
        return scale(p, rounded);
    }

    /// `p * 2^n`, n in the low bits of `rounded`; p is within a factor of 2 of 1, the result a normal number.
    private static FloatVector scale(FloatVector p, FloatVector rounded) {
        IntVector exponent = rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        return p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
    }
}
