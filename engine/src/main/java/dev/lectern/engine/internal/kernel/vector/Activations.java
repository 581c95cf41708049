package dev.lectern.engine.internal.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Gated activations, `gate = f(gate, up)` in place. What does not fill a vector goes through the same arithmetic
/// lane by lane. Each has its own loop: a loop over a function value would box every vector.
final class Activations {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = SPECIES.length();

    /// Twice `sqrt(2/pi)`: `(1 + tanh(z)) / 2` is the sigmoid of 2 z.
    private static final float GELU_LINEAR = 1.5957691216f;

    private static final float GELU_CUBIC = 0.044715f * GELU_LINEAR;

    private Activations() {}

    static void silu(long gate, long up, long count) {
        long i = 0;
        for (; i < SPECIES.loopBound(count); i += LANES) {
            FloatVector x = Memory.floats(gate + 4L * i);
            FloatVector u = Memory.floats(up + 4L * i);
            Memory.store(silu(x, u), gate + 4L * i);
        }
        for (; i < count; i++) {
            set(gate, i, silu(get(gate, i), get(up, i)));
        }
    }

    static void geluTanh(long gate, long up, long count) {
        long i = 0;
        for (; i < SPECIES.loopBound(count); i += LANES) {
            FloatVector x = Memory.floats(gate + 4L * i);
            FloatVector u = Memory.floats(up + 4L * i);
            Memory.store(geluTanh(x, u), gate + 4L * i);
        }
        for (; i < count; i++) {
            set(gate, i, geluTanh(get(gate, i), get(up, i)));
        }
    }

    static void clampedSwish(float alpha, float limit, long gate, long up, long count) {
        long i = 0;
        for (; i < SPECIES.loopBound(count); i += LANES) {
            FloatVector x = Memory.floats(gate + 4L * i);
            FloatVector u = Memory.floats(up + 4L * i);
            Memory.store(clampedSwish(alpha, limit, x, u), gate + 4L * i);
        }
        for (; i < count; i++) {
            set(gate, i, clampedSwish(alpha, limit, get(gate, i), get(up, i)));
        }
    }

    private static FloatVector silu(FloatVector x, FloatVector up) {
        return x.div(Exp.exp(x.neg()).add(1f)).mul(up);
    }

    private static FloatVector geluTanh(FloatVector x, FloatVector up) {
        FloatVector square = x.mul(x);
        FloatVector z = square.fma(
                        FloatVector.broadcast(SPECIES, GELU_CUBIC), FloatVector.broadcast(SPECIES, GELU_LINEAR))
                .mul(x);
        return x.div(Exp.exp(z.neg()).add(1f)).mul(up);
    }

    private static FloatVector clampedSwish(float alpha, float limit, FloatVector x, FloatVector up) {
        FloatVector gate = x.min(limit);
        FloatVector value = up.min(limit).max(-limit).add(1f);
        return gate.div(Exp.exp(gate.mul(-alpha)).add(1f)).mul(value);
    }

    private static FloatVector get(long row, long index) {
        return FloatVector.broadcast(SPECIES, Memory.getFloat(row + 4L * index));
    }

    private static void set(long row, long index, FloatVector value) {
        Memory.setFloat(row + 4L * index, value.lane(0));
    }
}
