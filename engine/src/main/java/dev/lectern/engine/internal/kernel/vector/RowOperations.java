package dev.lectern.engine.internal.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/// The operations of a forward pass that work row by row or element by element. What does not fill a vector is done
/// one by one in the same arithmetic.
final class RowOperations {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = SPECIES.length();
    private static final VectorShuffle<Float> SWAP_PAIRS = VectorShuffle.fromOp(SPECIES, lane -> lane ^ 1);

    private RowOperations() {}

    static void rmsNorm(long in, int columns, float @Nullable [] gain, float epsilon, long out) {
        FloatVector squares = FloatVector.zero(SPECIES);
        int c = 0;
        for (; c < SPECIES.loopBound(columns); c += LANES) {
            FloatVector x = Memory.floats(in + 4L * c);
            squares = x.fma(x, squares);
        }
        float sum = Lanes.sum(squares);
        for (; c < columns; c++) {
            float x = Memory.getFloat(in + 4L * c);
            sum = Math.fma(x, x, sum);
        }
        float factor = (float) (1 / Math.sqrt((double) sum / columns + epsilon));
        if (gain == null) {
            scale(in, columns, factor, out);
            return;
        }
        c = 0;
        for (; c < SPECIES.loopBound(columns); c += LANES) {
            FloatVector x = Memory.floats(in + 4L * c);
            Memory.store(x.mul(factor).mul(FloatVector.fromArray(SPECIES, gain, c)), out + 4L * c);
        }
        for (; c < columns; c++) {
            float x = Memory.getFloat(in + 4L * c);
            Memory.setFloat(out + 4L * c, x * factor * gain[c]);
        }
    }

    static void scale(long in, int count, float factor, long out) {
        int i = 0;
        for (; i < SPECIES.loopBound(count); i += LANES) {
            FloatVector x = Memory.floats(in + 4L * i);
            Memory.store(x.mul(factor), out + 4L * i);
        }
        for (; i < count; i++) {
            Memory.setFloat(out + 4L * i, Memory.getFloat(in + 4L * i) * factor);
        }
    }

    static void rotateAdjacent(long x, int count, float[] cos, float[] sin, int tableAt) {
        int i = 0;
        for (; i < SPECIES.loopBound(count); i += LANES) {
            FloatVector v = Memory.floats(x + 4L * i);
            FloatVector turned = v.rearrange(SWAP_PAIRS).mul(FloatVector.fromArray(SPECIES, sin, tableAt + i));
            Memory.store(v.fma(FloatVector.fromArray(SPECIES, cos, tableAt + i), turned), x + 4L * i);
        }
        for (; i < count; i += 2) {
            float a = Memory.getFloat(x + 4L * i);
            float b = Memory.getFloat(x + 4L * (i + 1));
            Memory.setFloat(x + 4L * i, Math.fma(a, cos[tableAt + i], b * sin[tableAt + i]));
            Memory.setFloat(x + 4L * (i + 1), Math.fma(b, cos[tableAt + i + 1], a * sin[tableAt + i + 1]));
        }
    }

    static void rotateHalves(long x, int pairs, float[] cos, float[] sin, int tableAt) {
        long second = x + 4L * pairs;
        int j = 0;
        for (; j < SPECIES.loopBound(pairs); j += LANES) {
            FloatVector a = Memory.floats(x + 4L * j);
            FloatVector b = Memory.floats(second + 4L * j);
            FloatVector c = FloatVector.fromArray(SPECIES, cos, tableAt + j);
            FloatVector s = FloatVector.fromArray(SPECIES, sin, tableAt + j);
            Memory.store(a.fma(c, b.mul(s).neg()), x + 4L * j);
            Memory.store(b.fma(c, a.mul(s)), second + 4L * j);
        }
        for (; j < pairs; j++) {
            float a = Memory.getFloat(x + 4L * j);
            float b = Memory.getFloat(second + 4L * j);
            Memory.setFloat(x + 4L * j, Math.fma(a, cos[tableAt + j], -(b * sin[tableAt + j])));
            Memory.setFloat(second + 4L * j, Math.fma(b, cos[tableAt + j], a * sin[tableAt + j]));
        }
    }

    static void add(long x, long y, float factor, long count) {
        long i = 0;
        for (; i < SPECIES.loopBound(count); i += LANES) {
            FloatVector v = Memory.floats(x + 4L * i);
            Memory.store(Memory.floats(y + 4L * i).fma(FloatVector.broadcast(SPECIES, factor), v), x + 4L * i);
        }
        for (; i < count; i++) {
            float sum = Math.fma(Memory.getFloat(y + 4L * i), factor, Memory.getFloat(x + 4L * i));
            Memory.setFloat(x + 4L * i, sum);
        }
    }

    static void addBias(long x, float[] bias) {
        int i = 0;
        for (; i < SPECIES.loopBound(bias.length); i += LANES) {
            Memory.store(Memory.floats(x + 4L * i).add(FloatVector.fromArray(SPECIES, bias, i)), x + 4L * i);
        }
        for (; i < bias.length; i++) {
            Memory.setFloat(x + 4L * i, Memory.getFloat(x + 4L * i) + bias[i]);
        }
    }
}
