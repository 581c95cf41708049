package dev.lectern.engine.internal.kernel.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Gated activations, `gate = f(gate, up)` in place. What does not fill a vector goes through the same arithmetic
/// lane by lane. Each has its own loop: a loop over a function value would box every vector.
final class Activations {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = SPECIES.length();
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /// Twice `sqrt(2/pi)`: `(1 + tanh(z)) / 2` is the sigmoid of 2 z.
    private static final float GELU_LINEAR = 1.5957691216f;

    private static final float GELU_CUBIC = 0.044715f * GELU_LINEAR;

    private Activations() {}

    static void silu(MemorySegment gate, long gateOffset, MemorySegment up, long upOffset, long count) {
        long i = 0;
        for (; i < SPECIES.loopBound(count); i += LANES) {
            FloatVector x = FloatVector.fromMemorySegment(SPECIES, gate, gateOffset + 4L * i, ORDER);
            FloatVector u = FloatVector.fromMemorySegment(SPECIES, up, upOffset + 4L * i, ORDER);
            silu(x, u).intoMemorySegment(gate, gateOffset + 4L * i, ORDER);
        }
        for (; i < count; i++) {
            set(gate, gateOffset, i, silu(get(gate, gateOffset, i), get(up, upOffset, i)));
        }
    }

    static void geluTanh(MemorySegment gate, long gateOffset, MemorySegment up, long upOffset, long count) {
        long i = 0;
        for (; i < SPECIES.loopBound(count); i += LANES) {
            FloatVector x = FloatVector.fromMemorySegment(SPECIES, gate, gateOffset + 4L * i, ORDER);
            FloatVector u = FloatVector.fromMemorySegment(SPECIES, up, upOffset + 4L * i, ORDER);
            geluTanh(x, u).intoMemorySegment(gate, gateOffset + 4L * i, ORDER);
        }
        for (; i < count; i++) {
            set(gate, gateOffset, i, geluTanh(get(gate, gateOffset, i), get(up, upOffset, i)));
        }
    }

    static void clampedSwish(
            float alpha,
            float limit,
            MemorySegment gate,
            long gateOffset,
            MemorySegment up,
            long upOffset,
            long count) {
        long i = 0;
        for (; i < SPECIES.loopBound(count); i += LANES) {
            FloatVector x = FloatVector.fromMemorySegment(SPECIES, gate, gateOffset + 4L * i, ORDER);
            FloatVector u = FloatVector.fromMemorySegment(SPECIES, up, upOffset + 4L * i, ORDER);
            clampedSwish(alpha, limit, x, u).intoMemorySegment(gate, gateOffset + 4L * i, ORDER);
        }
        for (; i < count; i++) {
            set(gate, gateOffset, i, clampedSwish(alpha, limit, get(gate, gateOffset, i), get(up, upOffset, i)));
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

    private static FloatVector get(MemorySegment segment, long offset, long index) {
        return FloatVector.broadcast(SPECIES, segment.get(JAVA_FLOAT_UNALIGNED, offset + 4L * index));
    }

    private static void set(MemorySegment segment, long offset, long index, FloatVector value) {
        segment.set(JAVA_FLOAT_UNALIGNED, offset + 4L * index, value.lane(0));
    }
}
